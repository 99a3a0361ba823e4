"""Writing what the engine's turns bring, of many runs at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, bindparam, case, func, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import UtcDateTime
from onecloud.runs.model import ENDED_STATES, NodeState, RunState, ShowNode, ShowRun, StartNode
from onecloud.runs.records import Outcome, RunRecord, TurnWrite, log_key
from onecloud.runs.store.rows import LIVE, run_of
from onecloud.runs.tables import ChainRunRow, NodeResultRow, NodeRunRow


async def take_up(db: AsyncSession, run_ids: Sequence[int]) -> dict[int, RunRecord]:
    """Take runs up in this process: their fence rises, so that whoever had them before is refused.

    Runs that have ended are missing from the answer.
    """
    query = (
        update(ChainRunRow)
        .where(ChainRunRow.id.in_(run_ids), ChainRunRow.state.in_(LIVE))
        .values(fence=ChainRunRow.fence + 1)
        .returning(ChainRunRow)
    )
    return {row.id: run_of(row) for row in (await db.execute(query)).scalars()}


async def held(db: AsyncSession, fences: Mapping[int, int]) -> set[int]:
    """Which of these runs are live and still ours by their fence; locks their rows until the transaction ends."""
    query = (
        update(ChainRunRow.__table__)  # pyright: ignore[reportArgumentType] - a mapped class's table is a Table
        .where(ChainRunRow.id.in_(sorted(fences)), ChainRunRow.state.in_(LIVE))
        .values(fence=ChainRunRow.fence)
        .returning(ChainRunRow.id, ChainRunRow.fence)
    )
    return {run_id for run_id, fence in await db.execute(query) if fences[run_id] == fence}


async def record(db: AsyncSession, turns: Sequence[TurnWrite], now: datetime) -> None:
    """Write what turns brought: finished attempts, new attempts, states of nodes and of runs."""
    finished = [_finish_values(turn.run_id, outcome) for turn in turns for outcome in turn.outcomes]
    started: list[dict[str, Any]] = []
    active: list[dict[str, Any]] = []
    settled: list[dict[str, Any]] = []
    cut: list[dict[str, Any]] = []
    shown: list[tuple[int, ShowRun]] = []
    for turn in turns:
        states: dict[str, NodeState] = {}
        last: ShowRun | None = None
        for effect in turn.effects:
            match effect:
                case ShowNode(key, state):
                    states[key] = state
                case StartNode(key, attempt):
                    started.append(_start_values(turn.run_id, key, attempt, now))
                case ShowRun():
                    last = effect
                case _:
                    pass
        for key, state in states.items():
            place = {"b_run": turn.run_id, "b_key": key}
            if state is NodeState.ACTIVE:
                active.append({**place, "b_now": now})
                continue
            ended = None if state is NodeState.PAUSED else now
            settled.append({**place, "b_state": state.value, "b_ended": ended})
            if state is NodeState.STOPPED:
                cut.append({**place, "b_now": now})
        if last is not None:
            shown.append((turn.run_id, last))
    for statement, values in (
        (_FINISH, finished),
        (insert(NodeResultRow.__table__), started),  # pyright: ignore[reportArgumentType] - a Table
        (_ACTIVE_NODE, active),
        (_SHOW_NODE, settled),
        (_CUT, cut),
    ):
        if values:
            await db.execute(statement, values)
    for run_id, effect in shown:
        await db.execute(update(ChainRunRow).where(ChainRunRow.id == run_id).values(**_run_values(effect, now)))


_FINISH = (
    update(NodeResultRow.__table__)  # pyright: ignore[reportArgumentType] - a mapped class's table is a Table
    .where(
        NodeResultRow.run_id == bindparam("b_run"),
        NodeResultRow.key == bindparam("b_key"),
        NodeResultRow.attempt == bindparam("b_attempt"),
        NodeResultRow.state == "active",
    )
    .values(
        state=bindparam("b_state"),
        exit_code=bindparam("b_exit"),
        retryable=bindparam("b_retryable"),
        message=bindparam("b_message"),
        outputs=bindparam("b_outputs", type_=JSON(none_as_null=True)),
        outputs_sealed=bindparam("b_sealed"),
        outputs_key=bindparam("b_outputs_key"),
        ended_at=bindparam("b_ended"),
    )
)


# A second attempt keeps the first one's start.
_ACTIVE_NODE = (
    update(NodeRunRow.__table__)  # pyright: ignore[reportArgumentType] - a mapped class's table is a Table
    .where(NodeRunRow.run_id == bindparam("b_run"), NodeRunRow.key == bindparam("b_key"))
    .values(
        state=NodeState.ACTIVE.value,
        started_at=func.coalesce(NodeRunRow.started_at, bindparam("b_now", type_=UtcDateTime())),
    )
)


_CUT = (
    update(NodeResultRow.__table__)  # pyright: ignore[reportArgumentType] - a mapped class's table is a Table
    .where(
        NodeResultRow.run_id == bindparam("b_run"),
        NodeResultRow.key == bindparam("b_key"),
        NodeResultRow.state == "active",
    )
    .values(state=NodeState.STOPPED.value, ended_at=bindparam("b_now"), message="Stopped with the chain.")
)


_SHOW_NODE = (
    update(NodeRunRow.__table__)  # pyright: ignore[reportArgumentType] - a mapped class's table is a Table
    .where(NodeRunRow.run_id == bindparam("b_run"), NodeRunRow.key == bindparam("b_key"))
    .values(state=bindparam("b_state"), ended_at=bindparam("b_ended"))
)


def _finish_values(run_id: int, outcome: Outcome) -> dict[str, Any]:
    return {
        "b_run": run_id,
        "b_key": outcome.key,
        "b_attempt": outcome.attempt,
        "b_state": outcome.state.value,
        "b_exit": outcome.exit_code,
        "b_retryable": outcome.retryable,
        "b_message": outcome.message,
        "b_outputs": None if outcome.outputs is None else dict(outcome.outputs),
        "b_sealed": outcome.outputs_sealed,
        "b_outputs_key": outcome.outputs_key,
        "b_ended": outcome.ended_at,
    }


def _start_values(run_id: int, key: str, attempt: int, now: datetime) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "key": key,
        "attempt": attempt,
        "state": NodeState.ACTIVE.value,
        "retryable": True,
        "message": "",
        "log_key": log_key(run_id, key, attempt),
        "started_at": now,
    }


def _run_values(shown: ShowRun, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"state": shown.state.value, "result_text": shown.text}
    match shown.state:
        case RunState.RUNNING:
            values["started_at"] = func.coalesce(ChainRunRow.started_at, now)
            # A run that was paused and runs again was resumed; the first start leaves this empty.
            values["resumed_at"] = case((ChainRunRow.paused_at.is_not(None), now), else_=None)
        case RunState.PAUSED:
            values["paused_at"] = now
        case _ if shown.state in ENDED_STATES:
            values["ended_at"] = now
        case _:
            pass
    return values
