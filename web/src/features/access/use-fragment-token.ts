import { useEffect, useState } from "react";

/**
 * The one-time token of a link such as "/reset#token=…". It is in the fragment so that no server log sees it, and it
 * leaves the address bar at once so that it stays out of the history.
 */
export function useFragmentToken(): string {
  const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "");
  useEffect(() => {
    if (window.location.hash !== "") {
      window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    }
  }, []);
  return token;
}
