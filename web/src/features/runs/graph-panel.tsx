import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { Graph } from "../../api/generated/model/graph";
import type { NodeRunOut } from "../../api/generated/model/nodeRunOut";
import { Panel } from "../../ui/panel";
import classes from "./runs.module.css";

const Canvas = lazy(() => import("./graph/canvas"));

type Props = {
  graph: Graph;
  title: string;
  runs?: readonly NodeRunOut[];
  selected?: string | null;
  onChoose?: (key: string) => void;
};

/** The graph in its panel; its program is fetched only now. */
export function GraphPanel({ title, ...canvas }: Props) {
  return (
    <Panel title={title} flush>
      <div className={classes.graph}>
        <Suspense fallback={<Skeleton height={240} radius={0} />}>
          <Canvas {...canvas} />
        </Suspense>
      </div>
    </Panel>
  );
}
