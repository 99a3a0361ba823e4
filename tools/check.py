"""Runs the project's checks one after another and prints each one's name and time.

`all` is what CI runs. Every check runs even when an earlier one failed; pytest comes last, so that its summary closes
the output. Nothing is left out because a part is missing: a missing part is a failure.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# Two at a time, whole files together: a file's tests share their PostgreSQL server and their browser.
PARALLEL = ("-n", "2", "--dist", "loadfile")


@dataclass(frozen=True, slots=True)
class Check:
    """One program to run, by the name that is printed."""

    name: str
    command: tuple[str, ...]


def tool(name: str, *arguments: str) -> tuple[str, ...]:
    """A program of this environment."""
    return (str(BIN / name), *arguments)


def web(*arguments: str) -> tuple[str, ...]:
    """An npm command in `web/`, on the packaged Node."""
    return tool("python", "hatch_build.py", *arguments)


LINT = (
    Check("ruff", tool("ruff", "check", "--quiet", ".")),
    Check("formatting", tool("ruff", "format", "--check", "--quiet", ".")),
    Check("import contracts", tool("lint-imports", "--no-logo")),
)
TYPES = (Check("types", tool("basedpyright")),)
FRONT = (Check("front end", web("run", "check")),)
TESTS = (Check("tests", tool("pytest", "-q", *PARALLEL)),)
# What needs no database, no other process and no browser: the rules, the commands and the shape of the house.
QUICK = (
    Check(
        "tests without database, processes and browser",
        tool("pytest", "-q", *PARALLEL, "-m", "not slow and not database", "--hypothesis-profile", "quick"),
    ),
)
SETS = {
    "all": (*LINT, *TYPES, *FRONT, *TESTS),
    "quick": (*LINT, *QUICK),
    "lint": LINT,
    "types": TYPES,
}


def passes(check: Check) -> bool:
    """Run one check, showing what it says."""
    print(
        f"\n=== {check.name}: {' '.join(Path(part).name if part.startswith('/') else part for part in check.command)}",
        flush=True,
    )
    began = time.monotonic()
    done = subprocess.run(check.command, cwd=ROOT, check=False)
    verdict = "passed" if done.returncode == 0 else f"FAILED with exit code {done.returncode}"
    print(f"=== {check.name} {verdict} in {time.monotonic() - began:.1f} s", flush=True)
    return done.returncode == 0


def main(arguments: list[str]) -> None:
    """Run the named set.

    Raises: SystemExit with the failed checks' names.
    """
    checks = SETS[arguments[0]]
    failed = [check.name for check in checks if not passes(check)]
    if failed:
        sys.exit(f"\nFAILED: {', '.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
