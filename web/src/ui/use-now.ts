import { useEffect, useState } from "react";

/** The present moment, renewed every `every_ms`; standing still while `every_ms` is null. */
export function useNow(every_ms: number | null): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (every_ms === null) return;
    setNow(new Date());
    const timer = setInterval(() => setNow(new Date()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}
