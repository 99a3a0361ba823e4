import { TextInput } from "@mantine/core";
import type { FieldProps } from "./field";

/** A calendar day as "2026-11-24", by the browser's own date picker. */
export function DateField({ input, label, value, error, onChange }: FieldProps) {
  return (
    <TextInput
      type="date"
      name={input.name}
      label={label}
      description={input.description || undefined}
      withAsterisk={input.required}
      value={String(value)}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
