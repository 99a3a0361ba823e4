"""Rows of the run tables as frozen values; what store gives out and routes show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from onecloud.kernel.jsonvalue import Json
from onecloud.runs.model import Effect, LaunchType, NodeState, RunState


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as stored. `variables` holds `{"plain": …}` or `{"sealed": …}` by name under `workspace` and `chain`."""

    id: int
    chain_id: int
    environment_id: int
    version_id: int
    state: RunState
    launch_type: LaunchType
    user_id: int | None
    user_name: str | None
    user_email: str | None
    inputs: Mapping[str, Json]
    variables: Mapping[str, Json]
    result_text: str
    fence: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    paused_at: datetime | None
    resumed_at: datetime | None


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """One node within a run as stored."""

    id: int
    run_id: int
    key: str
    node_id: str
    name: str
    position: int
    state: NodeState
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ResultRecord:
    """One attempt of one node as stored.

    `outputs` are as they may be shown; where that hides a secret, `outputs_sealed` holds the real ones. Both are in
    a JSON file under `outputs_key` instead when they are large.
    """

    id: int
    run_id: int
    key: str
    attempt: int
    state: NodeState
    exit_code: int | None
    retryable: bool
    message: str
    outputs: Mapping[str, Json] | None
    outputs_sealed: str | None
    outputs_key: str | None
    log_key: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewRun:
    """What a start action has decided, ready to be stored."""

    chain_id: int
    environment_id: int
    version_id: int
    launch_type: LaunchType
    user_id: int | None
    user_name: str | None
    user_email: str | None
    inputs: Mapping[str, Json]
    variables: Mapping[str, Json]
    nodes: tuple[tuple[str, str, str], ...]  # key, node id, name; in the document's order


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt of a node ended, as its execution tells the engine."""

    key: str
    attempt: int
    state: NodeState
    exit_code: int
    retryable: bool
    message: str
    outputs: Mapping[str, Json] | None
    outputs_sealed: str | None
    outputs_key: str | None
    ended_at: datetime
    facts: Mapping[str, Json]  # the real outputs with status, exit code and message, for the nodes that follow


@dataclass(frozen=True, slots=True)
class TurnWrite:
    """What one turn of a run brought, to be written while the run is held under this fence."""

    run_id: int
    fence: int
    outcomes: Sequence[Outcome]
    effects: Sequence[Effect]


def log_key(run_id: int, key: str, attempt: int) -> str:
    """File key of the log of one attempt."""
    return f"runs/{run_id}/{key}/{attempt}.log"
