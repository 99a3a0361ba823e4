import type { ComponentType } from "react";
import type { RuntimeInputOut } from "../api/generated/model/runtimeInputOut";
import { BooleanField } from "./boolean-field";
import { DateField } from "./date-field";
import { DropdownField } from "./dropdown-field";
import type { FieldProps } from "./field";
import { NumberField } from "./number-field";
import { TextField } from "./text-field";
import { type FieldValue, type FormErrors, type FormValues, labelOf } from "./values";

const FIELDS: Record<RuntimeInputOut["type"], ComponentType<FieldProps>> = {
  text: TextField,
  number: NumberField,
  boolean: BooleanField,
  date: DateField,
  dropdown: DropdownField,
  file: TextField, // the name of a file of the workspace
};

type Props = {
  inputs: RuntimeInputOut[];
  values: FormValues;
  errors: FormErrors;
  onChange: (name: string, value: FieldValue) => void;
};

/** One field for each runtime input, by its type. */
export function RuntimeFields({ inputs, values, errors, onChange }: Props) {
  return inputs.map((input) => {
    const Field = FIELDS[input.type] ?? TextField;
    return (
      <Field
        key={input.id}
        input={input}
        label={labelOf(input)}
        value={values[input.name] ?? ""}
        error={errors[input.name]}
        onChange={(value) => onChange(input.name, value)}
      />
    );
  });
}
