"""Writing what the engine's turns bring, of many runs at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, Insert, Text, bindparam, case, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import UtcDateTime, plain
from onecloud.kernel.jsonvalue import dump
from onecloud.runs.model import ENDED_STATES, CancelNode, NodeState, RunState, ShowNode, ShowRun, Unit
from onecloud.runs.records import Begun, Outcome, RunRecord, TurnWrite, Waiting, log_key
from onecloud.runs.store.change import stop_children
from onecloud.runs.store.dynamic import set_dynamic
from onecloud.runs.store.ends import tell_end
from onecloud.runs.store.rows import LIVE, run_of
from onecloud.runs.tables import ChainRunRow, NodeResultRow, NodeRunRow

_RESULTS: Any = NodeResultRow.__table__
_NODES: Any = NodeRunRow.__table__
_RUNS: Any = ChainRunRow.__table__


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
    return {run_id for run_id, fence in await plain(db, _HELD, {"b_ids": sorted(fences)}) if fences[run_id] == fence}


# As strong a lock as an update's, without writing the rows again; on SQLite the transaction itself is the lock.
_HELD = (
    select(ChainRunRow.id, ChainRunRow.fence)
    .where(ChainRunRow.id.in_(bindparam("b_ids", expanding=True)), ChainRunRow.state.in_(LIVE))
    .order_by(ChainRunRow.id)
    .with_for_update(key_share=True)
)


@dataclass(slots=True)
class _Batch:
    """The rows of many turns, by statement."""

    finished: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    unopened: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    begun: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    waiting: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    cancelled: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    active: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    shown: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def add(self, turn: TurnWrite, now: datetime) -> ShowRun | None:
        """Take a turn in; gives the last state of its run, if that changed."""
        run_id = turn.run.id
        for outcome in turn.outcomes:
            (self.finished if outcome.attempt else self.unopened).append(_finish_values(run_id, outcome))
        self.begun += [_begin_values(run_id, begun, now) for begun in turn.begun]
        self.waiting += [_wait_values(run_id, waiting) for waiting in turn.waits]
        states: dict[str, tuple[NodeState, str]] = {}
        last: ShowRun | None = None
        for effect in turn.effects:
            match effect:
                case ShowNode(key, state, text):
                    states[key] = (state, text or (states[key][1] if key in states else ""))
                case CancelNode(unit, attempt):
                    self.cancelled.append({**_place(run_id, unit), "b_attempt": attempt, "b_now": now})
                case ShowRun():
                    last = effect
                case _:
                    pass
        for key, (state, text) in states.items():
            place = {"b_run": run_id, "b_key": key}
            if state is NodeState.ACTIVE and not text:
                self.active.append({**place, "b_now": now})
                continue
            going = state in (NodeState.PAUSED, NodeState.WAITING, NodeState.ACTIVE)
            ended = None if going else now
            self.shown.append({**place, "b_state": state.value, "b_ended": ended, "b_message": text})
        return last


async def record(db: AsyncSession, turns: Sequence[TurnWrite], now: datetime) -> list[int]:
    """Write what turns brought: finished and new attempts, waits, values, states of nodes and of runs.

    Gives the ids of runs that were stopped with it: children of cancelled units and of ended runs.
    """
    batch = _Batch()
    stopped: list[int] = []
    connection = await db.connection()
    ends = [(turn, batch.add(turn, now)) for turn in turns]
    for statement, rows in (
        (_FINISH, batch.finished),
        (_UNOPENED_AGAIN, [{name: values[name] for name in _PLACE} for values in batch.unopened]),
        (_ADD, [_unopened(values, now) for values in batch.unopened]),
        (_BEGIN[connection.dialect.name], batch.begun),
        (_WAIT, batch.waiting),
        (_CANCEL, batch.cancelled),
        (_ACTIVE_NODE, batch.active),
        (_SHOW_NODE, batch.shown),
    ):
        if rows:
            await connection.execute(statement, rows)
    for turn, shown in ends:
        values: dict[str, Any] = {}
        if turn.dynamic is not None:
            values["dynamic"] = dict(turn.dynamic)
            changed = [outcome.dynamic for outcome in turn.outcomes if outcome.dynamic]
            await set_dynamic(db, turn.run, {name: value for part in changed for name, value in part.items()}, now)
        if turn.result is not None:
            values |= {"outputs": dict(turn.result.shown), "outputs_sealed": turn.result.sealed}
        if shown is not None:
            values |= _run_values(shown, now)
        if values:
            await connection.execute(update(_RUNS).where(_RUNS.c.id == turn.run.id).values(**values))
        if shown is not None and shown.state in ENDED_STATES:
            await tell_end(db, turn.run.id, turn.run.chain_id, shown.state, turn.run.parent_run_id)
        cancelled = {dump([*effect.unit, effect.attempt]) for effect in turn.effects if isinstance(effect, CancelNode)}
        if cancelled:
            stopped += await stop_children(db, turn.run.id, now, cancelled)
    return stopped


_ADD = insert(_RESULTS)
# A new attempt may be there already: its turn was written, and the process died before it was journaled.
_BEGIN: Final[Mapping[str, Insert]] = {
    "postgresql": postgres_insert(_RESULTS).on_conflict_do_nothing(),
    "sqlite": sqlite_insert(_RESULTS).on_conflict_do_nothing(),
}
_THIS_ATTEMPT = (
    NodeResultRow.run_id == bindparam("b_run"),
    NodeResultRow.key == bindparam("b_key"),
    NodeResultRow.outer == bindparam("b_outer"),
    NodeResultRow.item == bindparam("b_item"),
    NodeResultRow.attempt == bindparam("b_attempt"),
    NodeResultRow.state == "active",
)
_FINISH = (
    update(_RESULTS)
    .where(*_THIS_ATTEMPT)
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
_PLACE = ("b_run", "b_key", "b_outer", "b_item")
# A loop that could not be opened, was resumed and could not be opened again: the last word counts.
_UNOPENED_AGAIN = delete(_RESULTS).where(
    NodeResultRow.run_id == bindparam("b_run"),
    NodeResultRow.key == bindparam("b_key"),
    NodeResultRow.outer == bindparam("b_outer"),
    NodeResultRow.item == bindparam("b_item"),
    NodeResultRow.attempt == 0,
)
_WAIT = update(_RESULTS).where(*_THIS_ATTEMPT).values(waits=bindparam("b_waits", type_=JSON(none_as_null=True)))
_CANCEL = (
    update(_RESULTS)
    .where(*_THIS_ATTEMPT)
    .values(state=NodeState.STOPPED.value, ended_at=bindparam("b_now"), message="Stopped with the chain.")
)
# A second attempt keeps the first one's start.
_ACTIVE_NODE = (
    update(_NODES)
    .where(NodeRunRow.run_id == bindparam("b_run"), NodeRunRow.key == bindparam("b_key"))
    .values(
        state=NodeState.ACTIVE.value,
        ended_at=None,
        started_at=func.coalesce(NodeRunRow.started_at, bindparam("b_now", type_=UtcDateTime())),
    )
)
_SHOW_NODE = (
    update(_NODES)
    .where(NodeRunRow.run_id == bindparam("b_run"), NodeRunRow.key == bindparam("b_key"))
    .values(
        state=bindparam("b_state"),
        ended_at=bindparam("b_ended"),
        message=func.coalesce(func.nullif(bindparam("b_message", type_=Text()), ""), NodeRunRow.message),
    )
)


def _place(run_id: int, unit: Unit) -> dict[str, Any]:
    return {"b_run": run_id, "b_key": unit.key, "b_outer": unit.outer, "b_item": unit.item}


def _finish_values(run_id: int, outcome: Outcome) -> dict[str, Any]:
    return {
        **_place(run_id, outcome.unit),
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


def _unopened(values: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The row of an opening that came to nothing: it had none while it was decided."""
    unit = Unit(values["b_key"], values["b_outer"], values["b_item"])
    return {
        **_begin_values(values["b_run"], Begun(unit, 0, None), now),
        "state": values["b_state"],
        "exit_code": values["b_exit"],
        "retryable": values["b_retryable"],
        "message": values["b_message"],
        "ended_at": values["b_ended"],
    }


def _begin_values(run_id: int, begun: Begun, now: datetime) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "key": begun.unit.key,
        "outer": begun.unit.outer,
        "item": begun.unit.item,
        "attempt": begun.attempt,
        "iteration": begun.iteration,
        "state": NodeState.ACTIVE.value,
        "retryable": True,
        "message": "",
        "log_key": log_key(run_id, begun.unit, begun.attempt),
        "started_at": now,
    }


def _wait_values(run_id: int, waiting: Waiting) -> dict[str, Any]:
    return {**_place(run_id, waiting.unit), "b_attempt": waiting.attempt, "b_waits": dict(waiting.what)}


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
