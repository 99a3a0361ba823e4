import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { isApiError } from "../../api/problem";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadingRows } from "../../ui/loading";
import { previewQuery } from "./queries";
import classes from "./schedules.module.css";
import { type Form, faultsOf, isWhole, specOf } from "./spec";
import { Times } from "./times";

const PAUSE_MS = 400;

/** What the schedule of the form would do; asked when the person has paused. */
export function usePreview(form: Form, environmentId: string) {
  const [settled] = useDebouncedValue(form, PAUSE_MS);
  const query = useQuery({ ...previewQuery(specOf(settled), environmentId), enabled: isWhole(settled) });
  const faults = isApiError(query.error) ? faultsOf(query.error.problems) : { fields: {}, rest: [] };
  return { query, fields: faults.fields, settled };
}

type Props = { preview: ReturnType<typeof usePreview> };

/** The next times, or why there are none. */
export function Preview({ preview: { query, fields, settled } }: Props) {
  if (!isWhole(settled)) return <p className={classes.quiet}>Fill in how often, and the next times stand here.</p>;
  if (query.isPending) return <LoadingRows />;
  if (query.isError) {
    const atFields = Object.keys(fields).length > 0;
    return atFields ? <p className={classes.quiet}>Mend the marked fields.</p> : <ErrorPanel error={query.error} />;
  }
  const { items, ends, calendar_problem: problem } = query.data;
  return (
    <>
      {problem ? <p className={classes.quiet}>{problem}</p> : null}
      {items.length === 0 ? (
        <p className={classes.quiet}>It never fires.</p>
      ) : (
        <Times label="Next times" items={items} />
      )}
      {ends && items.length > 0 ? <p className={classes.quiet}>No time comes after these.</p> : null}
    </>
  );
}
