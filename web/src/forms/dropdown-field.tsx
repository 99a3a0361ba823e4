import { NativeSelect } from "@mantine/core";
import type { FieldProps } from "./field";

export function DropdownField({ input, label, value, error, onChange }: FieldProps) {
  return (
    <NativeSelect
      name={input.name}
      label={label}
      description={input.description || undefined}
      withAsterisk={input.required}
      data={[{ value: "", label: input.required ? "Choose…" : "None" }, ...input.options]}
      value={String(value)}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
