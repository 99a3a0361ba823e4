import { useEffect, useState } from "react";

/**
 * A secret for the eyes only: in this component's memory and nowhere else. It is gone when the component leaves the
 * page, and also when the page itself goes, because a browser may keep a left page alive and bring it back whole.
 */
export function useShownOnce<T>(): [T | null, (value: T | null) => void] {
  const [value, setValue] = useState<T | null>(null);
  useEffect(() => {
    const forget = () => setValue(null);
    window.addEventListener("pagehide", forget);
    return () => window.removeEventListener("pagehide", forget);
  }, []);
  return [value, setValue];
}
