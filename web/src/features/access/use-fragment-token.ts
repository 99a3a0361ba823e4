import { useEffect, useState } from "react";

const tokenInAddress = (): string => new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "";

/**
 * The one-time token of a link such as "/reset#token=…". It is in the fragment so that no server log sees it, and it
 * leaves the address bar at once so that it stays out of the history. Another link in the same tab gives another token.
 */
export function useFragmentToken(): string {
  const [token, setToken] = useState(tokenInAddress);
  useEffect(() => {
    const take = () => {
      if (window.location.hash === "") return;
      setToken(tokenInAddress());
      window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    };
    take();
    window.addEventListener("hashchange", take);
    return () => window.removeEventListener("hashchange", take);
  }, []);
  return token;
}
