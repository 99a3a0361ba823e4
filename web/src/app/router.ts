import { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { isApiError } from "../api/problem";
import { listenToSessionEnd } from "../api/session";
import { CrashPage, MissingPage } from "../ui/fallback-pages";
import { routeTree } from "./route-tree.gen";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays a refusal; only a dead network or a failing server is worth another try.
      retry: (count, error) => count < 2 && isApiError(error) && (error.status === 0 || error.status >= 502),
    },
  },
});

export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultErrorComponent: CrashPage,
  defaultNotFoundComponent: MissingPage,
});

listenToSessionEnd(() => {
  queryClient.clear();
  void router.navigate({ to: "/sign-in", search: { next: router.state.location.href, reason: "ended" } });
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
