import type { RuntimeInputOut } from "../api/generated/model/runtimeInputOut";
import type { FieldValue } from "./values";

/** What every field kind receives. */
export type FieldProps = {
  input: RuntimeInputOut;
  label: string;
  value: FieldValue;
  error: string | undefined;
  onChange: (value: FieldValue) => void;
};
