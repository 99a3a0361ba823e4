import type { GraphNode } from "../../api/generated/model/graphNode";
import type { NodeRunOut } from "../../api/generated/model/nodeRunOut";
import { Length } from "../../ui/moment";
import { Panel } from "../../ui/panel";
import { StateBadge } from "../../ui/state-badge";
import { CommandIcon } from "./graph/command-icon";
import classes from "./runs.module.css";

type Props = {
  nodes: readonly NodeRunOut[];
  graphNodes: readonly GraphNode[];
  selected: string | null;
  onChoose: (key: string) => void;
};

/** Every node of a run as a list: what the graph shows, in words and for the keyboard. */
export function NodeList({ nodes, graphNodes, selected, onChoose }: Props) {
  const commands = new Map(graphNodes.map((node) => [node.id, node]));
  return (
    <Panel title="Nodes" flush>
      <ul className={classes.nodes}>
        {nodes.map((node) => {
          const attempts = node.results.length;
          return (
            <li key={node.id}>
              <button
                type="button"
                className={classes.node}
                aria-pressed={node.key === selected}
                onClick={() => onChoose(node.key)}
              >
                <span className={classes.sign}>
                  <CommandIcon command={commands.get(node.node_id)?.command ?? ""} />
                </span>
                <span className={classes.words}>
                  <strong>{node.name}</strong>
                  <small>
                    {commands.get(node.node_id)?.command_title ?? node.key}
                    {attempts > 1 ? ` · ${attempts} results` : ""}
                  </small>
                </span>
                <span className={classes.took}>
                  <Length from={node.started_at} to={node.ended_at} />
                </span>
                <StateBadge state={node.state} />
              </button>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
