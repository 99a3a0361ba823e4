/** The text of a log as lines, kept within bounds, and searched. Pure. */
export type LogText = { lines: readonly string[]; partial: string; dropped: number };

export const EMPTY_LOG: LogText = { lines: [], partial: "", dropped: 0 };

/** More lines than this make the page slow; the download has them all. */
export const MAX_LINES = 20_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours begin with the escape character
const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** Adds text as it arrived; its last line may still be open. Only the newest `MAX_LINES` stay. */
export function append(log: LogText, text: string): LogText {
  if (text === "") return log;
  const pieces = (log.partial + text).replace(ESCAPES, "").split(/\r\n|\n/);
  const partial = pieces.pop() ?? "";
  const lines = [...log.lines, ...pieces];
  const excess = Math.max(0, lines.length - MAX_LINES);
  return { lines: excess > 0 ? lines.slice(excess) : lines, partial, dropped: log.dropped + excess };
}

/** Every line to show, the open one included. */
export const shown = (log: LogText): readonly string[] =>
  log.partial === "" ? log.lines : [...log.lines, log.partial];

/** The indexes of the lines that contain `word`, in any case. */
export function matches(lines: readonly string[], word: string): number[] {
  const wanted = word.trim().toLowerCase();
  if (wanted === "") return [];
  return lines.flatMap((line, index) => (line.toLowerCase().includes(wanted) ? [index] : []));
}

/** The pieces of a line in turn: outside, inside, outside … of what matches `word`. */
export function pieces(line: string, word: string): string[] {
  const wanted = word.trim();
  if (wanted === "") return [line];
  const escaped = wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return line.split(new RegExp(`(${escaped})`, "gi"));
}

/** Lines in blocks, so that the browser can leave out what is off screen. */
export function blocks(lines: readonly string[], size = 200): { from: number; lines: readonly string[] }[] {
  return Array.from({ length: Math.ceil(lines.length / size) }, (_, block) => ({
    from: block * size,
    lines: lines.slice(block * size, (block + 1) * size),
  }));
}
