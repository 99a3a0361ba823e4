import { Link } from "@tanstack/react-router";
import classes from "./approvals.module.css";

/** The two views of the page Approvals. */
export function Views({ all }: { all: boolean }) {
  return (
    <nav className={classes.views} aria-label="Approvals">
      <Link to="/approvals" search={{}} aria-current={all ? undefined : "page"} activeOptions={{ exact: true }}>
        Waiting for you
      </Link>
      <Link to="/approvals" search={{ view: "all" }} aria-current={all ? "page" : undefined}>
        All
      </Link>
    </nav>
  );
}
