import { Link } from "@tanstack/react-router";
import type { RunOut } from "../../api/generated/model/runOut";
import { launchText } from "../../lib/states";
import { valueText } from "../../lib/text";
import { type Fact, Facts } from "../../ui/facts";
import { Length, Moment } from "../../ui/moment";
import { Panel } from "../../ui/panel";
import classes from "./runs.module.css";

function factsOf(run: RunOut): Fact[] {
  const facts: Fact[] = [
    { name: "Started", value: <Moment at={run.started_at ?? run.created_at} /> },
    { name: "Took", value: <Length from={run.started_at} to={run.ended_at} none="Not started" /> },
    { name: "Started by", value: run.user_name ?? "–" },
    { name: "Launched", value: launchText(run.launch_type) },
    { name: "Chain version", value: run.version },
  ];
  for (const [name, id] of [
    ["Takes over from", run.rerun_of],
    ["Started by run", run.parent_run_id],
  ] as const) {
    if (id === null) continue;
    const link = (
      <Link to="/runs/$runId" params={{ runId: id }}>
        run {id}
      </Link>
    );
    facts.push({ name, value: link });
  }
  if (run.paused_at !== null) facts.push({ name: "Paused", value: <Moment at={run.paused_at} /> });
  if (run.resumed_at !== null) facts.push({ name: "Resumed", value: <Moment at={run.resumed_at} /> });
  return facts;
}

/** The run's facts and the values it was started with. */
export function RunSummary({ run }: { run: RunOut }) {
  const inputs = Object.entries(run.inputs);
  return (
    <>
      <Panel title="This run">
        <Facts items={factsOf(run)} />
      </Panel>
      <Panel title="Inputs">
        {inputs.length === 0 ? (
          <p className={classes.quiet}>This run was started without inputs.</p>
        ) : (
          <dl className={classes.inputs}>
            {inputs.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{valueText(value) || "(empty)"}</dd>
              </div>
            ))}
          </dl>
        )}
      </Panel>
    </>
  );
}
