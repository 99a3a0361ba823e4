import { IconHistory, IconKey, IconUsers } from "@tabler/icons-react";
import { createFileRoute, Link } from "@tanstack/react-router";
import { PageHeader } from "../../../ui/page-header";
import classes from "../../admin-cards.module.css";

export const Route = createFileRoute("/_app/admin/")({ component: AdminPage });

const CARDS = [
  { to: "/admin/api", title: "API", icon: IconKey, text: "Enable API access, set how long tokens live, revoke them." },
  {
    to: "/admin/users",
    title: "Users",
    icon: IconUsers,
    text: "Disable accounts, give the administrator right, make reset links.",
  },
  {
    to: "/admin/login-activity",
    title: "Login activity",
    icon: IconHistory,
    text: "Who signed in, from where, and who was refused.",
  },
] as const;

function AdminPage() {
  return (
    <>
      <PageHeader title="Admin" />
      <ul className={classes.cards}>
        {CARDS.map(({ to, title, icon: Icon, text }) => (
          <li key={to}>
            <Link to={to} className={classes.card}>
              <span className={classes.icon}>
                <Icon size={22} aria-hidden="true" />
              </span>
              <span>
                <strong>{title}</strong>
                <span className={classes.text}>{text}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
