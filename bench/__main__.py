"""`python -m bench`: print every figure of the main job with its goal, and the machine it was measured on."""

from __future__ import annotations

import os
import platform

from bench.main_job import figures


def main() -> None:
    """Print a table; a ratio over 1 is better than the goal."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load before: {load}\n")
    print(f"{'figure':34}{'reached':>14}{'goal':>14}{'ratio':>8}")
    for figure in figures():
        print(f"{figure.name:34}{figure.reached:>14}{figure.goal:>14}{figure.ratio:>8.2f}", flush=True)


if __name__ == "__main__":
    main()
