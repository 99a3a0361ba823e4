import { IconChecklist, IconHistory, IconKey, IconLayoutGrid, IconShieldCheck, IconUsers } from "@tabler/icons-react";
import { Link, type LinkProps, useRouterState } from "@tanstack/react-router";
import type { ComponentType } from "react";
import classes from "./shell.module.css";

type Place = {
  to: LinkProps["to"];
  text: string;
  icon: ComponentType<{ size: number; "aria-hidden": "true" }>;
  exact?: boolean;
  /** Pages that lie below this place without lying below its address. */
  within?: RegExp;
};

const BUILD: Place[] = [
  { to: "/", text: "Workspaces", icon: IconLayoutGrid, exact: true, within: /^\/(environments|chains|runs)\// },
  { to: "/approvals", text: "Approvals", icon: IconChecklist, within: /^\/uploads\// },
];
const ADMIN: Place[] = [
  { to: "/admin", text: "Admin", icon: IconShieldCheck, exact: true },
  { to: "/admin/api", text: "API", icon: IconKey },
  { to: "/admin/users", text: "Users", icon: IconUsers },
  { to: "/admin/login-activity", text: "Login activity", icon: IconHistory },
];

function Places({ title, places }: { title: string; places: Place[] }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <>
      <p className={classes.group}>{title}</p>
      <ul className={classes.places}>
        {places.map(({ to, text, icon: Icon, exact, within }) => (
          <li key={text}>
            <Link
              to={to}
              className={classes.place}
              activeOptions={{ exact: exact ?? false }}
              data-within={within?.test(path) || undefined}
            >
              <Icon size={18} aria-hidden="true" />
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

export function Navigation({ isAdmin }: { isAdmin: boolean }) {
  return (
    <nav aria-label="Main" className={classes.navigation}>
      <Places title="Build" places={BUILD} />
      {isAdmin ? <Places title="Administration" places={ADMIN} /> : null}
    </nav>
  );
}
