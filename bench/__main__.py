"""`python -m bench [NAME …]`: print figures with their goals, and the machine they were measured on.

Without a name: every figure of the main job. Names: main_job, schedules, lists, iterations, approvals, retention.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from typing import Final

NAMES: Final = ("main_job", "schedules", "lists", "iterations", "approvals", "retention")


def load() -> str:
    """What else is going on: the average number of processes that wanted to run, over 1, 5 and 15 minutes."""
    return ", ".join(f"{value:.1f}" for value in os.getloadavg())


def main(names: list[str]) -> int:
    """Print a table for each name; a ratio over 1 is better than the goal."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    for name in names or NAMES[:1]:
        print(f"{name}: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
        print(f"load before: {load()}\n\n{'figure':46}{'reached':>20}{'goal':>14}{'ratio':>8}", flush=True)
        for figure in importlib.import_module(f"bench.{name}").figures():
            print(f"{figure.name:46}{figure.reached:>20}{figure.goal:>14}{figure.ratio:>8.2f}", flush=True)
        print(f"\nload after: {load()}\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
