import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { PersonOut } from "../../api/generated/model/personOut";
import { personName } from "../../lib/text";
import { type Column, DataTable } from "../../ui/data-table";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadMore } from "../../ui/load-more";
import { LoadingRows } from "../../ui/loading";
import { Moment } from "../../ui/moment";
import { Panel } from "../../ui/panel";
import classes from "./access.module.css";
import { usersQuery } from "./queries";
import { ResetLinkDialog } from "./reset-link-dialog";
import { type UserAct, UserActions } from "./user-actions";
import { UserChangeDialog } from "./user-change-dialog";

function Standing({ person }: { person: PersonOut }) {
  if (person.disabled) {
    return (
      <span className={classes.mark} data-tone="bad">
        Disabled
      </span>
    );
  }
  if (person.locked) {
    return (
      <span className={classes.mark} data-tone="bad">
        Locked
      </span>
    );
  }
  return (
    <span className={classes.mark} data-tone="good">
      Active
    </span>
  );
}

/** Everyone who has an account, and what an administrator may do about each. */
export function UserList({ myId }: { myId: string }) {
  const query = useInfiniteQuery(usersQuery);
  const [doing, setDoing] = useState<{ person: PersonOut; act: UserAct } | null>(null);
  if (query.isPending) return <LoadingRows />;
  if (query.isError) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  const columns: Column<PersonOut>[] = [
    {
      title: "Name",
      cell: (person) => (
        <div className={classes.person}>
          <strong>
            {personName(person)}
            {person.id === myId ? " (you)" : ""}
          </strong>
          {personName(person) === person.email ? null : <small>{person.email}</small>}
        </div>
      ),
    },
    {
      title: "Right",
      cell: (person) =>
        person.is_admin ? (
          <span className={classes.mark} data-tone="busy">
            Administrator
          </span>
        ) : (
          "User"
        ),
    },
    { title: "Standing", cell: (person) => <Standing person={person} /> },
    { title: "Last sign-in", cell: (person) => <Moment at={person.last_sign_in_at} none="Never" /> },
    { title: "Created", cell: (person) => <Moment at={person.created_at} /> },
    {
      title: "Actions",
      hidden: true,
      cell: (person) => <UserActions person={person} onAct={(act) => setDoing({ person, act })} />,
    },
  ];
  const close = () => setDoing(null);
  return (
    <Panel flush>
      <DataTable
        label="Users"
        columns={columns}
        items={query.data.pages.flatMap((page) => page.items)}
        keyOf={(person) => person.id}
      />
      <LoadMore query={query} />
      {doing?.act === "reset-link" ? <ResetLinkDialog person={doing.person} onClose={close} /> : null}
      {doing && doing.act !== "reset-link" ? (
        <UserChangeDialog person={doing.person} act={doing.act} onClose={close} />
      ) : null}
    </Panel>
  );
}
