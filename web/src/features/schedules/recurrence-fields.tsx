import { Checkbox, Group, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import classes from "./schedules.module.css";
import { type Form, KINDS, type Kind, WEEKDAYS } from "./spec";

type Props = { form: Form; errors: Record<string, string>; onChange: (part: Partial<Form>) => void };

/** How often a schedule fires: units with their times and days, or a cron text. */
export function RecurrenceFields({ form, errors, onChange }: Props) {
  const { kind } = form;
  const inDay = kind === "minute" || kind === "hour";
  const text = (field: "at" | "stop_at" | "days_of_month" | "cron" | "start_on" | "end_on") => ({
    value: form[field],
    error: errors[field],
    onChange: (event: { currentTarget: HTMLInputElement }) => onChange({ [field]: event.currentTarget.value }),
  });
  return (
    <>
      <div className={classes.row}>
        <NativeSelect
          label="Repeats every"
          data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          value={kind}
          onChange={(event) => onChange({ kind: event.currentTarget.value as Kind })}
        />
        {kind === "cron" ? (
          <TextInput label="Cron text" description="Five fields, such as 0 9 * * MON-FRI" required {...text("cron")} />
        ) : (
          <NumberInput
            label={`How many ${KINDS[kind].toLowerCase()}`}
            min={1}
            max={10_000}
            value={form.interval}
            error={errors.interval}
            onChange={(value) => onChange({ interval: typeof value === "number" ? value : 1 })}
          />
        )}
      </div>
      {kind === "cron" ? null : (
        <div className={classes.row}>
          <TextInput label={inDay ? "From" : "At"} type="time" {...text("at")} />
          {inDay ? <TextInput label="To (empty: day and night)" type="time" {...text("stop_at")} /> : null}
        </div>
      )}
      {kind === "month" ? (
        <TextInput label="Days of the month" description="Such as 1, 15, last" {...text("days_of_month")} />
      ) : null}
      {kind === "cron" || kind === "month" ? null : (
        <Checkbox.Group
          label={kind === "week" ? "On these days" : "Only on these days (none: on all)"}
          value={form.days_of_week}
          error={errors.days_of_week}
          onChange={(days_of_week) => onChange({ days_of_week })}
        >
          <Group gap="sm" mt={6}>
            {WEEKDAYS.map((day) => (
              <Checkbox key={day} value={day} label={`${day[0]?.toUpperCase()}${day.slice(1, 3)}`} aria-label={day} />
            ))}
          </Group>
        </Checkbox.Group>
      )}
      <div className={classes.row}>
        <TextInput label="First day" type="date" {...text("start_on")} />
        <TextInput label="Last day" type="date" {...text("end_on")} />
      </div>
    </>
  );
}
