import { useEffect, useRef, useState } from "react";
import type { Graph } from "../../../api/generated/model/graph";
import { arrange } from "./arrange";
import { type Layout, layoutKey } from "./layout";

/** The cards' places; null until they are known. Arranged anew only when the graph's shape changes. */
export function useLayout(graph: Graph): Layout | null {
  const [layout, setLayout] = useState<Layout | null>(null);
  const latest = useRef(graph);
  latest.current = graph;
  const key = layoutKey(graph);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the graph's shape
  useEffect(() => {
    let wanted = true;
    void arrange(latest.current).then((found) => {
      if (wanted) setLayout(found);
    });
    return () => {
      wanted = false;
    };
  }, [key]);
  return layout;
}
