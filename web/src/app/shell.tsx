import { Burger, Drawer } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, useRouterState } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import type { SessionOut } from "../api/generated/model/sessionOut";
import { LogoMark } from "../ui/logo";
import { Navigation } from "./navigation";
import classes from "./shell.module.css";
import { useFocusOnArrival } from "./use-focus-on-arrival";
import { UserMenu } from "./user-menu";

function Brand() {
  return (
    <Link to="/" className={classes.brand} aria-label="OneCloud, home">
      <LogoMark />
      <span>OneCloud</span>
    </Link>
  );
}

/** The frame around every page of a signed-in person. */
export function Shell({ session, children }: { session: SessionOut; children: ReactNode }) {
  const [opened, menu] = useDisclosure(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useFocusOnArrival();
  // biome-ignore lint/correctness/useExhaustiveDependencies: arriving on another page closes the menu
  useEffect(() => menu.close(), [path]);
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <nav className={classes.top} aria-label="Top bar">
        <Brand />
        <Burger opened={opened} onClick={menu.toggle} size="sm" aria-label="Open navigation" />
      </nav>
      <aside className={classes.side} aria-label="Sidebar">
        <Brand />
        <Navigation isAdmin={session.user.is_admin} />
        <UserMenu session={session} />
      </aside>
      <Drawer
        opened={opened}
        onClose={menu.close}
        title="Navigation"
        size={280}
        closeButtonProps={{ "aria-label": "Close navigation" }}
      >
        <div className={classes.drawer}>
          <Navigation isAdmin={session.user.is_admin} />
          <UserMenu session={session} />
        </div>
      </Drawer>
      <main id="content" className={classes.main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
