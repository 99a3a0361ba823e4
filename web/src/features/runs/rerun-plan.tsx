import type { RerunPlanOut } from "../../api/generated/model/rerunPlanOut";
import { lookOf } from "../../lib/states";
import { passesText } from "./rerun";
import classes from "./runs.module.css";

type Props = { plan: RerunPlanOut; nameOf: (key: string) => string };

/** What a re-run will do: what begins, what may run, and what is taken over. */
export function RerunPlan({ plan, nameOf }: Props) {
  const passes = passesText(plan);
  return (
    <div className={classes.plan}>
      <section aria-label="What will run">
        <h3>Runs in version {plan.version}</h3>
        <ul>
          <li>
            <strong>{nameOf(plan.begins)}</strong> begins
          </li>
          {plan.may_run.map((key) => (
            <li key={key}>{nameOf(key)}, as the links decide</li>
          ))}
        </ul>
      </section>
      <section aria-label="What is taken over">
        <h3>Taken over without running</h3>
        {plan.reused.length + plan.reused_inside.length === 0 && passes === "" ? <p>Nothing: it is all run.</p> : null}
        <ul>
          {plan.reused.map((one) => (
            <li key={one.node}>
              {nameOf(one.node)} ({lookOf(one.state).label.toLowerCase()})
              {one.changed ? <em> – it is written differently in version {plan.version}</em> : null}
            </li>
          ))}
          {plan.reused_inside.map((key) => (
            <li key={key}>{nameOf(key)}, in this pass</li>
          ))}
        </ul>
        {passes ? <p>{passes}</p> : null}
      </section>
    </div>
  );
}
