"""What a loop asks of the engine: its passes before they begin, and its condition after each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from onecloud.chains.model import Node
from onecloud.chains.parts.iterate import Iterate
from onecloud.chains.templates import node_texts, until_texts
from onecloud.connector.context import FileRef
from onecloud.connector.outcome import CommandFailed
from onecloud.infra.blobs import BlobMissing
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.jsonvalue import parse as parse_json
from onecloud.kernel.secret import Secret
from onecloud.runs.deciding import decided, resolved
from onecloud.runs.facts import known_at, references_of
from onecloud.runs.items import ItemsFault, rows_of, write_items
from onecloud.runs.model import Checked, NodeState, Opened, Spot, Unit
from onecloud.runs.records import Outcome
from onecloud.runs.values import plain
from onecloud.runs.world import RunWorld
from onecloud.variables.model import Known, Resolved


async def open_loop(world: RunWorld, spot: Spot) -> Opened | Outcome:
    """Decide a group's skip condition and write down the values of the passes.

    An Outcome (attempt 0) says that there will be none: skipped, or not to be had.
    Raises: asyncio.CancelledError only.
    """
    node = world.plan.nodes[spot.key]
    try:
        known = await known_at(world, Unit(*spot), references_of(text for _, text in node_texts(node)))
        if node.is_group and node.skip_if is not None and decided(world, node.skip_if, known, "skip_if"):
            return _none(spot, NodeState.SKIPPED, "Skipped by its condition.")
        if node.iterate is None:
            return Opened(spot, 1)
        if node.iterate.until is not None:
            return Opened(spot, None)
        return Opened(spot, await _write(world, node, node.iterate, spot, known))
    except CommandFailed as failed:
        return _none(spot, NodeState.ERRORED, failed.message)
    except ItemsFault as fault:
        return _none(spot, NodeState.ERRORED, f"The passes cannot be had. {fault}")
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a list must not take the run down
        return _none(spot, NodeState.ERRORED, f"The passes cannot be had ({type(error).__name__}: {error}).")


def _none(spot: Spot, state: NodeState, message: str) -> Outcome:
    code = int(state is NodeState.ERRORED)
    return Outcome(
        unit=Unit(*spot),
        attempt=0,
        state=state,
        exit_code=code,
        retryable=False,
        message=message,
        outputs=None,
        outputs_sealed=None,
        outputs_key=None,
        ended_at=datetime.now(UTC),
        facts={"status": state.value, "exit_code": code, "message": message},
    )


async def _write(world: RunWorld, node: Node, rule: Iterate, spot: Spot, known: Known) -> int:
    path = world.blobs.path(world.items_key(spot))
    values: Iterable[Resolved]
    if rule.rows is not None:
        file = resolved(world, rule.rows, known)
        if isinstance(file, Mapping) and file.get("kind") == "file":
            file = FileRef.model_validate(plain(file))
        if not isinstance(file, FileRef):
            raise ItemsFault(f"`iterate.rows` of {node.key} is no file. Refer to a file output.")
        try:
            values = rows_of(world.blobs.existing(file.blob))
        except BlobMissing as missing:
            raise ItemsFault(f"The file {file.name!r} is no longer stored.") from missing
    else:
        over: Json = rule.over if isinstance(rule.over, str) else list(rule.over or ())
        values = _listed(resolved(world, over, known), node)
    # Under a name of its own: a thread cannot be cancelled, and a late one must not write over what came after it.
    made = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        write = asyncio.get_running_loop().run_in_executor
        count = await write(world.threads, write_items, made, values, world.ground.keys)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
    return count


def _listed(value: Resolved, node: Node) -> Sequence[Resolved]:
    """The value as a list: a list, or text that holds a JSON array."""
    if isinstance(value, Secret):
        return [Secret(item) if isinstance(item, str) else item for item in _parsed(value.reveal(), node)]
    if isinstance(value, str):
        return _parsed(value, node)
    if isinstance(value, Sequence):
        return value
    kind = "nothing" if value is None else type(value).__name__
    raise ItemsFault(f"`iterate.over` of {node.key} must be a list, it is {kind}.")


def _parsed(text: str, node: Node) -> Sequence[Json]:
    try:
        value = parse_json(text)
    except ValueError:
        value = None
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    raise ItemsFault(f"`iterate.over` of {node.key} must be a list or the text of a JSON array.")


async def check_until(world: RunWorld, spot: Spot, index: int) -> Checked:
    """Decide a repeat-until after one of its passes.

    Raises: asyncio.CancelledError only.
    """
    node = world.plan.nodes[spot.key]
    rule = node.iterate
    assert rule is not None
    assert rule.until is not None
    # Seen from within the pass: of a group its members' results, of a command its own.
    scope = world.plan.groups.get(spot.key)
    unit = Unit(spot.key, spot.outer, index) if scope is None else Unit(scope.keys[0], index)
    try:
        known = await known_at(world, unit, references_of(text for _, text in until_texts(node)))
        if node.is_group:
            known = replace(known, iteration=known.group)
        return Checked(spot, index, decided(world, rule.until, known, "iterate.until"))
    except CommandFailed as failed:
        return Checked(spot, index, done=False, fault=failed.message)
