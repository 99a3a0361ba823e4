import { useEffect, useState } from "react";

const tokenInAddress = (): string => decodeURIComponent(window.location.hash.slice(1));

/**
 * The token of a link such as "/approve#oc_ap_…". It is in the fragment so that no server log sees it, and it leaves
 * the address bar at once so that it stays out of the history. Another link in the same tab gives another token.
 */
export function useLinkToken(): string {
  const [token, setToken] = useState(tokenInAddress);
  useEffect(() => {
    const take = () => {
      if (window.location.hash === "") return;
      setToken(tokenInAddress());
      window.history.replaceState(window.history.state, "", window.location.pathname);
    };
    take();
    window.addEventListener("hashchange", take);
    return () => window.removeEventListener("hashchange", take);
  }, []);
  return token;
}
