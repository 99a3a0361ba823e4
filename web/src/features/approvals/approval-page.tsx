import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPencil } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { PageHeader } from "../../ui/page-header";
import { ApprovalView } from "./approval-view";
import { EditDialog } from "./edit-dialog";
import { stateLook } from "./looks";
import { Mark } from "./mark";
import { approvalQuery } from "./queries";

/** The page of one approval. */
export function ApprovalPage({ id }: { id: string }) {
  const { data: approval } = useSuspenseQuery(approvalQuery(id));
  const [editing, edit] = useDisclosure(false);
  return (
    <>
      <PageHeader
        title={approval.title}
        trail={[
          <Link key="approvals" to="/approvals">
            Approvals
          </Link>,
        ]}
        badge={<Mark look={stateLook(approval.state)} />}
        actions={
          approval.may_edit ? (
            <Button
              variant="default"
              leftSection={<IconPencil size={16} aria-hidden="true" />}
              aria-haspopup="dialog"
              onClick={edit.open}
            >
              Change who is asked
            </Button>
          ) : null
        }
      />
      <ApprovalView approval={approval} />
      {editing ? <EditDialog approval={approval} onClose={edit.close} /> : null}
    </>
  );
}
