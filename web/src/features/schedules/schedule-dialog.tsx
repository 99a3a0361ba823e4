import { Button, Checkbox, Group, Modal, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { ChainOut } from "../../api/generated/model/chainOut";
import type { ProblemOut } from "../../api/generated/model/problemOut";
import { RuntimeFields } from "../../forms/runtime-fields";
import { initialValues, payloadOf, serverErrors } from "../../forms/values";
import { ErrorPanel } from "../../ui/error-panel";
import { Panel } from "../../ui/panel";
import { useAction } from "../../ui/use-action";
import { useZone } from "../../ui/zone";
import { addSchedule } from "./change-schedules";
import { Preview, usePreview } from "./preview";
import { draftQuery, schedulesQuery } from "./queries";
import { RecurrenceFields } from "./recurrence-fields";
import classes from "./schedules.module.css";
import { emptyForm, type Form, faultsOf, specOf } from "./spec";

type Props = { chain: ChainOut; onClose: () => void };

const ZONES = [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone")])];

/** Writes a schedule into the chain, with the next times shown as it is written. */
export function ScheduleDialog({ chain, onClose }: Props) {
  const here = useZone() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [form, setForm] = useState<Form>(() => emptyForm(ZONES.includes(here) ? here : "UTC"));
  const [inputs, setInputs] = useState(() => initialValues(chain.runtime_inputs));
  const [wanted, setWanted] = useState<boolean | null>(null);
  const [problems, setProblems] = useState<ProblemOut[]>([]);
  const refused = faultsOf(problems);
  const queryClient = useQueryClient();
  const preview = usePreview(form, chain.environment_id);
  const draft = useQuery(draftQuery(chain.id));
  const others = draft.data?.unpublished_changes ?? true;
  const publish = wanted ?? !others;
  const errors = { ...preview.fields, ...refused.fields };
  const save = useAction(async () => {
    const found = await addSchedule(chain.id, specOf(form, payloadOf(chain.runtime_inputs, inputs)), publish);
    setProblems(found);
    await queryClient.invalidateQueries(draftQuery(chain.id));
    if (found.length > 0) return;
    await queryClient.invalidateQueries(schedulesQuery(chain.id));
    await queryClient.invalidateQueries({ queryKey: ["chain", chain.id] });
    onClose();
  });
  const change = (part: Partial<Form>) => {
    setForm({ ...form, ...part });
    setProblems([]);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  return (
    <Modal opened onClose={onClose} title="Add a schedule" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit}>
        <Stack>
          <div className={classes.row}>
            <TextInput
              label="Name"
              required
              data-autofocus
              value={form.name}
              error={errors.name}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
            <NativeSelect
              label="Time zone"
              data={ZONES}
              value={form.zone}
              error={errors.zone}
              onChange={(event) => change({ zone: event.currentTarget.value })}
            />
          </div>
          <RecurrenceFields form={form} errors={errors} onChange={change} />
          <RuntimeFields
            inputs={chain.runtime_inputs}
            values={inputs}
            errors={serverErrors(chain.runtime_inputs, problems)}
            onChange={(name, value) => {
              setInputs({ ...inputs, [name]: value });
              setProblems([]);
            }}
          />
          <Checkbox
            label="Run once for all times that passed while no server ran"
            checked={form.once}
            onChange={(event) => change({ once: event.currentTarget.checked })}
          />
          <Panel title="Next times" level={3}>
            <Preview preview={preview} />
          </Panel>
          <Checkbox
            label="Publish the chain now; a schedule takes effect with the publish"
            description={others ? "The draft has other changes, which would be published too." : undefined}
            checked={publish}
            onChange={(event) => setWanted(event.currentTarget.checked)}
          />
          {save.error ? <ErrorPanel error={save.error} title="The schedule was not saved" /> : null}
          {refused.rest.length > 0 ? (
            <ErrorPanel error={new Error(refused.rest.join(" "))} title="The schedule was not saved" />
          ) : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.pending} disabled={!draft.data}>
              {publish ? "Save and publish" : "Save in the draft"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
