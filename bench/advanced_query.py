"""A large CSV through Advanced Query: wall time and peak memory of a process that runs the real command.

    python bench/advanced_query.py [--size-mb 1024] [--memory-mb 1024]

Each query runs in a process of its own, so that its peak resident memory is its own. The files lie in a folder of
the system's temporary files, which is deleted at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from onecloud.connector.testing import FakeContext, run_command
from onecloud.connectors.tabular import advanced_query

QUERIES = {
    "group by": """SELECT region, product, count(*) AS orders, sum(CAST(amount AS DECIMAL(18,2))) AS total
                   FROM orders GROUP BY ALL ORDER BY ALL""",
    "filter half": "SELECT * FROM orders WHERE CAST(quantity AS INTEGER) > 50",
    "copy all": "SELECT * FROM orders",
    "sort all": "SELECT * FROM orders ORDER BY CAST(amount AS DECIMAL(18,2)), id",
    "group by, types detected": "SELECT region, sum(amount) AS total FROM orders GROUP BY region ORDER BY region",
}
REGIONS = ("North", "South", "East", "West", "Über-see, far", 'The "Middle"')


def make_csv(path: Path, size_bytes: int) -> int:
    """Write orders until the file has the size; gives the number of rows."""
    chance = random.Random(1)
    block: list[str] = []
    for _ in range(50_000):
        region = chance.choice(REGIONS)
        quoted = '"' + region.replace('"', '""') + '"' if "," in region or '"' in region else region
        amount = f"{chance.randrange(1_000_000) / 100:.2f}"
        block.append(
            f"{quoted},P{chance.randrange(5000):04},{chance.randrange(100)},{amount},"
            f"2024-{chance.randrange(12) + 1:02}-{chance.randrange(28) + 1:02},{chance.randbytes(24).hex()}"
        )
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("id,region,product,quantity,amount,ordered_on,note\n")
        while file.tell() < size_bytes:
            file.write("".join(f"{rows + number:012},{line}\n" for number, line in enumerate(block)))
            rows += len(block)
    return rows


async def run_one(name: str, folder: Path, memory_mb: int) -> None:
    """Run one query in this process and print what it took as JSON."""
    ctx = FakeContext(folder, memory_limit_bytes=memory_mb << 20)
    table = {"name": "orders", "file": "orders.csv", "column_types": "detect" if "detected" in name else "text"}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    ended = await run_command(advanced_query.COMMAND, ctx, {"tables": [table], "sql": QUERIES[name]})
    seconds = time.perf_counter() - begun
    if ended.means != "success":
        raise SystemExit(ended.message)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = ended.outputs.result_file.size_bytes
    print(json.dumps({"s": seconds, "rows": ended.outputs.row_count, "out": result, "before": before, "peak": peak}))


def main() -> None:
    """Make the file, run every query, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size-mb", type=int, default=1024)
    parser.add_argument("--memory-mb", type=int, default=1024, help="the command's memory limit")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        asyncio.run(run_one(asked.one, asked.folder, asked.memory_mb))
        return
    with tempfile.TemporaryDirectory(prefix="onecloud-bench-") as folder:
        files = Path(folder, "files")
        files.mkdir()
        rows = make_csv(files / "orders.csv", asked.size_mb << 20)
        size = (files / "orders.csv").stat().st_size
        print(f"{size / 1e6:.0f} MB, {rows} rows, memory limit {asked.memory_mb} MB, {os.cpu_count()} cores")
        print(f"{'query':26} {'seconds':>8} {'rows':>9} {'result MB':>9} {'peak RSS MB':>11} {'of it at start':>14}")
        for name in QUERIES:
            command = [sys.executable, __file__, "--one", name, "--folder", folder, "--memory-mb", str(asked.memory_mb)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            told = json.loads(done.stdout)
            print(
                f"{name:26} {told['s']:8.1f} {told['rows']:9} {told['out'] / 1e6:9.0f} "
                f"{told['peak'] / 1024:11.0f} {told['before'] / 1024:14.0f}"
            )
            for stored in Path(folder, "store").iterdir():
                stored.unlink()


if __name__ == "__main__":
    main()
