import { defineConfig } from "orval";

/** `onecloud openapi > web/openapi.json`, then `npm run api`. */
export default defineConfig({
  onecloud: {
    input: {
      target: "./openapi.json",
      override: {
        // The UI speaks v2 only, whatever else the document holds.
        transformer: (document) => {
          const kept = Object.entries(document.paths ?? {}).filter(([path]) => path.startsWith("/api/v2/"));
          const paths = Object.fromEntries(kept);
          const schemas = { ...reachable(paths, document.components?.schemas ?? {}), ...ANY_JSON };
          return { ...document, paths, components: { ...document.components, schemas } };
        },
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

/** A schema without any word becomes `{}` in TypeScript, which leaves null out. */
const ANY_TYPE: ("object" | "array" | "string" | "number" | "boolean" | "null")[] = [
  "object",
  "array",
  "string",
  "number",
  "boolean",
  "null",
];
const ANY_JSON = { JsonValue: { type: ANY_TYPE } };

/** The schemas that `root` refers to, directly or through others. */
function reachable<T>(root: unknown, schemas: Record<string, T>): Record<string, T> {
  const found: Record<string, T> = {};
  const visit = (part: unknown) => {
    for (const [, name = ""] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      const schema = schemas[name];
      if (schema === undefined || name in found) continue;
      found[name] = schema;
      visit(schema);
    }
  };
  visit(root);
  return found;
}
