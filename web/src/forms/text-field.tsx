import { TextInput } from "@mantine/core";
import type { FieldProps } from "./field";

export function TextField({ input, label, value, error, onChange }: FieldProps) {
  return (
    <TextInput
      name={input.name}
      label={label}
      description={input.description || undefined}
      withAsterisk={input.required}
      value={String(value)}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
    />
  );
}
