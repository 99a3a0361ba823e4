import { Skeleton } from "@mantine/core";

/** Grey rows in the shape of a list while it loads. */
export function LoadingRows({ rows = 3, height = 64 }: { rows?: number; height?: number }) {
  return (
    <div role="status">
      <span className="visually-hidden">Loading…</span>
      {Array.from({ length: rows }, (_, row) => row).map((row) => (
        <Skeleton key={row} height={height} mb={10} radius="md" />
      ))}
    </div>
  );
}
