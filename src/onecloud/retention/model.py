"""How long things are kept, and what a pass of the retention did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias

DEFAULT_DAYS: Final = 90
MOST_DAYS: Final = 36_500
MOST_ROWS: Final = 1_000_000_000

By: TypeAlias = Literal["server", "command line"]
PassState: TypeAlias = Literal["running", "done", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class Policy:
    """How long a company keeps things: by age in days, and by number; None sets no limit.

    Runs are counted from their end, and by number for each chain. Source: product facts 12 (a stated default).
    """

    run_days: int | None = DEFAULT_DAYS
    runs_per_chain: int | None = None
    activity_days: int | None = DEFAULT_DAYS
    activity_most: int | None = None
    login_days: int | None = DEFAULT_DAYS
    login_most: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The policy in force, and who changed it last and when (None: never; an empty name: the command line)."""

    policy: Policy
    changed_at: datetime | None
    changed_by_name: str


@dataclass(slots=True)
class Removed:
    """What was removed, or would be: rows, files and their bytes. `kept_runs` are old, but others need them."""

    runs: int = 0
    results: int = 0
    kept_runs: int = 0
    files: int = 0
    bytes: int = 0
    activity: int = 0
    logins: int = 0


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass over everything. `running` is what it says until it ends; a killed one ends as `interrupted`."""

    id: int
    by: By
    state: PassState
    started_at: datetime
    ended_at: datetime | None
    why: str = ""
    removed: Removed = field(default_factory=Removed)
