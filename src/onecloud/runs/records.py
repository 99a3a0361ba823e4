"""Rows of the run tables as frozen values; what store gives out and routes show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from onecloud.kernel.jsonvalue import Json
from onecloud.notify.model import Happening, Notice
from onecloud.runs.model import NO_PASS, Effect, LaunchType, NodeState, RunState, Unit


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
    dynamic: Mapping[str, Json] | None = None
    outputs: Mapping[str, Json] | None = None
    outputs_sealed: str | None = None
    parent_run_id: int | None = None
    parent_unit: str | None = None
    rerun_of: int | None = None
    seed: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Kin:
    """A run as one of a family: with its place in time and whose it is."""

    id: int
    chain_id: int
    ended_at: datetime | None


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
    message: str = ""


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
    outer: int = NO_PASS
    item: int = NO_PASS
    iteration: str | None = None
    waits: Mapping[str, Json] | None = None
    reused_from: int | None = None

    @property
    def unit(self) -> Unit:
        """The unit whose attempt this is."""
        return Unit(self.key, self.outer, self.item)


@dataclass(frozen=True, slots=True)
class LastResult:
    """How the last attempt of a unit ended."""

    key: str
    outer: int
    item: int
    state: NodeState
    exit_code: int


@dataclass(frozen=True, slots=True)
class ResultSet:
    """A result that an attempt of Set Chain Result fixed for its run, and its sentence."""

    key: str
    outer: int
    result: str
    text: str


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
    dynamic: Mapping[str, Json] | None = None
    parent_run_id: int | None = None
    parent_unit: str | None = None
    rerun_of: int | None = None
    seed: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt of a unit ended, as its execution tells the engine.

    Attempt 0 is the opening of a group or an iterator that came to nothing. `dynamic` are dynamic variables that it
    set, `forces` the result that it fixes for the run. `event_id` is the message that brought an answer.
    """

    unit: Unit
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
    dynamic: Mapping[str, Json] | None = None
    forces: str = ""
    event_id: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """An attempt that waits: for what (see `NodeResultRow.waits`), until when, and whether that moment fails it."""

    unit: Unit
    attempt: int
    what: Mapping[str, Json]
    until: datetime | None = None
    fails: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that begins, with the value of its pass as lists show it."""

    unit: Unit
    attempt: int
    iteration: str | None


@dataclass(frozen=True, slots=True)
class ChainResult:
    """What the chain's outputs came to, when the run ended: as shown, and sealed where that hides something."""

    shown: Mapping[str, Json]
    sealed: str | None


@dataclass(frozen=True, slots=True)
class Telling:
    """What happened, the notices that fire for it, and the name of this very occasion."""

    happening: Happening
    notices: Sequence[Notice]
    occasion: str


@dataclass(frozen=True, slots=True)
class TurnWrite:
    """What one turn of a run brought, to be written while the run is held under this fence."""

    run: RunRecord
    outcomes: Sequence[Outcome]
    effects: Sequence[Effect]
    begun: Sequence[Begun] = ()
    waits: Sequence[Waiting] = ()
    dynamic: Mapping[str, Json] | None = None  # every dynamic variable as it is now, when one changed
    result: ChainResult | None = None
    told: Sequence[Telling] = ()
    asks: bool = False  # whether the chain has events that ask people


def log_key(run_id: int, unit: Unit, attempt: int) -> str:
    """File key of the log of one attempt."""
    return f"{unit_folder(run_id, unit)}/{attempt}.log"


def unit_folder(run_id: int, unit: Unit) -> str:
    """Key of the folder of a unit's files: a folder for each thousand passes, so that none grows without end."""
    folder = f"runs/{run_id}/{unit.key}"
    if unit.outer >= 0:
        folder += f"/{unit.outer // 1000}/{unit.outer}"
    if unit.item >= 0:
        folder += f"/{'i' if unit.outer >= 0 else ''}{unit.item // 1000}/{unit.item}"
    return folder
