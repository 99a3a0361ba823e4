import ELK from "elkjs/lib/elk-api";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import type { Graph } from "../../../api/generated/model/graph";
import { column, type Layout, layoutOf, toElk } from "./layout";

let engine: InstanceType<typeof ELK> | undefined;

/** Lays a graph out in a worker; a plain column where no worker can be had. */
export async function arrange(graph: Graph): Promise<Layout> {
  try {
    engine ??= new ELK({ workerFactory: () => new Worker(workerUrl) });
    return layoutOf(await engine.layout(toElk(graph)));
  } catch {
    return column(graph);
  }
}
