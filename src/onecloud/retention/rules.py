"""What may be removed, decided in values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Final

from onecloud.kernel.errors import Invalid, Problem
from onecloud.retention.model import MOST_DAYS, MOST_ROWS, Policy
from onecloud.runs.records import Kin

# Least and most of each setting. A day keeps mails that are still tried again, and what a person reads right now.
BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "run_days": (1, MOST_DAYS),
    "runs_per_chain": (1, MOST_ROWS),
    "activity_days": (1, MOST_DAYS),
    "activity_most": (100, MOST_ROWS),
    "login_days": (1, MOST_DAYS),
    "login_most": (100, MOST_ROWS),
}
LEAST_PAUSE_S: Final = 0.02
SHARE: Final = 9  # parts of the time that are left to everybody else, for one part of removing


def changed(policy: Policy, changes: Mapping[str, int | None]) -> Policy:
    """The policy with these settings changed.

    Raises: Invalid with one problem for each setting that is unknown or out of its bounds.
    """
    problems: list[Problem] = []
    for name, value in changes.items():
        if name not in BOUNDS:
            problems.append(Problem(name, "There is no such setting.", f"There are {', '.join(BOUNDS)}."))
            continue
        least, most = BOUNDS[name]
        if value is not None and not least <= value <= most:
            problems.append(
                Problem(name, f"It is {value}.", f"Give {least} to {most}, or null (`none`) for no limit at all.")
            )
    if problems:
        raise Invalid("retention.invalid", problems[0].sentence(), problems=tuple(problems))
    return replace(policy, **changes)


def differences(before: Policy, after: Policy) -> dict[str, list[int | None]]:
    """What a change changed: before and after, by setting."""
    old, new = asdict(before), asdict(after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}


def cutoff(days: int | None, now: datetime) -> datetime | None:
    """The moment before which things are too old; None when nothing is."""
    return None if days is None else now - timedelta(days=days)


def may_go(
    family: Collection[Kin], before: datetime | None, last_of_chain: Mapping[int, int | None], needed: Collection[int]
) -> bool:
    """Whether a run may be removed with all that it started.

    `family` is the whole tree of a run that no other started: their files refer to each other, so they go together.
    Each must have ended, and be too old (`before`) or not among its chain's newest (`last_of_chain`: the id of the
    first that is one too many). `needed` are runs that others outside the family take results or values from.
    """
    return all(
        one.ended_at is not None
        and one.id not in needed
        and (
            (before is not None and one.ended_at < before)
            or ((last := last_of_chain.get(one.chain_id)) is not None and one.id <= last)
        )
        for one in family
    )


def breath(took_s: float) -> float:
    """Seconds to leave to everybody else after a transaction that took so long, waiting for its turn included."""
    return max(LEAST_PAUSE_S, SHARE * took_s)
