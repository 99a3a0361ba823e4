import type { ReactNode } from "react";
import classes from "./data-table.module.css";

export type Column<T> = { title: string; hidden?: boolean; cell: (item: T) => ReactNode };

type Props<T> = { label: string; columns: Column<T>[]; items: T[]; keyOf: (item: T) => string };

/** A table that turns into labelled cards on a narrow screen. `hidden` keeps a column's title for screen readers only. */
export function DataTable<T>({ label, columns, items, keyOf }: Props<T>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} aria-label={`${label}, table`} tabIndex={0}>
      {/* The roles are said again because `display: block` on a narrow screen takes a table's own away. */}
      {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
      <table className={classes.table} role="table" aria-label={label}>
        <thead>
          {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
          <tr role="row">
            {columns.map((column) => (
              <th key={column.title} scope="col">
                {column.hidden ? <span className="visually-hidden">{column.title}</span> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            // biome-ignore lint/a11y/noRedundantRoles: see above
            <tr key={keyOf(item)} role="row">
              {columns.map((column) => (
                // biome-ignore lint/a11y/noRedundantRoles: see above
                <td key={column.title} role="cell" data-label={column.hidden ? undefined : column.title}>
                  <div>{column.cell(item)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
