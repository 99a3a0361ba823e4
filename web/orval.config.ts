import { defineConfig } from "orval";

/** `onecloud openapi > web/openapi.json`, then `npm run api`. The UI speaks v2 only, whatever else the document holds. */
export default defineConfig({
  onecloud: {
    input: {
      target: "./openapi.json",
      override: {
        transformer: (document) => ({
          ...document,
          paths: Object.fromEntries(
            Object.entries(document.paths ?? {}).filter(([path]) => path.startsWith("/api/v2/")),
          ),
        }),
      },
    },
    output: {
      target: "./src/api/generated",
      schemas: "./src/api/generated/model",
      mode: "tags",
      client: "fetch",
      clean: true,
      indexFiles: false,
      override: {
        mutator: { path: "./src/api/client.ts", name: "request" },
        fetch: { includeHttpResponseReturnType: false },
      },
    },
  },
});
