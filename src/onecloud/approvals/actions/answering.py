"""What people and time do to an approval: answer, edit, look and answer by a link, escalate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import actions as access
from onecloud.approvals import links, rules, store
from onecloud.approvals.actions.change import change, record
from onecloud.approvals.actions.finding import get_approval, missing, require_editor
from onecloud.approvals.actions.people import named
from onecloud.approvals.model import Approval, Edit, Person, Seat, Verdict, Way
from onecloud.approvals.port import Settled
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Invalid
from onecloud.kernel.jsonvalue import JsonObject
from onecloud.kernel.principal import Principal


async def answer(
    db: AsyncSession,
    ground: Ground,
    settled: Settled,
    caller: Principal,
    approval_id: int,
    verdict: Verdict,
    comment: str,
) -> Approval:
    """Accept or reject, as an approver whose answer is waited for.

    Raises: NotFound; Forbidden for somebody who is not asked; Conflict when it is too late, too early or done; Invalid
    for the comment.
    """
    before = await get_approval(db, caller, approval_id, lock=True)
    seat = rules.own_seat(before, caller.user_id)
    way: Way = "web" if caller.via == "session" else "api"
    return await _answer(db, ground, settled, caller, before, seat, verdict, comment, way)


async def edit(
    db: AsyncSession,
    ground: Ground,
    settled: Settled,
    caller: Principal,
    approval_id: int,
    *,
    skip: Sequence[int],
    add: Sequence[str],
    due: timedelta | None,
) -> Approval:
    """Skip or add approvers, or change the time to answer, while the approval is open. Answers stay.

    Raises: NotFound; Forbidden; Conflict when it is settled or nobody would be left; Invalid with every problem.
    Source: product facts 2.12.
    """
    before = await get_approval(db, caller, approval_id, lock=True)
    require_editor(caller, before)
    people, problems = await named(db, add, before.origin.started_by, "add")
    if problems:
        raise Invalid("approval.people", problems[0].sentence(), problems=tuple(problems))
    after = rules.edit(before, Edit(tuple(dict.fromkeys(skip)), people, due), await database_now(db))
    await record(db, "approval.edit", caller, after, _edited(before, people, skip, due))
    await change(db, ground, settled, before, after)
    return after


def _edited(before: Approval, people: Sequence[Person], skip: Sequence[int], due: timedelta | None) -> JsonObject:
    return {
        "skipped": [seat.person.email for seat in before.seats if seat.number in skip],
        "added": [person.email for person in people],
        "due_days": None if due is None else due / timedelta(days=1),
    }


async def look_by_link(db: AsyncSession, ground: Ground, token: str) -> tuple[Approval, Seat]:
    """What a link asks, while its answer is waited for; nothing changes by looking.

    Raises: Invalid for a link that is not ours; Conflict that says why there is nothing to answer.
    """
    approval, seat, _ = await _by_link(db, ground, token, lock=False)
    return approval, seat


async def answer_by_link(
    db: AsyncSession, ground: Ground, settled: Settled, token: str, verdict: Verdict, comment: str
) -> Approval:
    """Accept or reject by a link, in the name of the person whom it was mailed to.

    Raises: Invalid for a link that is not ours, or the comment; Conflict that says why there is nothing to answer.
    """
    before, seat, owner = await _by_link(db, ground, token, lock=True)
    return await _answer(db, ground, settled, owner, before, seat, verdict, comment, "mail")


async def _by_link(db: AsyncSession, ground: Ground, token: str, *, lock: bool) -> tuple[Approval, Seat, Principal]:
    approval_id, number, signature = links.read(token)
    approval = await store.find(db, approval_id, lock=lock)
    seat = next((seat for seat in approval.seats if seat.number == number), None) if approval else None
    if approval is None or seat is None or not links.is_signed(ground.keys, approval, seat, signature):
        raise links.dead()
    owner = await access.principal_of(db, seat.person.user_id, "system")
    if owner is None:  # disabled since: their links are as dead as their sessions
        raise links.dead()
    rules.check_answerable(approval, number, await database_now(db))
    return approval, seat, owner


async def _answer(
    db: AsyncSession,
    ground: Ground,
    settled: Settled,
    owner: Principal,
    before: Approval,
    seat: Seat,
    verdict: Verdict,
    comment: str,
    way: Way,
) -> Approval:
    after = rules.answer(before, seat.number, verdict, comment, way, await database_now(db))
    await record(db, "approval.answer", owner, after, {"verdict": verdict, "via": way})
    await change(db, ground, settled, before, after)
    return after


async def escalate(db: AsyncSession, ground: Ground, settled: Settled, approval_id: int) -> bool:
    """Let the time that has passed do its work on one approval; whether it did any.

    Any number of servers may call this at once: the row is locked, and what is due is looked at again under the lock.
    """
    before = await store.find(db, approval_id, lock=True)
    if before is None:
        raise missing(approval_id)
    after = rules.escalate(before, await database_now(db))
    if after is before:
        return False
    await record(
        db, "approval.escalate", None, after, {"asked": [s.person.email for s in rules.newly_asked(before, after)]}
    )
    await change(db, ground, settled, before, after)
    return True
