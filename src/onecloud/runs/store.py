"""Every query of the run tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, CursorResult, bindparam, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import UtcDateTime, database_time
from onecloud.runs.model import (
    ENDED_STATES,
    LIVE_STATES,
    LaunchType,
    NodeState,
    RunState,
    ShowNode,
    ShowRun,
    StartNode,
)
from onecloud.runs.records import NewRun, NodeRecord, Outcome, ResultRecord, RunRecord, TurnWrite, log_key
from onecloud.runs.tables import ChainRunRow, NodeResultRow, NodeRunRow, RunEventRow

LIVE = [state.value for state in LIVE_STATES]


def _run(row: ChainRunRow) -> RunRecord:
    return RunRecord(
        id=row.id,
        chain_id=row.chain_id,
        environment_id=row.environment_id,
        version_id=row.version_id,
        state=RunState(row.state),
        launch_type=LaunchType(row.launch_type),
        user_id=row.user_id,
        user_name=row.user_name,
        user_email=row.user_email,
        inputs=row.inputs,
        variables=row.variables,
        result_text=row.result_text,
        fence=row.fence,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        paused_at=row.paused_at,
        resumed_at=row.resumed_at,
    )


def _node(row: NodeRunRow) -> NodeRecord:
    return NodeRecord(
        id=row.id,
        run_id=row.run_id,
        key=row.key,
        node_id=row.node_id,
        name=row.name,
        position=row.position,
        state=NodeState(row.state),
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _result(row: NodeResultRow) -> ResultRecord:
    return ResultRecord(
        id=row.id,
        run_id=row.run_id,
        key=row.key,
        attempt=row.attempt,
        state=NodeState(row.state),
        exit_code=row.exit_code,
        retryable=row.retryable,
        message=row.message,
        outputs=row.outputs,
        outputs_sealed=row.outputs_sealed,
        outputs_key=row.outputs_key,
        log_key=row.log_key,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


# --- starting ---


async def add_run(db: AsyncSession, new: NewRun) -> RunRecord:
    """Store a new run in state `enqueueing`, with a waiting row for each of its nodes."""
    query = insert(ChainRunRow).values(
        chain_id=new.chain_id,
        environment_id=new.environment_id,
        version_id=new.version_id,
        state=RunState.ENQUEUEING.value,
        launch_type=new.launch_type.value,
        user_id=new.user_id,
        user_name=new.user_name,
        user_email=new.user_email,
        inputs=dict(new.inputs),
        variables=dict(new.variables),
        result_text="",
        fence=0,
        created_at=database_time(),
    )
    row = (await db.execute(query.returning(ChainRunRow))).scalar_one()
    nodes = [
        {"run_id": row.id, "key": key, "node_id": node_id, "name": name, "position": position, "state": "waiting"}
        for position, (key, node_id, name) in enumerate(new.nodes)
    ]
    await db.execute(insert(NodeRunRow.__table__), nodes)  # pyright: ignore[reportArgumentType] - a Table
    return _run(row)


async def live_run_of(db: AsyncSession, chain_id: int) -> int | None:
    """Id of a run of the chain that has not ended, if there is one."""
    query = select(ChainRunRow.id).where(ChainRunRow.chain_id == chain_id, ChainRunRow.state.in_(LIVE)).limit(1)
    return await db.scalar(query)


async def previous_start(db: AsyncSession, chain_id: int, run_id: int) -> datetime | None:
    """When the chain's run before this one was created."""
    query = (
        select(ChainRunRow.created_at)
        .where(ChainRunRow.chain_id == chain_id, ChainRunRow.id < run_id)
        .order_by(ChainRunRow.id.desc())
        .limit(1)
    )
    return await db.scalar(query)


# --- the engine ---


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
    return {row.id: _run(row) for row in (await db.execute(query)).scalars()}


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


async def results_of(db: AsyncSession, run_id: int) -> list[ResultRecord]:
    """Every attempt of a run, oldest first."""
    query = select(NodeResultRow).where(NodeResultRow.run_id == run_id).order_by(NodeResultRow.id)
    return [_result(row) for row in (await db.execute(query)).scalars()]


async def unqueued(db: AsyncSession, older_than: datetime) -> list[int]:
    """Runs that were stored and perhaps never reached the queue (the server died in between)."""
    query = (
        select(ChainRunRow.id)
        .where(ChainRunRow.state == RunState.ENQUEUEING.value, ChainRunRow.created_at < older_than)
        .order_by(ChainRunRow.id)
        .limit(1000)
    )
    return list((await db.execute(query)).scalars())


# --- stop and resume ---


async def stop(db: AsyncSession, run_id: int, now: datetime, text: str) -> bool:
    """End a live run as stopped, with its nodes and attempts; False when it had already ended."""
    query = (
        update(ChainRunRow)
        .where(ChainRunRow.id == run_id, ChainRunRow.state.in_(LIVE))
        .values(state=RunState.STOPPED.value, ended_at=now, result_text=text)
    )
    if cast(CursorResult[Any], await db.execute(query)).rowcount != 1:
        return False
    await end_nodes(db, run_id, now, "Stopped with the chain.")
    return True


async def end_nodes(db: AsyncSession, run_id: int, now: datetime, message: str) -> None:
    """Nothing of the run is under way any more: attempts end as stopped, nodes not reached as skipped."""
    await db.execute(
        update(NodeResultRow)
        .where(NodeResultRow.run_id == run_id, NodeResultRow.state == NodeState.ACTIVE.value)
        .values(state=NodeState.STOPPED.value, ended_at=now, message=message)
    )
    for before, after in (
        ((NodeState.ACTIVE.value, NodeState.PAUSED.value), NodeState.STOPPED.value),
        ((NodeState.WAITING.value,), NodeState.SKIPPED.value),
    ):
        await db.execute(
            update(NodeRunRow)
            .where(NodeRunRow.run_id == run_id, NodeRunRow.state.in_(before))
            .values(state=after, ended_at=now)
        )


async def fail(db: AsyncSession, run_id: int, now: datetime, text: str) -> None:
    """End a live run as errored for a reason outside its nodes (a fault of the engine)."""
    query = (
        update(ChainRunRow)
        .where(ChainRunRow.id == run_id, ChainRunRow.state.in_(LIVE))
        .values(state=RunState.ERRORED.value, ended_at=now, result_text=text)
    )
    if cast(CursorResult[Any], await db.execute(query)).rowcount == 1:
        await end_nodes(db, run_id, now, text)


async def add_event(db: AsyncSession, run_id: int, kind: str) -> int:
    """Leave a message for the run's coordinator; gives its number."""
    query = insert(RunEventRow).values(run_id=run_id, kind=kind, created_at=database_time()).returning(RunEventRow.id)
    return (await db.execute(query)).scalar_one()


async def events_after(db: AsyncSession, run_id: int, after: int) -> list[tuple[int, str]]:
    """The messages to a run's coordinator with a number above `after`."""
    query = (
        select(RunEventRow.id, RunEventRow.kind)
        .where(RunEventRow.run_id == run_id, RunEventRow.id > after)
        .order_by(RunEventRow.id)
    )
    return [(row.id, row.kind) for row in await db.execute(query)]


async def events_anywhere_after(db: AsyncSession, after: int) -> list[tuple[int, int]]:
    """`(event id, run id)` of every message with a number above `after`."""
    query = select(RunEventRow.id, RunEventRow.run_id).where(RunEventRow.id > after).order_by(RunEventRow.id)
    return [(row.id, row.run_id) for row in await db.execute(query)]


async def last_event(db: AsyncSession) -> int:
    """The highest message number; 0 when there is none."""
    return await db.scalar(select(func.max(RunEventRow.id))) or 0


# --- reading ---


async def run(db: AsyncSession, run_id: int) -> RunRecord | None:
    """The run of that id."""
    row = await db.get(ChainRunRow, run_id)
    return None if row is None else _run(row)


async def nodes_of(db: AsyncSession, run_id: int) -> list[NodeRecord]:
    """The run's nodes in the document's order."""
    query = select(NodeRunRow).where(NodeRunRow.run_id == run_id).order_by(NodeRunRow.position)
    return [_node(row) for row in (await db.execute(query)).scalars()]


async def result(db: AsyncSession, result_id: int) -> ResultRecord | None:
    """The attempt of that id."""
    row = await db.get(NodeResultRow, result_id)
    return None if row is None else _result(row)


async def runs_of_chain(
    db: AsyncSession,
    chain_id: int,
    *,
    before_id: int | None,
    limit: int,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[RunRecord]:
    """Runs of a chain, newest first, with ids below `before_id`, created from `start` up to and with `end`."""
    query = select(ChainRunRow).where(ChainRunRow.chain_id == chain_id)
    if before_id is not None:
        query = query.where(ChainRunRow.id < before_id)
    if start is not None:
        query = query.where(ChainRunRow.created_at >= start)
    if end is not None:
        query = query.where(ChainRunRow.created_at <= end)
    rows = (await db.execute(query.order_by(ChainRunRow.id.desc()).limit(limit))).scalars()
    return [_run(row) for row in rows]


async def last_runs(db: AsyncSession, chain_ids: Sequence[int]) -> dict[int, RunRecord]:
    """The newest run of each of these chains that has one."""
    if not chain_ids:
        return {}
    newest = select(func.max(ChainRunRow.id)).where(ChainRunRow.chain_id.in_(chain_ids)).group_by(ChainRunRow.chain_id)
    rows = (await db.execute(select(ChainRunRow).where(ChainRunRow.id.in_(newest)))).scalars()
    return {row.chain_id: _run(row) for row in rows}


async def live_runs(db: AsyncSession) -> list[int]:
    """Every run that has not ended, oldest first."""
    query = select(ChainRunRow.id).where(ChainRunRow.state.in_(LIVE)).order_by(ChainRunRow.id)
    return list((await db.execute(query)).scalars())


async def one_start_at_a_time(db: AsyncSession, chain_id: int) -> None:
    """Let starts of the same chain follow one another until the transaction ends; SQLite's one writer does so anyway."""
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(select(func.pg_advisory_xact_lock(_START_LOCK | chain_id)))


_START_LOCK = 0x0C01 << 48  # upper bits of the advisory lock's key: starts of chains
