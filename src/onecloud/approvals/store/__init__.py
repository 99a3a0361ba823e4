"""Every query of approvals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import cast

from sqlalchemy import Select, delete, insert, or_, select, union, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.approvals.model import (
    Answered,
    Approval,
    ApprovalState,
    ApprovalType,
    Ask,
    Asked,
    Origin,
    Overdue,
    Person,
    Seat,
    Skipped,
    Standing,
    Verdict,
    Waiting,
    Way,
)
from onecloud.approvals.rules import next_due
from onecloud.approvals.store import questions
from onecloud.approvals.tables import ApprovalRow, RequesterRow, SeatRow
from onecloud.connector.context import FileRef
from onecloud.kernel.permission import Place
from onecloud.kernel.principal import Principal

ASKED_ONCE = ("asked", "accepted", "rejected", "skipped", "overdue")


async def add(db: AsyncSession, approval: Approval) -> Approval | None:
    """Store a new approval and give it with its number; None when that attempt has asked already."""
    make = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgres_insert
    number = await db.scalar(
        make(ApprovalRow)
        .values(
            run_id=approval.ask.run_id,
            key=approval.ask.key,
            place=approval.ask.place,
            attempt=approval.ask.attempt,
            workspace_id=approval.origin.chain.workspace_id,
            environment_id=approval.origin.chain.environment_id,
            chain_id=approval.origin.chain_id,
            chain_name=approval.origin.chain_name,
            node_name=approval.origin.node_name,
            started_by=approval.origin.started_by,
            title=approval.title,
            details=approval.details,
            type=approval.type,
            attachments=[file.model_dump(mode="json") for file in approval.attachments],
            opened_at=approval.opened_at,
            **_changing(approval),
        )
        .on_conflict_do_nothing()
        .returning(ApprovalRow.id)
    )
    if number is None:
        return None
    stored = replace(approval, id=number)
    await db.execute(insert(SeatRow), [_seat_values(number, seat) for seat in stored.seats])
    if stored.requesters:
        await db.execute(
            insert(RequesterRow),
            [
                {"approval_id": number, "number": at, "user_id": one.user_id, "email": one.email, "name": one.name}
                for at, one in enumerate(stored.requesters, 1)
            ],
        )
    return stored


async def save(db: AsyncSession, before: Approval, after: Approval) -> None:
    """Store what a change made of an approval; seats that it left alone are not written."""
    await db.execute(update(ApprovalRow).where(ApprovalRow.id == after.id).values(_changing(after)))
    known = {seat.number: seat for seat in before.seats}
    for seat in after.seats:
        if seat.number not in known:
            await db.execute(insert(SeatRow).values(_seat_values(after.id, seat)))
        elif known[seat.number] != seat:
            await db.execute(
                update(SeatRow)
                .where(SeatRow.approval_id == after.id, SeatRow.number == seat.number)
                .values(_standing_values(seat.standing))
            )


async def find(db: AsyncSession, approval_id: int, *, lock: bool = False) -> Approval | None:
    """The approval of that number; with `lock` nobody else changes it until the transaction ends."""
    return await _one(db, select(ApprovalRow).where(ApprovalRow.id == approval_id), lock=lock)


async def of_ask(db: AsyncSession, ask: Ask, *, lock: bool = False) -> Approval | None:
    """The approval that this attempt has asked for."""
    return await _one(db, questions.of_ask(ApprovalRow, ask), lock=lock)


async def open_of_run(db: AsyncSession, run_id: int, *, lock: bool = True) -> list[Approval]:
    """The approvals that a run waits for; locked, unless somebody only looks."""
    return await _whole(db, questions.open_of_run(ApprovalRow, run_id, lock=lock))


async def due_ids(db: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Numbers of approvals that time alone changes by now, the longest due first."""
    return await questions.due_ids(db, ApprovalRow, now, limit)


async def page(
    db: AsyncSession,
    *,
    state: ApprovalState | None,
    before: int | None,
    limit: int,
    seen_by: Principal | None = None,
    asks: int | None = None,
) -> list[Approval]:
    """Approvals, newest first, with numbers below `before`.

    `seen_by`: only those that this person takes part in, or whose chain they may read. `asks`: only those that ask this
    person; of an open one they must be one whose answer is waited for.
    """
    own = None
    if seen_by is not None:
        # From the person's side: most people take part in few of all approvals.
        own = ApprovalRow.id.in_(
            union(
                select(SeatRow.approval_id).where(SeatRow.user_id == seen_by.user_id),
                select(RequesterRow.approval_id).where(RequesterRow.user_id == seen_by.user_id),
            )
        )
    query = questions.newest(ApprovalRow, state=state, before=before, limit=limit, seen_by=seen_by, own=own)
    if asks is not None:
        asked = select(SeatRow.approval_id).where(SeatRow.user_id == asks, SeatRow.standing.in_(ASKED_ONCE))
        now = select(SeatRow.approval_id).where(SeatRow.user_id == asks, SeatRow.standing == "asked")
        query = query.where(ApprovalRow.id.in_(asked), or_(ApprovalRow.state != "open", ApprovalRow.id.in_(now)))
    return await _whole(db, query)


async def _one(db: AsyncSession, query: Select[ApprovalRow], *, lock: bool) -> Approval | None:
    found = await _whole(db, query.with_for_update() if lock else query)  # SQLite has one writer and ignores it
    return found[0] if found else None


async def _whole(db: AsyncSession, query: Select[ApprovalRow]) -> list[Approval]:
    """Approvals with their seats and requesters."""
    rows = list(await db.scalars(query.execution_options(populate_existing=True)))
    if not rows:
        return []
    ids = [row.id for row in rows]
    fresh = {"populate_existing": True}
    seats: dict[int, list[Seat]] = {}
    for seat in await db.scalars(
        select(SeatRow).where(SeatRow.approval_id.in_(ids)).order_by(SeatRow.number).execution_options(**fresh)
    ):
        person = Person(seat.user_id, seat.email, seat.name)
        seats.setdefault(seat.approval_id, []).append(Seat(seat.number, person, _standing(seat)))
    requesters: dict[int, list[Person]] = {}
    for one in await db.scalars(
        select(RequesterRow).where(RequesterRow.approval_id.in_(ids)).order_by(RequesterRow.number)
    ):
        requesters.setdefault(one.approval_id, []).append(Person(one.user_id, one.email, one.name))
    return [_approval(row, seats.get(row.id, []), requesters.get(row.id, [])) for row in rows]


def _approval(row: ApprovalRow, seats: Sequence[Seat], requesters: Sequence[Person]) -> Approval:
    return Approval(
        id=row.id,
        ask=Ask(row.run_id, row.key, row.place, row.attempt),
        origin=Origin(
            chain=Place(row.workspace_id, row.environment_id, row.chain_id),
            chain_name=row.chain_name,
            node_name=row.node_name,
            started_by=row.started_by,
        ),
        title=row.title,
        details=row.details,
        type=cast(ApprovalType, row.type),
        due=timedelta(seconds=row.due_seconds),
        requesters=tuple(requesters),
        seats=tuple(seats),
        attachments=tuple(FileRef.model_validate(file) for file in row.attachments),
        state=cast(ApprovalState, row.state),
        opened_at=row.opened_at,
        settled_at=row.settled_at,
        text=row.text,
    )


def _changing(approval: Approval) -> dict[str, object]:
    return {
        "due_seconds": max(1, ceil(approval.due.total_seconds())),
        "state": approval.state,
        "text": approval.text,
        "due_at": next_due(approval),
        "settled_at": approval.settled_at,
    }


def _seat_values(approval_id: int, seat: Seat) -> dict[str, object]:
    return {
        "approval_id": approval_id,
        "number": seat.number,
        "user_id": seat.person.user_id,
        "email": seat.person.email,
        "name": seat.person.name,
        **_standing_values(seat.standing),
    }


def _standing_values(standing: Standing) -> dict[str, object]:
    values: dict[str, object] = {"at": None, "due_at": None, "verdict": None, "comment": "", "via": None}
    match standing:
        case Waiting():
            return {**values, "standing": "waiting"}
        case Asked(at, due_at):
            return {**values, "standing": "asked", "at": at, "due_at": due_at}
        case Answered(verdict, comment, at, via):
            said = "accepted" if verdict == "accept" else "rejected"
            return {**values, "standing": said, "at": at, "verdict": verdict, "comment": comment, "via": via}
        case Skipped(at):
            return {**values, "standing": "skipped", "at": at}
        case Overdue(at):
            return {**values, "standing": "overdue", "at": at}


def _standing(row: SeatRow) -> Standing:
    if row.at is None:
        return Waiting()
    if row.standing == "asked" and row.due_at is not None:
        return Asked(row.at, row.due_at)
    if row.verdict is not None:
        return Answered(cast(Verdict, row.verdict), row.comment, row.at, cast(Way, row.via))
    return Skipped(row.at) if row.standing == "skipped" else Overdue(row.at)


async def remove_of_runs(db: AsyncSession, run_ids: Sequence[int]) -> None:
    """Take away what these runs asked, with the answers."""
    await db.execute(delete(ApprovalRow).where(ApprovalRow.run_id.in_(run_ids)))


async def run_of_newest(db: AsyncSession) -> int | None:
    """The run of the newest approval. It must stay: SQLite would give its number, which links name, to another one."""
    return await db.scalar(select(ApprovalRow.run_id).order_by(ApprovalRow.id.desc()).limit(1))
