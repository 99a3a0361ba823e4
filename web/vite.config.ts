import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.ONECLOUD_DEV_SERVER ?? "http://127.0.0.1:8000";
const proxy = Object.fromEntries(["/api", "/oauth"].map((path) => [path, { target: server, changeOrigin: false }]));

export default defineConfig({
  plugins: [tanstackRouter({ target: "react", autoCodeSplitting: true, quoteStyle: "double" }), react()],
  build: {
    outDir: "../src/onecloud/_ui",
    emptyOutDir: true,
    target: "es2023",
    // A data: URL for a small asset would need a wider content security policy.
    assetsInlineLimit: 0,
    // The layout engine runs in a worker of 1.6 MB that only the pages with a graph load.
    chunkSizeWarningLimit: 600,
  },
  server: { proxy },
  preview: { proxy },
});
