import { useEffect, useRef } from "react";

/** Moves the focus to the new page's heading, so that keyboard and screen reader start where the eye does. */
export function useFocusOnArrival(path: string): void {
  const left = useRef(path);
  useEffect(() => {
    if (left.current === path) return;
    left.current = path;
    const main = document.getElementById("content");
    const arrive = (): boolean => {
      const heading = main?.querySelector("h1");
      heading?.focus({ preventScroll: true });
      return heading !== null && heading !== undefined;
    };
    if (arrive() || !main) return;
    // The heading comes with the page's data: wait for it, but not for ever.
    const observer = new MutationObserver(() => arrive() && observer.disconnect());
    observer.observe(main, { childList: true, subtree: true });
    const timer = setTimeout(() => observer.disconnect(), 5000);
    return () => {
      observer.disconnect();
      clearTimeout(timer);
    };
  }, [path]);
}
