import { useCallback, useState } from "react";

type Action<A extends unknown[]> = {
  run: (...args: A) => Promise<void>;
  pending: boolean;
  error: unknown;
  clear: () => void;
};

/**
 * One button's work: pending while it runs, its error afterwards. Nothing that passes through is kept, so passwords
 * and tokens never land in a cache (which is why this is not a mutation of TanStack Query).
 */
export function useAction<A extends unknown[]>(work: (...args: A) => Promise<void>): Action<A> {
  const [state, setState] = useState<{ pending: boolean; error: unknown }>({ pending: false, error: null });
  const run = async (...args: A): Promise<void> => {
    setState({ pending: true, error: null });
    try {
      await work(...args);
      setState({ pending: false, error: null });
    } catch (error) {
      setState({ pending: false, error });
    }
  };
  const clear = useCallback(() => setState({ pending: false, error: null }), []);
  return { run, clear, ...state };
}
