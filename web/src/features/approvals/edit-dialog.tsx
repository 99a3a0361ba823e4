import { Button, Checkbox, Group, Modal, NumberInput, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { editApproval } from "../../api/generated/approvals";
import type { ApprovalOut } from "../../api/generated/model/approvalOut";
import { ErrorPanel } from "../../ui/error-panel";
import { useAction } from "../../ui/use-action";
import { emailsIn, skippable } from "./looks";
import { approvalQuery } from "./queries";

type Props = { approval: ApprovalOut; onClose: () => void };

/** Skips and adds approvers and changes the time to answer; answers that were given stay. */
export function EditDialog({ approval, onClose }: Props) {
  const [skip, setSkip] = useState<number[]>([]);
  const [add, setAdd] = useState("");
  const [days, setDays] = useState<number | string>("");
  const queryClient = useQueryClient();
  const save = useAction(async () => {
    const due_days = typeof days === "number" ? days : null;
    const edited = await editApproval(approval.id, { skip, add: emailsIn(add), due_days });
    queryClient.setQueryData(approvalQuery(approval.id).queryKey, edited);
    onClose();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  const nothing = skip.length === 0 && add.trim() === "" && days === "";
  const open = skippable(approval.approvers);
  return (
    <Modal opened onClose={onClose} title="Change who is asked" centered closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Checkbox.Group
            label="Skip"
            description="They are not asked any more. Answers that were given stay."
            value={skip.map(String)}
            onChange={(chosen) => setSkip(chosen.map(Number))}
          >
            <Stack gap={8} mt={8}>
              {open.map((approver) => (
                <Checkbox key={approver.number} value={String(approver.number)} label={approver.name} />
              ))}
            </Stack>
          </Checkbox.Group>
          <TextInput
            label="Add"
            description="Emails of users; they are asked after the others."
            placeholder="name@example.com"
            value={add}
            onChange={(event) => setAdd(event.currentTarget.value)}
          />
          <NumberInput
            label="New time to answer, in days"
            description={`Counts from now. Empty: it stays (${approval.due_days} days for each new approver).`}
            min={0}
            max={400}
            allowNegative={false}
            value={days}
            onChange={setDays}
          />
          {save.error ? <ErrorPanel error={save.error} title="Nothing was changed" /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.pending} disabled={nothing}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
