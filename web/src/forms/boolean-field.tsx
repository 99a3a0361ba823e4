import { Switch } from "@mantine/core";
import type { FieldProps } from "./field";

export function BooleanField({ input, label, value, error, onChange }: FieldProps) {
  return (
    <Switch
      name={input.name}
      label={label}
      description={input.description || undefined}
      checked={value === true}
      error={error}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
