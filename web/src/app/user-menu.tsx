import { Menu, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconDevices, IconLogout, IconMoon, IconSelector, IconSun } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { signOut, signOutEverywhere } from "../api/generated/access";
import type { SessionOut } from "../api/generated/model/sessionOut";
import { forget } from "../api/session";
import { personName } from "../lib/text";
import classes from "./shell.module.css";

const SCHEMES = [
  { value: "auto", text: "Like the system", icon: IconDeviceDesktop },
  { value: "light", text: "Light", icon: IconSun },
  { value: "dark", text: "Dark", icon: IconMoon },
] as const;

/** Who is signed in, the colour scheme, and the ways out. */
export function UserMenu({ session }: { session: SessionOut }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const leave = async (end: () => Promise<void>) => {
    try {
      await end();
    } finally {
      forget();
      queryClient.clear();
      await navigate({ to: "/sign-in" });
    }
  };
  const name = personName(session.user);
  return (
    <Menu position="top-start" width={232} shadow="md" withinPortal={false}>
      <Menu.Target>
        <button type="button" className={classes.user}>
          <span className="visually-hidden">Account menu: </span>
          <span className={classes.initial} aria-hidden="true">
            {name.slice(0, 1).toUpperCase()}
          </span>
          <span className={classes.who}>
            <span>{name}</span>
            {name === session.user.email ? null : <small>{session.user.email}</small>}
          </span>
          <IconSelector size={16} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Colours</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as typeof colorScheme)}>
          {SCHEMES.map(({ value, text, icon: Icon }) => (
            <Menu.RadioItem key={value} value={value} rightSection={<Icon size={16} aria-hidden="true" />}>
              {text}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden="true" />} onClick={() => void leave(signOut)}>
          Sign out
        </Menu.Item>
        <Menu.Item
          leftSection={<IconDevices size={16} aria-hidden="true" />}
          onClick={() => void leave(signOutEverywhere)}
        >
          Sign out everywhere
        </Menu.Item>
        <Menu.Label>Version {session.server_version}</Menu.Label>
      </Menu.Dropdown>
    </Menu>
  );
}
