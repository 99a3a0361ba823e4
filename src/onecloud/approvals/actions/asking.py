"""What the engine calls: ask for an approval, and stop asking."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.approvals import rules, store
from onecloud.approvals.actions.change import ask_new, record
from onecloud.approvals.actions.people import named
from onecloud.approvals.model import Approval, ApprovalRequest, Ask, Origin
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Invalid


async def open_approval(
    db: AsyncSession, ground: Ground, ask: Ask, origin: Origin, request: ApprovalRequest
) -> Approval:
    """Ask for an approval, within the caller's transaction; mails go out when it commits.

    An attempt asks once: a second call, as after a crash, gives the approval that is there, and tells nobody again.
    That one may have settled meanwhile: `rules.outcome` says so, and `Settled` was called for it.

    Raises: Invalid `approval.request` or `approval.people` with every problem.
    Source: product facts 2.12.
    """
    known = await store.of_ask(db, ask)
    if known is not None:
        return known
    rules.check_request(request)
    approvers, problems = await named(db, request.approvers, origin.started_by, "approvers")
    # Nobody is there to be told of a run that a schedule has started, and that is no fault.
    told = [name for name in request.requesters if origin.started_by is not None or not rules.is_runtime_user(name)]
    requesters, others = await named(db, told, origin.started_by, "requesters")
    if problems or others:
        problems += others
        raise Invalid(
            "approval.people",
            f"The approval cannot be asked for: {problems[0].sentence()}",
            problems=tuple(problems),
        )
    now = await database_now(db)
    draft = Approval(
        id=0,
        ask=ask,
        origin=origin,
        title=request.title,
        details=request.details,
        type=request.type,
        due=request.due,
        requesters=requesters,
        seats=(),
        attachments=request.attachments,
        state="open",
        opened_at=now,
    )
    approval = await store.add(db, rules.begun(draft, approvers, now))
    if approval is None:  # another process was first, in the moment since we looked
        found = await store.of_ask(db, ask)
        assert found is not None
        return found
    await ask_new(db, ground, None, approval)
    await record(
        db,
        "approval.open",
        None,
        approval,
        {"chain_id": str(origin.chain_id), "approvers": [person.email for person in approvers]},
    )
    return approval


async def cancel_ask(db: AsyncSession, ask: Ask) -> None:
    """Stop asking for what one attempt waits for (its node timed out, or starts again); nothing when it is settled."""
    found = await store.of_ask(db, ask, lock=True)
    if found is not None:
        await _cancel(db, found)


async def cancel_for_run(db: AsyncSession, run_id: int) -> None:
    """Stop asking for everything that a run waits for, because it has ended."""
    for approval in await store.open_of_run(db, run_id):
        await _cancel(db, approval)


async def _cancel(db: AsyncSession, approval: Approval) -> None:
    after = rules.cancelled(approval, await database_now(db))
    if after is approval:
        return
    await store.save(db, approval, after)
    await record(db, "approval.cancel", None, after, {})
