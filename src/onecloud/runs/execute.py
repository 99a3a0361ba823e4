"""Running one attempt of one unit: resolve its inputs, call its command, turn whatever comes into an outcome.

Nothing leaves this file as an exception except a cancel: a command that fails in any way gives an outcome.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from onecloud import connectors
from onecloud.chains.model import Node
from onecloud.connections import actions as connections
from onecloud.connector.command import Command
from onecloud.connector.outcome import CommandFailed, Warned
from onecloud.kernel.errors import OneCloudError
from onecloud.kernel.jsonvalue import Json, as_object, dump
from onecloud.kernel.secret import MASK, redact
from onecloud.runs.actions import Signals
from onecloud.runs.context import AttemptContext, LogFull, ResultLog
from onecloud.runs.deciding import decided, resolved, unfit
from onecloud.runs.events import run_event
from onecloud.runs.extraction import extracted
from onecloud.runs.facts import SEALED_OUTPUTS, known_at, references_in
from onecloud.runs.model import INLINE_OUTPUT_BYTES, NodeState, Unit
from onecloud.runs.records import Outcome, Waiting, log_key, unit_folder
from onecloud.runs.values import masked, plain
from onecloud.runs.world import RunWorld
from onecloud.variables.model import Known

INTERRUPTED: Final = (
    "Interrupted: the server stopped while this command ran, and it must not be run twice unasked. "
    "Check what it did, then run the chain again."
)

STATE_OF: Mapping[str, NodeState] = {
    "success": NodeState.SUCCEEDED,
    "warning": NodeState.WARNED,
    "error": NodeState.ERRORED,
}


@dataclass(frozen=True, slots=True)
class Ended:
    """What an attempt came to, before it is stored."""

    state: NodeState
    exit_code: int
    message: str
    retryable: bool = True
    outputs: Mapping[str, Json] | None = None
    dynamic: Mapping[str, Json] | None = None
    forces: str = ""


async def run_attempt(
    world: RunWorld, unit: Unit, attempt: int, signals: Signals, *, interrupted: bool = False
) -> Outcome | Waiting:
    """Run the unit's command or event once. `interrupted`: a process that died had begun this attempt.

    Raises: asyncio.CancelledError only.
    """
    node = world.plan.nodes[unit.key]
    log = ResultLog(
        world.blobs,
        log_key(world.run.id, unit, attempt),
        world.ground.settings.max_log_mb * 1_048_576,
        world.secrets,
        world.on_change,
    )
    came: Ended | Waiting
    try:
        known = await known_at(world, unit, references_in(world, node))
        if node.skip_if is not None and not node.is_group and decided(world, node.skip_if, known, "skip_if"):
            came = Ended(NodeState.SKIPPED, 0, "Skipped by its condition.")
        elif node.is_event:
            came = await _event(world, node, unit, attempt, known, signals)
        else:
            came = await _command(world, node, unit, attempt, known, log, interrupted=interrupted)
    except CommandFailed as failed:
        came = Ended(NodeState.ERRORED, failed.exit_code, failed.message, failed.retryable)
    except LogFull as full:
        came = Ended(NodeState.ERRORED, 1, f"The command was ended because {full}.", retryable=False)
    except OneCloudError as error:
        came = Ended(NodeState.ERRORED, 1, error.message, retryable=False)
    except Exception as error:  # noqa: BLE001 - a fault in a command must not take its run down
        with contextlib.suppress(LogFull):  # the outcome's message still says what happened
            log.write("".join(traceback.format_exception(error)))
        text = f"The command failed in a way it did not foresee ({type(error).__name__}: {error}). See its log."
        came = Ended(NodeState.ERRORED, 1, text)
    return came if isinstance(came, Waiting) else stored(world, node, unit, attempt, came, log)


async def _event(
    world: RunWorld, node: Node, unit: Unit, attempt: int, known: Known, signals: Signals
) -> Ended | Waiting:
    came = await run_event(world, node, unit, attempt, known, signals)
    if isinstance(came, Waiting):
        return came
    return Ended(came.state, came.exit_code, came.message, False, came.outputs, came.dynamic, came.forces)


async def _command(
    world: RunWorld, node: Node, unit: Unit, attempt: int, known: Known, log: ResultLog, *, interrupted: bool
) -> Ended:
    settings = world.ground.settings
    command = connectors.find_command(node.command)
    if command is None:
        raise CommandFailed(1, f"there is no command {node.command!r} on this server", retryable=False)
    connection = await _connection(world, node)
    inputs = _inputs(world, node, command, known)
    if interrupted and not command.may_run_again(inputs):
        raise CommandFailed(1, INTERRUPTED, retryable=False)
    context = AttemptContext(
        run_id=world.run.id,
        unit=unit,
        attempt=attempt,
        work_root=world.work_root,
        blobs=world.blobs,
        folders=world.folders,
        log=log,
        connection=connection,
        memory_limit_bytes=settings.script_memory_mb * 1_048_576,
        threads=world.threads,
    )
    try:
        ended = await _call(command, context, inputs, node.timeout_s)
    finally:
        context.clean()
    if node.dynamic_outputs and ended.outputs is not None:
        more = await context.in_thread(extracted, world.blobs, node.dynamic_outputs, ended.outputs, log.write)
        ended = Ended(ended.state, ended.exit_code, ended.message, ended.retryable, {**ended.outputs, **more})
    return ended


async def _call(command: Command[Any], context: AttemptContext, inputs: BaseModel, timeout_s: float | None) -> Ended:
    try:
        async with asyncio.timeout(timeout_s):
            came = await command.run(context, inputs)
    except TimeoutError:
        if timeout_s is None:
            raise
        return Ended(NodeState.ERRORED, 1, f"The command took longer than its timeout of {timeout_s:g} s.")
    if isinstance(came, Warned):
        state = NodeState.WARNED
        for code in command.exit_codes:
            if code.code == came.exit_code:
                state = STATE_OF[code.means]
        return Ended(state, came.exit_code, came.message, outputs=came.outputs.model_dump(mode="json"))
    return Ended(NodeState.SUCCEEDED, 0, "", outputs=came.model_dump(mode="json"))


async def _connection(world: RunWorld, node: Node) -> BaseModel | None:
    """The properties of the node's connection; its secrets are masked from now on."""
    if node.connection is None:
        return None
    async with world.ground.database.reading() as db:
        opened = await connections.open_connection(db, world.ground.keys, world.run.environment_id, node.connection)
    world.meet(opened.secrets)
    return opened.properties


def _inputs(world: RunWorld, node: Node, command: Command[Any], known: Known) -> BaseModel:
    """The command's inputs with every reference replaced.

    Raises: CommandFailed naming the field, what is wrong and the mend.
    """
    try:
        return command.inputs.model_validate(plain(resolved(world, node.inputs, known)))
    except ValidationError as error:
        raise unfit(error) from None


def stored(world: RunWorld, node: Node, unit: Unit, attempt: int, ended: Ended, log: ResultLog | None) -> Outcome:
    """The outcome with its outputs where they belong: in the row when small, else in the file store.

    Outputs that hold a secret, and those of a node that masks them, are shown as dots; the real ones are kept sealed
    for the nodes that follow.
    """
    secrets = frozenset(world.secrets)
    message = redact(ended.message, secrets)
    if message and log is not None:
        with contextlib.suppress(LogFull):
            log.write(message)
    real, shown = ended.outputs, ended.outputs
    sealed: str | None = None
    hides = world.ground.settings.mask_outputs if node.mask_outputs is None else node.mask_outputs
    if real is not None and (secrets or hides):
        shown = dict.fromkeys(real, MASK) if hides else as_object(masked(real, secrets))
        if shown != real:
            text = dump({"outputs": real, "secrets": sorted(secrets)})
            sealed = world.ground.keys.seal(text, SEALED_OUTPUTS)
    facts = {**(real or {}), "status": ended.state.value, "exit_code": ended.exit_code, "message": message}
    outputs_key = None
    if shown is not None and (len(dump(shown)) > INLINE_OUTPUT_BYTES or len(sealed or "") > INLINE_OUTPUT_BYTES):
        outputs_key = f"{unit_folder(world.run.id, unit)}/{attempt}.outputs.json"
        world.blobs.write(outputs_key, dump({"shown": shown, "sealed": sealed}).encode())
        shown, sealed = None, None
    return Outcome(
        unit=unit,
        attempt=attempt,
        state=ended.state,
        exit_code=ended.exit_code,
        retryable=ended.retryable,
        message=message,
        outputs=shown,
        outputs_sealed=sealed,
        outputs_key=outputs_key,
        ended_at=datetime.now(UTC),
        facts=facts,
        dynamic=ended.dynamic,
        forces=ended.forces,
    )
