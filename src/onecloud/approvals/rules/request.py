"""What a chain may ask of people: how it names them, and the limits. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from onecloud.approvals.model import COMMENT_MOST, DUE_DAYS_MOST, PEOPLE_MOST, RUNTIME_USER, ApprovalRequest
from onecloud.kernel.errors import Invalid, Problem

_PARTS: Final = re.compile(r"[,;\n]")


def names_in(people: str | Sequence[str]) -> tuple[str, ...]:
    """The emails in a list or in a comma-separated text, each once, in order; `Runtime User` may stand among them."""
    texts = [people] if isinstance(people, str) else people
    names = [part.strip() for text in texts for part in _PARTS.split(text)]
    seen: dict[str, str] = {}
    for name in names:
        if name:
            seen.setdefault(name.casefold(), name)
    return tuple(seen.values())


def is_runtime_user(name: str) -> bool:
    """Whether a name among people stands for whoever started the run."""
    return name.strip().casefold() == RUNTIME_USER.casefold()


def check_request(request: ApprovalRequest) -> None:
    """Accept what a chain asks, as far as it can be told without looking people up.

    Raises: Invalid `approval.request` with every problem.
    """
    problems = count_problems(request.approvers, "approvers")
    if len(request.requesters) > PEOPLE_MOST:
        problems += [too_many("requesters", len(request.requesters))]
    if request.type == "single" and len(request.approvers) > 1:
        problems.append(
            Problem(
                "approvers",
                f"The type single takes one approver, and there are {len(request.approvers)}.",
                "Name one, or choose the type sequential or flat.",
            )
        )
    problems += due_problems(request.due)
    if problems:
        raise Invalid(
            "approval.request",
            f"The approval cannot be asked for: {problems[0].sentence()}",
            problems=tuple(problems),
        )


def count_problems(people: Sequence[str], where: str) -> list[Problem]:
    """What is wrong with the number of people who are to be asked."""
    if not people:
        return [Problem(where, "Nobody is named.", f"Name at least one user by email, or {RUNTIME_USER}.")]
    return [too_many(where, len(people))] if len(people) > PEOPLE_MOST else []


def too_many(where: str, count: int) -> Problem:
    """The problem of more people than one question may have."""
    return Problem(where, f"{count} people are named.", f"Name at most {PEOPLE_MOST}.")


def due_problems(due: timedelta) -> list[Problem]:
    """What is wrong with a time to answer."""
    if timedelta(0) < due <= timedelta(days=DUE_DAYS_MOST):
        return []
    return [
        Problem(
            "due_days",
            f"The time to answer is {due / timedelta(days=1):g} days.",
            f"Give more than 0 and at most {DUE_DAYS_MOST} days.",
        )
    ]


def check_comment(comment: str) -> None:
    """Accept what somebody says beside their answer.

    Raises: Invalid `answer.comment`, naming the limit.
    """
    fault = None
    if len(comment) > COMMENT_MOST:
        fault = Problem("comment", f"The comment has {len(comment)} characters.", f"Use at most {COMMENT_MOST}.")
    elif "\x00" in comment:
        fault = Problem("comment", "The comment has a NUL character.", "Remove it.")
    if fault is not None:
        raise Invalid("answer.comment", fault.sentence(), problems=(fault,))
