"""Carrying out the chain events: those that decide at once, and those that begin to wait.

An event that waits holds no thread and no task: its end comes as a message, or as a moment.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias, cast

from pydantic import BaseModel, ValidationError

from onecloud.approvals.model import ApprovalRequest
from onecloud.approvals.uploads.model import UploadRequest
from onecloud.chains.events import EVENTS
from onecloud.chains.events.approval import ApprovalInputs, approval_request
from onecloud.chains.events.flow import FALSE, TRUE, UNDECIDED, UNIT_S, ConditionalInputs, DelayInputs, ResultInputs
from onecloud.chains.events.upload import UploadInputs, upload_request
from onecloud.chains.events.values import RunChainInputs
from onecloud.chains.model import Node
from onecloud.connector.outcome import CommandFailed
from onecloud.kernel.jsonvalue import Json, dump
from onecloud.kernel.secret import Secret
from onecloud.runs.actions import Signals
from onecloud.runs.asking import ask
from onecloud.runs.children import start_child
from onecloud.runs.deciding import resolved, unfit, verdict_of
from onecloud.runs.model import NodeState, Unit
from onecloud.runs.records import Waiting
from onecloud.runs.values import plain, secrets_in
from onecloud.runs.world import VARIABLES, RunWorld
from onecloud.variables.conditions import ConditionFault, read
from onecloud.variables.model import Known, Resolved

MOST_DYNAMIC: Final = 262_144  # characters of one dynamic variable; beyond it a file is the right place


@dataclass(frozen=True, slots=True)
class EventEnded:
    """How an event ended at once."""

    state: NodeState
    exit_code: int
    message: str
    outputs: Mapping[str, Json] | None = None
    dynamic: Mapping[str, Json] | None = None
    forces: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an event is given: its place, its values, and what it may tell the engine."""

    world: RunWorld
    node: Node
    unit: Unit
    attempt: int
    known: Known
    signals: Signals

    def inputs(self) -> BaseModel:
        """The event's inputs with every reference replaced.

        Raises: CommandFailed.
        """
        model = EVENTS[self.node.command.partition(".")[2]].inputs
        try:
            return model.model_validate(plain(resolved(self.world, self.node.inputs, self.known)))
        except ValidationError as error:
            raise unfit(error) from None


Carried: TypeAlias = EventEnded | Waiting


async def run_event(world: RunWorld, node: Node, unit: Unit, attempt: int, known: Known, signals: Signals) -> Carried:
    """Carry out the node's event.

    Raises: CommandFailed.
    """
    carry_out = CARRIED_OUT.get(node.command)
    if carry_out is None:
        raise CommandFailed(1, f"there is no event {node.command!r} on this server", retryable=False)
    return await carry_out(Asked(world, node, unit, attempt, known, signals))


async def conditional(asked: Asked) -> Carried:
    """Decide a condition: its references are resolved test by test, so that a test not needed may lead nowhere."""
    given = ConditionalInputs.model_validate(asked.node.inputs)
    try:
        condition = read(given.condition)
        verdict = verdict_of(asked.world, condition, asked.known, "condition")
    except ConditionFault as fault:
        raise CommandFailed(UNDECIDED, f"The condition cannot be read: {fault}", retryable=False) from fault
    except CommandFailed as failed:
        raise CommandFailed(UNDECIDED, failed.message, retryable=False) from failed
    outputs: dict[str, Json] = {"result": verdict.holds, "explanation": verdict.reason}
    if verdict.holds:
        return EventEnded(NodeState.SUCCEEDED, TRUE, "", outputs)
    return EventEnded(NodeState.ERRORED, FALSE, f"False: {verdict.reason}", outputs)


async def delay(asked: Asked) -> Carried:
    """Wait for a time, counted from now, or until a moment."""
    given = cast(DelayInputs, asked.inputs())
    now = datetime.now(UTC)
    if given.amount is not None:
        until = now + timedelta(seconds=given.amount * UNIT_S[given.unit])
    else:
        try:
            until = datetime.fromisoformat(given.until or "")
        except ValueError:
            text = f"`until` is no moment: {given.until!r}. Write it as 2026-03-31T18:00:00+02:00."
            raise CommandFailed(1, text, retryable=False) from None
        until = until.replace(tzinfo=UTC) if until.tzinfo is None else until.astimezone(UTC)
    return Waiting(asked.unit, asked.attempt, {"kind": "delay", "until": until.isoformat()}, until)


async def set_result(asked: Asked) -> Carried:
    """Fix the run's result."""
    given = cast(ResultInputs, asked.inputs())
    return EventEnded(NodeState.SUCCEEDED, 0, given.text, {"result": given.result}, forces=given.result)


async def set_variables(asked: Asked) -> Carried:
    """Give dynamic variables new values."""
    asked.inputs()
    values = resolved(asked.world, asked.node.inputs.get("values", {}), asked.known)
    if not isinstance(values, Mapping):
        raise CommandFailed(1, "`values` must be a map of names and values", retryable=False)
    kept: dict[str, Json] = {}
    for name, value in values.items():
        if name not in asked.world.dynamic:
            raise CommandFailed(1, f"the chain has no dynamic variable `{name}`", retryable=False)
        size = len(dump(plain(value)))
        if size > MOST_DYNAMIC:
            raise CommandFailed(
                1,
                f"the value for `{name}` has {size} characters, a dynamic variable holds {MOST_DYNAMIC}. "
                "Put it into a file (files.create) and hand the file on.",
                retryable=False,
            )
        kept[name] = kept_value(asked.world, value)
    return EventEnded(NodeState.SUCCEEDED, 0, "", {name: plain(value) for name, value in values.items()}, dynamic=kept)


def kept_value(world: RunWorld, value: Resolved) -> Json:
    """A value as it is kept: `{"plain": …}`, or sealed when it is or holds a secret."""
    if not secrets_in(value):
        return {"plain": plain(value)}
    text = value.reveal() if isinstance(value, Secret) else dump(plain(value))
    return {"sealed": world.ground.keys.seal(text, VARIABLES)}


async def run_chain(asked: Asked) -> Carried:
    """Start another chain and wait for its end."""
    given = cast(RunChainInputs, asked.inputs())
    child = await start_child(
        asked.world, [*asked.unit, asked.attempt], given.chain, cast(Mapping[str, Json], given.inputs), asked.signals
    )
    what: dict[str, Json] = {"kind": "run", "run_id": child, "chain": given.chain}
    return deadline(asked, Waiting(asked.unit, asked.attempt, what))


async def approval(asked: Asked) -> Carried:
    """Ask people to accept or reject."""
    return await asked_for(asked, approval_request(cast(ApprovalInputs, asked.inputs())))


async def file_upload(asked: Asked) -> Carried:
    """Ask people for files."""
    return await asked_for(asked, upload_request(cast(UploadInputs, asked.inputs())))


async def asked_for(asked: Asked, request: ApprovalRequest | UploadRequest) -> Waiting:
    """Ask, and wait for the answer."""
    return deadline(asked, await ask(asked.world, asked.node, asked.unit, asked.attempt, request))


def deadline(asked: Asked, waiting: Waiting) -> Waiting:
    """The wait with the node's timeout, which fails it."""
    if asked.node.timeout_s is None:
        return waiting
    until = datetime.now(UTC) + timedelta(seconds=asked.node.timeout_s)
    what = {**waiting.what, "until": until.isoformat(), "fails": True}
    return Waiting(waiting.unit, waiting.attempt, what, until, fails=True)


CARRIED_OUT: Final[dict[str, Callable[[Asked], Awaitable[Carried]]]] = {
    "event.approval": approval,
    "event.conditional": conditional,
    "event.delay": delay,
    "event.file_upload": file_upload,
    "event.run_chain": run_chain,
    "event.set_result": set_result,
    "event.set_variables": set_variables,
}
