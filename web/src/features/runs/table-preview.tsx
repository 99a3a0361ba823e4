import { useMemo } from "react";
import { csvTable } from "../../lib/csv";
import { counted } from "../../lib/text";
import classes from "./outputs.module.css";

type Props = { name: string; text: string; whole: boolean };

/** The first rows of a delimited file. */
export function TablePreview({ name, text, whole }: Props) {
  const table = useMemo(() => csvTable(text, whole), [text, whole]);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.sheet} aria-label={`Preview of ${name}`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {table.header.map((title, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns may share a title
                <th key={column} scope="col">
                  {title || <span className="visually-hidden">Column {column + 1}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name
              <tr key={index}>
                {row.map((cell, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells have no other name
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className={classes.note}>
        {counted(table.rows.length, "row")}
        {whole ? "" : " from the beginning of the file"}
      </p>
    </>
  );
}
