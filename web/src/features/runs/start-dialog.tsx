import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { startRun } from "../../api/generated/runs";
import { isApiError } from "../../api/problem";
import { RuntimeFields } from "../../forms/runtime-fields";
import { errorsOf, type FieldValue, type FormErrors, initialValues, payloadOf, serverErrors } from "../../forms/values";
import { ErrorPanel } from "../../ui/error-panel";
import { useAction } from "../../ui/use-action";
import type { Runnable } from "./run-button";

type Props = { chain: Runnable; place: string; given?: Record<string, unknown>; opened: boolean; onClose: () => void };

/** Asks for the runtime inputs and starts a run; then its page opens. `given` fills the form with an earlier run's. */
export function StartDialog({ chain, place, given, opened, onClose }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Run ${chain.name}`}
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <StartForm chain={chain} place={place} given={given} onClose={onClose} />
    </Modal>
  );
}

function StartForm({ chain, place, given, onClose }: Omit<Props, "opened">) {
  const inputs = chain.runtime_inputs;
  const [values, setValues] = useState(() => initialValues(inputs, given));
  const [errors, setErrors] = useState<FormErrors>({});
  const navigate = useNavigate();
  const queryClient = useQueryClient();

  const start = useAction(async () => {
    const run = await startRun(chain.id, { inputs: payloadOf(inputs, values) });
    await queryClient.invalidateQueries({ queryKey: ["chains"] });
    onClose();
    await navigate({ to: "/runs/$runId", params: { runId: run.id } });
  });
  const change = (name: string, value: FieldValue) => {
    setValues({ ...values, [name]: value });
    setErrors({ ...errors, [name]: "" });
    start.clear();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = errorsOf(inputs, values);
    setErrors(found);
    if (Object.keys(found).length === 0) void start.run();
  };

  const refused = isApiError(start.error) ? serverErrors(inputs, start.error.problems) : {};
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm" c="dimmed">
          {inputs.length > 0 ? "The chain asks for these values." : "The chain asks for no values."}
          {place ? ` It runs in ${place}.` : ""}
        </Text>
        <RuntimeFields
          inputs={inputs}
          values={values}
          errors={{ ...refused, ...withoutEmpty(errors) }}
          onChange={change}
        />
        {start.error ? <ErrorPanel error={start.error} title="The run was not started" /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={start.pending} data-autofocus={inputs.length === 0 || undefined}>
            Run chain
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const withoutEmpty = (errors: FormErrors): FormErrors =>
  Object.fromEntries(Object.entries(errors).filter(([, message]) => message !== ""));
