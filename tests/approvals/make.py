"""Approvals and what happens to them, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from onecloud.approvals import rules
from onecloud.approvals.model import Approval, ApprovalType, Ask, Origin, Person
from onecloud.kernel.permission import Place

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ASK = Ask(run_id=7, key="sign", place="", attempt=1)
ORIGIN = Origin(chain=Place(1, 2, 3), chain_name="Month end", node_name="Sign off", started_by=None)


def person(number: int) -> Person:
    """One of many people."""
    return Person(number, f"p{number}@example.com", f"P{number}")


def approval(kind: ApprovalType, people: int, due: timedelta = DAY, now: datetime = NOON) -> Approval:
    """An approval that was opened at noon, with that many approvers and one requester."""
    draft = Approval(
        id=1,
        ask=ASK,
        origin=ORIGIN,
        title="Sign the report",
        details="",
        type=kind,
        due=due,
        requesters=(person(99),),
        seats=(),
        attachments=(),
        state="open",
        opened_at=now,
    )
    return rules.begun(draft, [person(number) for number in range(1, people + 1)], now)
