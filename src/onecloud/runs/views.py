"""Reading a run whole: its row, nodes, attempts, graph and the sizes of its logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import actions as chains
from onecloud.chains.catalog import catalog
from onecloud.chains.model import Version
from onecloud.chains.shapes import graph_of
from onecloud.infra.blobs import Blobs
from onecloud.kernel.errors import NotFound
from onecloud.kernel.principal import Principal
from onecloud.runs import actions, store
from onecloud.runs.reasons import reason_of
from onecloud.runs.records import NodeRecord, ResultRecord, RunRecord
from onecloud.runs.shapes import RunOut, run_out
from onecloud.workspaces.rules import row_id


@dataclass(frozen=True, slots=True)
class RunView:
    """One run with everything that is shown of it."""

    run: RunRecord
    version: Version
    nodes: list[NodeRecord]
    results: list[ResultRecord]
    passes: Mapping[str, Mapping[str, int]]
    why: str | None


PASSES_SHOWN: Final = 20  # of each node in a loop; the rest is asked for by the page


async def view(
    db: AsyncSession, caller: Principal, run_id: str, *, every_pass: bool = False, places: int | None = None
) -> RunView:
    """The run of an id of the wire; of loops the newest results only, unless every pass is asked for.

    With `places`, the number of runs that may be worked on at once, it is found out why the run is where it is.

    Raises: NotFound.
    """
    run = await actions.get(db, caller, wire_id(run_id, "run"))
    version = await chains.version(db, run.version_id)
    nodes = await store.nodes_of(db, run.id)
    if every_pass or not _loops(version):
        results = await store.results_of(db, run.id)
    else:
        results = await store.newest_results(db, run.id, PASSES_SHOWN)
    return RunView(
        run=run,
        version=version,
        nodes=nodes,
        results=results,
        passes=await store.passes_by_state(db, run.id) if _loops(version) else {},
        why=None if places is None else await reason_of(db, run, nodes, results, places),
    )


def _loops(version: Version) -> bool:
    return any(node.iterate is not None for node in version.definition.nodes)


def wire_id(text: str, what: str) -> int:
    """The row of an id of the wire.

    Raises: NotFound when the text can be no id: ids are texts there, so a wrong one is simply unknown.
    """
    row = row_id(text)
    if row is None:
        raise NotFound(f"{what}.not_found", f"There is no {what} {text[:40]!r}.")
    return row


async def result_with_command(db: AsyncSession, caller: Principal, result_id: str) -> tuple[ResultRecord, str]:
    """An attempt and the command that it ran.

    Raises: NotFound.
    """
    number = wire_id(result_id, "result")
    missing = NotFound("result.not_found", f"There is no result {number}.")
    result = await store.result(db, number)
    if result is None:
        raise missing
    run = await actions.get(db, caller, result.run_id, hidden=missing)
    version = await chains.version(db, run.version_id)
    node = version.definition.node(result.key)
    return result, "" if node is None else node.command


def shape(blobs: Blobs, seen: RunView) -> RunOut:
    """The run as API v2 shows it; log sizes are read from the files, so they grow while a command runs."""
    sizes = {row.id: blobs.size(row.log_key) for row in seen.results}
    graph = graph_of(seen.run.chain_id, seen.version.definition, catalog())
    return run_out(seen.run, seen.version, graph, seen.nodes, seen.results, seen.passes, seen.why, sizes)
