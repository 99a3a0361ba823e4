import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

/** Moves the focus to the new page's heading, so that keyboard and screen reader start where the eye does. */
export function useFocusOnArrival(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
        if (fromLocation === undefined || !pathChanged) return;
        const heading = document.querySelector<HTMLElement>("#content h1");
        heading?.focus({ preventScroll: true });
      }),
    [router],
  );
}
