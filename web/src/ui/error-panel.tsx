import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { isApiError } from "../api/problem";
import classes from "./error-panel.module.css";

type Props = { error: unknown; title?: string; onRetry?: () => void };

/** A refusal in full: the sentence, each problem with its mend, and the request id to quote. */
export function ErrorPanel({ error, title, onRetry }: Props) {
  const problems = isApiError(error) ? error.problems : [];
  const detail = error instanceof Error ? error.message : "Something went wrong.";
  return (
    <div className={classes.panel} role="alert">
      <IconAlertTriangle className={classes.icon} size={20} aria-hidden="true" />
      <div className={classes.text}>
        {title ? <strong>{title}</strong> : null}
        <p>{detail}</p>
        {problems.length > 0 ? (
          <ul>
            {problems.map((problem) => (
              <li key={`${problem.where} ${problem.message}`}>
                {problem.where ? <code>{problem.where}</code> : null} {problem.message}{" "}
                {problem.mend ? <em>{problem.mend}</em> : null}
              </li>
            ))}
          </ul>
        ) : null}
        {isApiError(error) && error.requestId ? <small>Request id {error.requestId}</small> : null}
        {onRetry ? (
          <Button className={classes.retry} size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        ) : null}
      </div>
    </div>
  );
}
