"""What the routes of the retention read and answer; the command line prints the same."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from onecloud.retention.actions import Shown
from onecloud.retention.model import By, Pass, PassState, Policy, Removed


class RetentionSettings(BaseModel):
    """How long things are kept, by age in days and by number; null sets no limit."""

    run_days: int | None = Field(description="Days after its end that a run is kept, with its logs and files.")
    runs_per_chain: int | None = Field(description="How many runs of each chain are kept, the newest.")
    activity_days: int | None = Field(description="Days that recorded changes are kept.")
    activity_most: int | None = Field(description="How many recorded changes are kept, the newest.")
    login_days: int | None = Field(description="Days that attempts to sign in are kept.")
    login_most: int | None = Field(description="How many attempts to sign in are kept, the newest.")


class RetentionChange(BaseModel):
    """The settings to change; those left out stay as they are, null sets no limit."""

    model_config = ConfigDict(extra="forbid")

    run_days: int | None = Field(default=None, description="1 to 36500.")
    runs_per_chain: int | None = Field(default=None, description="1 to 1000000000.")
    activity_days: int | None = Field(default=None, description="1 to 36500.")
    activity_most: int | None = Field(default=None, description="100 to 1000000000.")
    login_days: int | None = Field(default=None, description="1 to 36500.")
    login_most: int | None = Field(default=None, description="100 to 1000000000.")


class RemovedOut(BaseModel):
    """What was removed. `kept_runs` are old enough, but other runs need their results or files."""

    runs: int
    results: int
    kept_runs: int
    files: int
    bytes: int
    activity: int
    logins: int


class RetentionPassOut(BaseModel):
    """One pass; while it is `running`, `removed` grows and `ended_at` is null."""

    by: By
    state: PassState
    started_at: datetime
    ended_at: datetime | None
    took_seconds: float | None
    why: str
    removed: RemovedOut


class RetentionOut(BaseModel):
    """The settings in force, those of an installation that changed none, and the newest pass."""

    settings: RetentionSettings
    defaults: RetentionSettings
    changed_at: datetime | None
    changed_by_name: str
    last_pass: RetentionPassOut | None


def settings_out(policy: Policy) -> RetentionSettings:
    """The settings of a policy."""
    return RetentionSettings(**asdict(policy))


def removed_out(removed: Removed) -> RemovedOut:
    """Counts as they are shown."""
    return RemovedOut(**asdict(removed))


def _pass_out(one: Pass) -> RetentionPassOut:
    took = None if one.ended_at is None else (one.ended_at - one.started_at).total_seconds()
    return RetentionPassOut(
        by=one.by,
        state=one.state,
        started_at=one.started_at,
        ended_at=one.ended_at,
        took_seconds=took,
        why=one.why,
        removed=removed_out(one.removed),
    )


def retention_out(shown: Shown) -> RetentionOut:
    """All that is shown of the retention."""
    return RetentionOut(
        settings=settings_out(shown.held.policy),
        defaults=settings_out(Policy()),
        changed_at=shown.held.changed_at,
        changed_by_name=shown.held.changed_by_name,
        last_pass=None if shown.last_pass is None else _pass_out(shown.last_pass),
    )
