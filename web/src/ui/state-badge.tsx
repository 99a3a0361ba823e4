import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleMinus,
  IconCircleX,
  IconLoader2,
  IconPlayerPause,
} from "@tabler/icons-react";
import { type AnyState, lookOf, type Tone } from "../lib/states";
import classes from "./state-badge.module.css";

const ICONS = {
  neutral: IconCircleDashed,
  busy: IconLoader2,
  held: IconPlayerPause,
  bad: IconCircleX,
  warn: IconAlertTriangle,
  good: IconCircleCheck,
  muted: IconCircleMinus,
} satisfies Record<Tone, unknown>;

/** The icon alone; whoever uses it says the state in words beside it. */
export function StateIcon({ state, size = 16 }: { state: AnyState; size?: number }) {
  const { tone } = lookOf(state);
  const Icon = ICONS[tone];
  return <Icon className={classes.icon} data-tone={tone} size={size} stroke={2} aria-hidden="true" />;
}

/** A state by icon, word and colour, so that no one of them has to carry it alone. */
export function StateBadge({ state }: { state: AnyState }) {
  const { label, tone } = lookOf(state);
  return (
    <span className={classes.badge} data-tone={tone}>
      <StateIcon state={state} size={14} />
      {label}
    </span>
  );
}
