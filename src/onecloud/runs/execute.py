"""Running one attempt of one node: resolve its inputs, call its command, turn whatever comes into an outcome.

Nothing leaves this file as an exception except a cancel: a command that fails in any way gives an outcome.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, cast

from pydantic import BaseModel, ValidationError

from onecloud import connectors
from onecloud.chains.model import Node, node_id
from onecloud.connections import actions as connections
from onecloud.connector.command import Command
from onecloud.connector.context import FileRef
from onecloud.connector.outcome import CommandFailed, Warned
from onecloud.infra.blobs import Blobs
from onecloud.infra.http import Ground
from onecloud.kernel.errors import OneCloudError
from onecloud.kernel.jsonvalue import Json, as_list, as_object, dump, parse
from onecloud.kernel.secret import Secret, redact
from onecloud.runs.model import INLINE_OUTPUT_BYTES, NodeState
from onecloud.runs.records import Outcome, ResultRecord, RunRecord, log_key
from onecloud.runs.world import AttemptContext, LogFull, ResultLog
from onecloud.variables.model import Known, Reference, Resolved, TemplateFault, Unresolved
from onecloud.variables.rules import look_up, resolve

SHORTEST_MASKED: Final = 4
SEALED_OUTPUTS: Final = "outputs"

INTERRUPTED: Final = (
    "Interrupted: the server stopped while this command ran, and it must not be run twice unasked. "
    "Check what it did, then run the chain again."
)

STATE_OF: Mapping[str, NodeState] = {
    "success": NodeState.SUCCEEDED,
    "warning": NodeState.WARNED,
    "error": NodeState.ERRORED,
}


@dataclass(slots=True)
class RunWorld:
    """What all attempts of one run share in this process: its values, its outputs so far, its log callback.

    `facts` holds per settled node its outputs with status, exit code and message; filled by the engine.
    `secrets` holds every secret text the run has met: logs, messages and shown outputs mask them all.
    """

    ground: Ground
    blobs: Blobs
    threads: ThreadPoolExecutor
    run: RunRecord
    known: Known
    on_change: Callable[[], None]
    facts: dict[str, Mapping[str, Resolved]] = field(default_factory=dict[str, Mapping[str, Resolved]])
    secrets: set[str] = field(default_factory=set[str])

    def meet(self, secrets: set[str] | frozenset[str]) -> None:
        """Remember secret texts; very short ones would mask half of every line and hide nothing."""
        self.secrets |= {secret for secret in secrets if len(secret) >= SHORTEST_MASKED}


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command's call came to, before it is stored."""

    state: NodeState
    exit_code: int
    message: str
    retryable: bool = True
    outputs: Mapping[str, Json] | None = None


async def run_attempt(world: RunWorld, node: Node, attempt: int, *, interrupted: bool = False) -> Outcome:
    """Run the node's command once. `interrupted`: a process that died had begun this attempt.

    Raises: asyncio.CancelledError only.
    """
    settings = world.ground.settings
    log = ResultLog(
        world.blobs.path(log_key(world.run.id, node.key, attempt)),
        settings.max_log_mb * 1_048_576,
        world.secrets,
        world.on_change,
    )
    context: AttemptContext | None = None
    try:
        command = connectors.find_command(node.command)
        if command is None:
            raise CommandFailed(1, f"there is no command {node.command!r} on this server", retryable=False)
        connection = await _connection(world, node)
        inputs = _resolved(world, node, command)
        if interrupted and not command.may_run_again(inputs):
            raise CommandFailed(1, INTERRUPTED, retryable=False)
        context = AttemptContext(
            run_id=world.run.id,
            key=node.key,
            attempt=attempt,
            work_root=settings.data.resolve() / "work",
            blobs=world.blobs,
            folders=[settings.files_folder.resolve(), *settings.file_roots],
            log=log,
            connection=connection,
            memory_limit_bytes=settings.script_memory_mb * 1_048_576,
            threads=world.threads,
        )
        ended = await _call(command, context, inputs, node.timeout_s)
    except CommandFailed as failed:
        ended = Ended(NodeState.ERRORED, failed.exit_code, failed.message, failed.retryable)
    except LogFull as full:
        ended = Ended(NodeState.ERRORED, 1, f"The command was ended because {full}.", retryable=False)
    except OneCloudError as error:
        ended = Ended(NodeState.ERRORED, 1, error.message, retryable=False)
    except Exception as error:  # noqa: BLE001 - a fault in a command must not take its run down
        _log_traceback(log, error)
        text = f"The command failed in a way it did not foresee ({type(error).__name__}: {error}). See its log."
        ended = Ended(NodeState.ERRORED, 1, text)
    finally:
        if context is not None:
            context.clean()
    return _stored(world, node, attempt, ended, log)


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
        return Ended(state, came.exit_code, came.message, outputs=_plain(came.outputs))
    return Ended(NodeState.SUCCEEDED, 0, "", outputs=_plain(came))


def _plain(outputs: BaseModel) -> Mapping[str, Json]:
    return outputs.model_dump(mode="json")


async def _connection(world: RunWorld, node: Node) -> BaseModel | None:
    """The properties of the node's connection; its secrets are masked from now on."""
    if node.connection is None:
        return None
    async with world.ground.database.reading() as db:
        opened = await connections.open_connection(db, world.ground.keys, world.run.environment_id, node.connection)
    world.meet(opened.secrets)
    return opened.properties


def _resolved(world: RunWorld, node: Node, command: Command[Any]) -> BaseModel:
    """The command's inputs with every reference replaced.

    Raises: CommandFailed naming the field, what is wrong and the mend.
    """
    known = Known(
        workspace=world.known.workspace,
        chain=world.known.chain,
        input=world.known.input,
        system={**world.known.system, **_system_of(world, node)},
        node=world.facts,
    )

    def lookup(reference: Reference) -> Resolved:
        value = look_up(known, reference)
        world.meet(secrets_in(value))
        return value

    try:
        values = resolve(node.inputs, lookup)
    except (Unresolved, TemplateFault) as fault:
        raise CommandFailed(1, f"Input {fault}", retryable=False) from fault
    try:
        return command.inputs.model_validate(_revealed(values))
    except ValidationError as error:
        # Only places and reasons: the values may be secret.
        faults = "; ".join(
            f"{'.'.join(str(step) for step in fault['loc']) or 'inputs'}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False, include_context=False)
        )
        raise CommandFailed(1, f"Inputs do not fit the command: {faults}.", retryable=False) from None


def _system_of(world: RunWorld, node: Node) -> dict[str, Resolved]:
    now = datetime.now(UTC)
    base = world.ground.settings.public_url.rstrip("/")
    return {
        "command_id": node_id(world.run.chain_id, node.key),
        "command_run_id": f"{world.run.id}-{node.key}",
        "command_name": node.name or node.key,
        "command_url": f"{base}/runs/{world.run.id}?node={node.key}",
        "date": now.date().isoformat(),
        "datetime": now.isoformat(timespec="seconds"),
    }


def secrets_in(value: Resolved) -> set[str]:
    """Every secret text inside the value."""
    if isinstance(value, Secret):
        return {value.reveal()}
    if isinstance(value, Mapping):
        return {secret for item in value.values() for secret in secrets_in(item)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return {secret for item in value for secret in secrets_in(item)}
    return set()


def _revealed(value: Resolved) -> Any:
    """The value as the command gets it: secrets revealed, files as their references."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, FileRef):
        return value.model_dump()
    if isinstance(value, Mapping):
        return {key: _revealed(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_revealed(item) for item in value]
    return value


def _log_traceback(log: ResultLog, error: Exception) -> None:
    with contextlib.suppress(LogFull):  # the outcome's message still says what happened
        log.write("".join(traceback.format_exception(error)))


def _masked(value: Json, secrets: frozenset[str]) -> Json:
    """The value with secret texts replaced by dots."""
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, Mapping):
        return {key: _masked(item, secrets) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_masked(item, secrets) for item in value]
    return value


def _stored(world: RunWorld, node: Node, attempt: int, ended: Ended, log: ResultLog) -> Outcome:
    """The outcome with its outputs where they belong: in the row when small, else in the file store.

    Outputs that hold a secret are shown masked; the real ones are kept sealed for the nodes that follow.
    """
    secrets = frozenset(world.secrets)
    message = redact(ended.message, secrets)
    if message:
        with contextlib.suppress(LogFull):
            log.write(message)
    real, shown = ended.outputs, ended.outputs
    sealed: str | None = None
    if real is not None and secrets:
        shown = as_object(_masked(real, secrets))
        if shown != real:
            text = dump({"outputs": real, "secrets": sorted(secrets)})
            sealed = world.ground.keys.seal(text, SEALED_OUTPUTS)
    facts = {**(real or {}), "status": ended.state.value, "exit_code": ended.exit_code, "message": message}
    outputs_key = None
    if shown is not None and (len(dump(shown)) > INLINE_OUTPUT_BYTES or len(sealed or "") > INLINE_OUTPUT_BYTES):
        outputs_key = f"runs/{world.run.id}/{node.key}/{attempt}.outputs.json"
        world.blobs.write(outputs_key, dump({"shown": shown, "sealed": sealed}).encode())
        shown, sealed = None, None
    return Outcome(
        key=node.key,
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
    )


def shown_outputs(blobs: Blobs, result: ResultRecord) -> Mapping[str, Json]:
    """The outputs of a stored attempt as they may be shown; empty when it has none.

    Raises: BlobMissing when they were too large for the row and their file is gone.
    """
    if result.outputs_key is None:
        return result.outputs or {}
    return as_object(as_object(parse(blobs.existing(result.outputs_key).read_bytes()))["shown"])


def facts_of(world: RunWorld, result: ResultRecord) -> Mapping[str, Resolved]:
    """What later nodes may refer to of a stored attempt: its real outputs, status, exit code and message."""
    shown, sealed = result.outputs, result.outputs_sealed
    if result.outputs_key is not None:
        stored = as_object(parse(world.blobs.existing(result.outputs_key).read_bytes()))
        shown = as_object(stored["shown"])
        sealed = cast(str | None, stored["sealed"])
    outputs: Mapping[str, Resolved] = shown or {}
    if sealed is not None:
        opened = as_object(parse(world.ground.keys.unseal(sealed, SEALED_OUTPUTS)))
        outputs = as_object(opened["outputs"])
        world.meet({str(secret) for secret in as_list(opened["secrets"])})
    return {**outputs, "status": result.state.value, "exit_code": result.exit_code, "message": result.message}
