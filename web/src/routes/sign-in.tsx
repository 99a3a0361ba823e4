import { createFileRoute } from "@tanstack/react-router";

type Search = { next?: string; reason?: "ended" };

export const Route = createFileRoute("/sign-in")({
  validateSearch: (search: Record<string, unknown>): Search => ({
    next: typeof search.next === "string" ? search.next : undefined,
    reason: search.reason === "ended" ? "ended" : undefined,
  }),
  component: () => <h1>Sign in</h1>,
});
