"""The decisions about approvals, in values; callers take them from here."""

from __future__ import annotations

from onecloud.approvals.rules.course import answer, begun, cancelled, check_answerable, edit, escalate
from onecloud.approvals.rules.looking import (
    answers,
    is_turn_of,
    listed,
    moment,
    newly_asked,
    next_due,
    outcome,
    own_seat,
    seat_numbered,
    seat_of,
    takes_part,
)
from onecloud.approvals.rules.request import (
    check_comment,
    check_request,
    count_problems,
    due_problems,
    is_runtime_user,
    names_in,
)

__all__ = [
    "answer",
    "answers",
    "begun",
    "cancelled",
    "check_answerable",
    "check_comment",
    "check_request",
    "count_problems",
    "due_problems",
    "edit",
    "escalate",
    "is_runtime_user",
    "is_turn_of",
    "listed",
    "moment",
    "names_in",
    "newly_asked",
    "next_due",
    "outcome",
    "own_seat",
    "seat_numbered",
    "seat_of",
    "takes_part",
]
