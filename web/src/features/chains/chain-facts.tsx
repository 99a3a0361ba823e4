import type { ChainOut } from "../../api/generated/model/chainOut";
import { Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { Panel } from "../../ui/panel";

export function ChainFacts({ chain }: { chain: ChainOut }) {
  const published = chain.published;
  const inputs = chain.runtime_inputs.map((input) => input.name).join(", ");
  return (
    <Panel>
      <Facts
        items={[
          { name: "Published version", value: published ? published.version : "Not published" },
          { name: "Published", value: <Moment at={published?.published_at ?? null} none="Never" /> },
          { name: "Runtime inputs", value: inputs || "None" },
          { name: "Concurrent runs", value: chain.allow_concurrent_runs ? "Allowed" : "Not allowed" },
          { name: "Execution", value: chain.disabled ? "Switched off" : "Switched on" },
        ]}
      />
    </Panel>
  );
}
