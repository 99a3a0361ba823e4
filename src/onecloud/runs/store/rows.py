"""Rows of the run tables as frozen values."""

from __future__ import annotations

from typing import Final

from onecloud.runs.model import LIVE_STATES, LaunchType, NodeState, RunState
from onecloud.runs.records import NodeRecord, ResultRecord, RunRecord
from onecloud.runs.tables import ChainRunRow, NodeResultRow, NodeRunRow

LIVE: Final = [state.value for state in LIVE_STATES]


def run_of(row: ChainRunRow) -> RunRecord:
    """A run."""
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
        dynamic=row.dynamic,
        outputs=row.outputs,
        outputs_sealed=row.outputs_sealed,
        parent_run_id=row.parent_run_id,
        parent_unit=row.parent_unit,
        rerun_of=row.rerun_of,
        seed=row.seed,
    )


def node_of(row: NodeRunRow) -> NodeRecord:
    """A node within a run."""
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
        message=row.message,
    )


def result_of(row: NodeResultRow) -> ResultRecord:
    """An attempt of a node."""
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
        outer=row.outer,
        item=row.item,
        iteration=row.iteration,
        waits=row.waits,
        reused_from=row.reused_from,
    )
