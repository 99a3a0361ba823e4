"""What one unit may refer to at the moment it starts: the values of its run as seen from its place.

Within a repeating group `node.KEY` means that node's result in the same pass; from outside, and of a node that repeats
by itself, its outputs are lists with one item for each pass.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from onecloud.chains.model import Node, node_id
from onecloud.chains.templates import node_texts
from onecloud.connector.context import FileRef
from onecloud.connector.outcome import CommandFailed
from onecloud.infra.blobs import Blobs
from onecloud.kernel.jsonvalue import Json, as_list, as_object, dump, parse
from onecloud.runs import store
from onecloud.runs.model import NO_PASS, SETTLED_STATES, NodeState, Spot, Unit
from onecloud.runs.records import Outcome, ResultRecord
from onecloud.runs.world import RunWorld
from onecloud.variables.language import parse as parse_template
from onecloud.variables.model import LOOP_FACTS, NODE_FACTS, Known, Reference, Resolved, TemplateFault

SEALED_OUTPUTS: Final = "outputs"
MOST_ITEMS: Final = 100_000  # of a list that is made of all passes; beyond it the passes are a file
PAGE: Final = 2000
MERGED: Final = None  # every pass of the group around


def references_of(texts: Iterable[str]) -> tuple[Reference, ...]:
    """Every reference in the texts; those of a text that cannot be read are found when it is resolved."""
    found: list[Reference] = []
    for text in texts:
        try:
            found += parse_template(text).references
        except TemplateFault:
            continue
    return tuple(found)


def references_of_node(node: Node) -> tuple[Reference, ...]:
    """Every reference of a node."""
    return references_of(text for _, text in node_texts(node))


def references_in(world: RunWorld, node: Node) -> tuple[Reference, ...]:
    """Every reference of a node, looked for once a run."""
    found = world.references.get(node.key)
    if found is None:
        found = world.references[node.key] = references_of_node(node)
    return found


async def known_at(world: RunWorld, unit: Unit, references: Iterable[Reference]) -> Known:
    """The values that the references of this unit can lead to.

    Raises: CommandFailed when the passes of a loop are too many for a list.
    """
    wanted: dict[str, set[str]] = {}
    for reference in references:
        if reference.scope == "node":
            wanted.setdefault(reference.name, set()).add(str(reference.path[1]))
    node = world.plan.nodes.get(unit.key)
    nodes = {key: found for key in wanted if (found := await _facts(world, unit, key, wanted[key])) is not None}
    return replace(
        world.known,
        system={**world.known.system, **system_of(world, unit, node)},
        node=nodes,
        dynamic=world.dynamic,
        iteration=_pass_of(world, unit.spot, unit.item),
        group={} if node is None or node.group is None else _pass_of(world, Spot(node.group), unit.outer),
    )


def system_of(world: RunWorld, unit: Unit, node: Node | None) -> dict[str, Resolved]:
    """The system values that are about this node and this moment."""
    now = datetime.now(UTC)
    run, base = world.run, world.ground.settings.public_url.rstrip("/")
    moment: dict[str, Resolved] = {"date": now.date().isoformat(), "datetime": now.isoformat(timespec="seconds")}
    if node is None:
        return moment
    place = "" if unit == Unit(unit.key) else f"-{unit.outer}-{unit.item}"
    return {
        "command_id": node_id(run.chain_id, node.key),
        "command_run_id": f"{run.id}-{node.key}{place}",
        "command_name": node.name or node.key,
        "command_url": f"{base}/runs/{run.id}?node={node.key}",
        **moment,
    }


def _pass_of(world: RunWorld, spot: Spot, index: int) -> dict[str, Resolved]:
    """What `iteration` or `group` says in this pass; nothing outside a loop. `last` and `total` need a list."""
    if index < 0 or spot not in world.totals:
        return {}
    total = world.totals[spot]
    seen: dict[str, Resolved] = {"value": world.item(spot, index), "index": index, "first": index == 0}
    if total is not None:
        seen |= {"last": index == total - 1, "total": total}
    return seen


async def _facts(world: RunWorld, unit: Unit, key: str, names: set[str]) -> Mapping[str, Resolved] | None:
    named = world.plan.nodes.get(key)
    if named is None:
        return None
    inside = unit.key in world.plan.nodes and world.plan.nodes[unit.key].group == named.group
    merged = named.group is not None and world.plan.repeats(named.group) and not inside
    spot = Spot(key, unit.outer if inside and named.group is not None else NO_PASS)
    nothing: Mapping[str, Resolved] = {}
    base = nothing if merged else world.facts.get(spot)
    if key == unit.key and unit.item >= 0 and spot in world.passes:
        return world.passes[spot]  # a repeat-until looks at the pass that just ended
    if base is None:
        return None
    if not merged and not world.plan.repeats(key):
        return base
    if not names - base.keys():
        return base
    return {**base, **await loop_facts(world, key, MERGED if merged else spot.outer, names)}


async def loop_facts(world: RunWorld, key: str, outer: int | None, names: set[str]) -> dict[str, Resolved]:
    """What is said of all passes of a node together, as far as it is asked for.

    Raises: CommandFailed naming the limit.
    """
    facts: dict[str, Resolved] = {}
    lists: dict[str, list[Resolved]] = {name: [] for name in names if name not in {**LOOP_FACTS, **NODE_FACTS}}
    count = bad = 0
    worst = NodeState.SUCCEEDED
    blob = f"runs/{world.run.id}/{key}/{'all' if outer is None else outer}.results.jsonl"
    with _lines(world.blobs.path(blob) if "results" in names else None) as write:
        async for row in last_attempts(world, key, outer):
            count += 1
            bad += row.state is NodeState.ERRORED
            worst = row.state if row.state is NodeState.ERRORED or worst is NodeState.SUCCEEDED else worst
            if lists:
                if count > MOST_ITEMS:
                    raise CommandFailed(
                        1,
                        f"`{key}` has more than {MOST_ITEMS} passes, too many for a list. "
                        f"Use `node.{key}.results`, a file.",
                        retryable=False,
                    )
                outputs = await asyncio.to_thread(facts_of, world, row) if row.outputs_key else facts_of(world, row)
                for name, values in lists.items():
                    values.append(outputs.get(name))
            if write is not None:
                write(result_line(world.blobs, row) + "\n")
    facts |= {"passes": count, "failed_passes": bad, **lists}
    if outer is MERGED:
        facts |= {"status": worst.value, "exit_code": int(bad > 0), "message": f"{count} passes"}
    if "results" in names:
        name = f"{key}-results.jsonl"
        size = world.blobs.size(blob)
        facts["results"] = FileRef(name=name, blob=blob, size_bytes=size, media_type="application/x-ndjson")
    return facts


@contextlib.contextmanager
def _lines(path: Path | None) -> Generator[Callable[[str], object] | None]:
    """Something to write lines with; the file is there, whole, when the block ends. None writes nothing."""
    if path is None:
        yield None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    with partial.open("w", encoding="utf-8") as file:
        yield file.write
    partial.replace(path)


async def last_attempts(world: RunWorld, key: str, outer: int | None) -> AsyncIterator[ResultRecord]:
    """The last attempt of every pass that has ended, in the order of the passes."""
    after, last = (-2, -2), cast(ResultRecord | None, None)
    while True:
        async with world.ground.database.reading() as db:
            page = await store.passes_of(db, world.run.id, key, outer, after, PAGE)
        # A pass's attempts stay together: what the page may have cut off is read again with the next one.
        whole = len(page) < PAGE
        edge = (page[-1].outer, page[-1].item) if page and not whole else None
        for row in page:
            if (row.outer, row.item) == edge:
                break
            if last is not None and last.unit != row.unit:
                yield last
                last = None
            ended = world.unwritten.get((row.unit, row.attempt))
            if ended is not None:
                last = _as_written(row, ended)
            elif row.state in SETTLED_STATES:
                last = row
            after = (row.outer, row.item)
        if whole:
            break
    if last is not None:
        yield last


def _as_written(row: ResultRecord, outcome: Outcome) -> ResultRecord:
    """The row as this turn will write it."""
    return replace(
        row,
        state=outcome.state,
        exit_code=outcome.exit_code,
        message=outcome.message,
        outputs=outcome.outputs,
        outputs_sealed=outcome.outputs_sealed,
        outputs_key=outcome.outputs_key,
        ended_at=outcome.ended_at,
    )


def result_line(blobs: Blobs, row: ResultRecord) -> str:
    """A pass in the results file; secrets stay hidden there."""
    return dump(
        {
            "index": row.item if row.item >= 0 else row.outer,
            "value": row.iteration,
            "state": row.state.value,
            "exit_code": row.exit_code,
            "message": row.message,
            "outputs": shown_outputs(blobs, row),
        }
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
