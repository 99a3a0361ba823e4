/** The first lines of a delimited file as a table. A preview, not a parser: it never fails and never reads on. */
export type Table = { header: string[]; rows: string[][] };

const DELIMITERS = [",", ";", "\t", "|"] as const;

/** The delimiter that splits the first line into most fields. Quoted parts do not count. */
export function guessDelimiter(text: string): string {
  const first = (text.split(/\r?\n/, 1)[0] ?? "").replace(/"(?:[^"]|"")*"/g, "");
  let best = ",";
  let most = 0;
  for (const candidate of DELIMITERS) {
    const count = first.split(candidate).length - 1;
    if (count > most) [best, most] = [candidate, count];
  }
  return best;
}

/**
 * Splits RFC 4180 text into records: quotes, doubled quotes and line ends within quotes are understood.
 * `complete` false means that `text` was cut off: its last, perhaps torn, record is left out.
 */
export function csvRecords(text: string, delimiter: string, complete: boolean): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = "";
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (quoted) {
      if (sign !== '"') field += sign;
      else if (text[at + 1] === '"') {
        field += '"';
        at++;
      } else quoted = false;
    } else if (sign === '"' && field === "") quoted = true;
    else if (sign === delimiter) {
      record.push(field);
      field = "";
    } else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && text[at + 1] === "\n") at++;
      records.push([...record, field]);
      record = [];
      field = "";
    } else field += sign;
  }
  if (complete && (field !== "" || record.length > 0)) records.push([...record, field]);
  return records;
}

/** The table to show, at most `limit` rows, short rows padded to the header's width. */
export function csvTable(text: string, complete: boolean, limit = 50): Table {
  const clean = text.replace(/^\uFEFF/, "");
  const records = csvRecords(clean, guessDelimiter(clean), complete).filter((record) => record.join("") !== "");
  const [header = [], ...rows] = records;
  const width = Math.max(header.length, ...rows.map((row) => row.length));
  const pad = (row: string[]): string[] => [...row, ...Array<string>(width - row.length).fill("")];
  return { header: pad(header), rows: rows.slice(0, limit).map(pad) };
}
