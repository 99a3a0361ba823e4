import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { PersonOut } from "../../api/generated/model/personOut";
import { personName } from "../../lib/text";

export type UserChange = "disable" | "enable" | "make-admin" | "remove-admin";
export type UserAct = UserChange | "reset-link";

type Props = { person: PersonOut; onAct: (act: UserAct) => void };

export function UserActions({ person, onAct }: Props) {
  return (
    <Menu position="bottom-end" shadow="md" portalProps={{ target: "#content" }}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${personName(person)}`}>
          <IconDots size={18} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onAct("reset-link")}>Create reset link</Menu.Item>
        {person.is_admin ? (
          <Menu.Item onClick={() => onAct("remove-admin")}>Remove administrator right</Menu.Item>
        ) : (
          <Menu.Item onClick={() => onAct("make-admin")}>Make administrator</Menu.Item>
        )}
        {person.disabled ? (
          <Menu.Item onClick={() => onAct("enable")}>Enable</Menu.Item>
        ) : (
          <Menu.Item c="var(--oc-bad)" onClick={() => onAct("disable")}>
            Disable
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
