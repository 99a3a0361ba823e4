import { useQueryClient } from "@tanstack/react-query";
import { changeUser } from "../../api/generated/access";
import type { PersonChange } from "../../api/generated/model/personChange";
import type { PersonOut } from "../../api/generated/model/personOut";
import { personName } from "../../lib/text";
import { ConfirmDialog } from "../../ui/confirm-dialog";
import { usersQuery } from "./queries";
import type { UserChange } from "./user-actions";

type Words = { title: (name: string) => string; confirm: string; text: string; change: PersonChange; danger: boolean };

const WORDS: Record<UserChange, Words> = {
  disable: {
    title: (name) => `Disable ${name}?`,
    confirm: "Disable",
    text: "All sessions and API tokens of this person end at once and stay dead, even if the account is enabled again.",
    change: { disabled: true },
    danger: true,
  },
  enable: {
    title: (name) => `Enable ${name}?`,
    confirm: "Enable",
    text: "This person can sign in again with the same password.",
    change: { disabled: false },
    danger: false,
  },
  "make-admin": {
    title: (name) => `Make ${name} an administrator?`,
    confirm: "Make administrator",
    text: "Administrators manage users, may enable API access for themselves and see everything.",
    change: { is_admin: true },
    danger: false,
  },
  "remove-admin": {
    title: (name) => `Remove the administrator right of ${name}?`,
    confirm: "Remove right",
    text: "All sessions and API tokens of this person end at once. API access needs the administrator right.",
    change: { is_admin: false },
    danger: true,
  },
};

type Props = { person: PersonOut; act: UserChange; onClose: () => void };

export function UserChangeDialog({ person, act, onClose }: Props) {
  const queryClient = useQueryClient();
  const words = WORDS[act];
  const change = async () => {
    await changeUser(person.id, words.change);
    await queryClient.invalidateQueries({ queryKey: usersQuery.queryKey });
  };
  return (
    <ConfirmDialog
      opened
      title={words.title(personName(person))}
      confirm={words.confirm}
      danger={words.danger}
      onConfirm={change}
      onClose={onClose}
    >
      {words.text}
    </ConfirmDialog>
  );
}
