"""The use cases of approvals, one file per theme; callers import them from here."""

from __future__ import annotations

from onecloud.approvals.actions.answering import answer, answer_by_link, edit, escalate, look_by_link
from onecloud.approvals.actions.asking import cancel_ask, cancel_for_run, open_approval
from onecloud.approvals.actions.finding import attachment, get_approval, list_approvals, may_edit

__all__ = [
    "answer",
    "answer_by_link",
    "attachment",
    "cancel_ask",
    "cancel_for_run",
    "edit",
    "escalate",
    "get_approval",
    "list_approvals",
    "look_by_link",
    "may_edit",
    "open_approval",
]
