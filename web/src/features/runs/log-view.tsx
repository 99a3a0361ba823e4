import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconDownload, IconSearch } from "@tabler/icons-react";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { getGetResultLogUrl } from "../../api/generated/runs";
import { bytes } from "../../lib/sizes";
import { ErrorPanel } from "../../ui/error-panel";
import classes from "./log.module.css";
import { LogBlock } from "./log-block";
import { blocks, matches, shown } from "./log-lines";
import { useLog } from "./use-log";

type Props = { resultId: string; size: number; name: string };

/** A result's log: it follows the end while it grows, can be searched and downloaded. */
export function LogView({ resultId, size, name }: Props) {
  const log = useLog(resultId, size);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const word = useDeferredValue(typed);
  const box = useRef<HTMLElement>(null);
  const following = useRef(true);

  const lines = useMemo(() => shown(log.text), [log.text]);
  const found = useMemo(() => matches(lines, word), [lines, word]);
  const current = found.length > 0 ? found[Math.min(chosen, found.length - 1)] : undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines move the end
  useEffect(() => {
    if (following.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  useEffect(() => {
    if (current === undefined) return;
    following.current = false;
    box.current?.querySelector(`[data-line="${current}"]`)?.scrollIntoView({ block: "nearest" });
  }, [current]);

  const step = (by: number) => setChosen((at) => (at + by + found.length) % Math.max(1, found.length));
  const scrolled = () => {
    const element = box.current;
    if (element) following.current = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
  };
  const hidden = log.skippedBytes > 0 || log.text.dropped > 0;
  return (
    <div className={classes.log}>
      <div className={classes.tools}>
        <TextInput
          className={classes.search}
          size="xs"
          aria-label="Search the log"
          placeholder="Search the log"
          leftSection={<IconSearch size={14} aria-hidden="true" />}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={(event) => event.key === "Enter" && step(event.shiftKey ? -1 : 1)}
        />
        <span className={classes.count} role="status">
          {word.trim() === ""
            ? ""
            : found.length === 0
              ? "No match"
              : `${Math.min(chosen, found.length - 1) + 1} of ${found.length}`}
        </span>
        {found.length > 1 ? (
          <>
            <ActionIcon variant="default" aria-label="Previous match" onClick={() => step(-1)}>
              <IconChevronUp size={16} aria-hidden="true" />
            </ActionIcon>
            <ActionIcon variant="default" aria-label="Next match" onClick={() => step(1)}>
              <IconChevronDown size={16} aria-hidden="true" />
            </ActionIcon>
          </>
        ) : null}
        <Button
          component="a"
          size="xs"
          variant="default"
          href={getGetResultLogUrl(resultId)}
          download={`${name}-${resultId}.log`}
          leftSection={<IconDownload size={14} aria-hidden="true" />}
        >
          Download log
        </Button>
      </div>
      {hidden ? (
        <p className={classes.note}>Only the end is shown. The download has all of it ({bytes(size)}).</p>
      ) : null}
      {log.error ? <ErrorPanel error={log.error} title="The log could not be read" /> : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section ref={box} className={classes.box} aria-label={`Log of ${name}`} tabIndex={0} onScroll={scrolled}>
        {lines.length === 0 ? (
          <p className={classes.empty}>{log.loading ? "Reading the log…" : "Nothing has been written to this log."}</p>
        ) : (
          blocks(lines).map((block) => (
            <LogBlock key={block.from} from={block.from} lines={block.lines} word={word} current={current} />
          ))
        )}
      </section>
    </div>
  );
}
