import { NumberInput } from "@mantine/core";
import { daysProblem } from "./days";

type Props = { value: number | string; max: number; onChange: (value: number | string) => void };

/** The access token's life in days. */
export function DaysField({ value, max, onChange }: Props) {
  return (
    <NumberInput
      label="Access token life in days"
      description={`1 to ${max}. The refresh token lives on until it is used or revoked.`}
      value={value}
      min={1}
      max={max}
      allowDecimal={false}
      allowNegative={false}
      clampBehavior="none"
      hideControls
      error={daysProblem(value, max)}
      onChange={onChange}
    />
  );
}
