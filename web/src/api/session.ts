import { queryOptions } from "@tanstack/react-query";
import { listenToAnswers, rememberCsrfToken } from "./client";
import { getSession } from "./generated/access";
import type { SessionOut } from "./generated/model/sessionOut";
import type { ApiError } from "./problem";

/** The signed-in person's session: one place that knows whether there is one, and notices its end. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async () => adopt(await getSession()),
  staleTime: 60_000,
  retry: false,
});

let current: SessionOut | null = null;
let onEnd: () => void = () => {};
let idleTimer: ReturnType<typeof setTimeout> | undefined;

/** Takes over the answer of sign-in, set-up or `getSession`. */
export function adopt(session: SessionOut): SessionOut {
  current = session;
  rememberCsrfToken(session.csrf_token);
  restartIdleTimer();
  return session;
}

/** Forgets the session without telling the server. */
export function forget(): void {
  current = null;
  rememberCsrfToken("");
  clearTimeout(idleTimer);
}

/** `listener` is called once when a session that was alive turns out to have ended. */
export function listenToSessionEnd(listener: () => void): void {
  onEnd = listener;
  listenToAnswers(notice);
}

function notice(error: ApiError | null): void {
  if (current === null) return;
  if (error === null) {
    restartIdleTimer();
  } else if (error.status === 401) {
    forget();
    onEnd();
  }
}

// The server ends an idle session by its own clock. Asking once just after that moment takes a page
// that someone left open off the screen; asking earlier would itself count as activity.
function restartIdleTimer(): void {
  clearTimeout(idleTimer);
  if (current === null) return;
  const wait_ms = current.idle_minutes * 60_000 + 5_000;
  idleTimer = setTimeout(() => void getSession().catch(() => undefined), Math.min(wait_ms, 2_000_000_000));
}
