import { NumberInput } from "@mantine/core";
import type { FieldProps } from "./field";

export function NumberField({ input, label, value, error, onChange }: FieldProps) {
  return (
    <NumberInput
      name={input.name}
      label={label}
      description={input.description || undefined}
      withAsterisk={input.required}
      value={typeof value === "boolean" ? "" : value}
      error={error}
      onChange={onChange}
      hideControls
    />
  );
}
