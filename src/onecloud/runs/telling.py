"""What a turn has to tell people: the notifications of the chain and of its nodes that fire, resolved now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from onecloud.chains.notices import fired
from onecloud.chains.parts.notification import NotificationSpec
from onecloud.chains.templates import notification_texts
from onecloud.connector.outcome import CommandFailed
from onecloud.kernel.secret import redact
from onecloud.notify.model import Happening, Status
from onecloud.runs.deciding import lookup_in
from onecloud.runs.facts import known_at, references_of
from onecloud.runs.model import Effect, NodeState, RunState, Settled, ShowNode, ShowRun, Spot, Unit
from onecloud.runs.records import Telling
from onecloud.runs.world import RunWorld
from onecloud.workspaces import actions as workspaces

OUTSIDE: Final = Unit("")
RUN_STATUS: Final[Mapping[RunState, Status]] = {
    RunState.RUNNING: "started",
    RunState.PAUSED: "paused",
    RunState.ALL_SUCCEEDED: "succeeded",
    RunState.WARNED: "warned",
    RunState.ERRORED: "errored",
    RunState.STOPPED: "stopped",
}
NODE_STATUS: Final[Mapping[NodeState, Status]] = {
    NodeState.SUCCEEDED: "succeeded",
    NodeState.WARNED: "warned",
    NodeState.ERRORED: "errored",
    NodeState.STOPPED: "stopped",
    NodeState.PAUSED: "paused",
}


@dataclass(frozen=True, slots=True)
class _What:
    """One status that something reached: the run (`spot` None), or a node in its place."""

    spot: Spot | None
    status: Status
    message: str
    specs: Sequence[NotificationSpec]


async def tellings(
    world: RunWorld, of_chain: Sequence[NotificationSpec], effects: Iterable[Effect], turn: int
) -> list[Telling]:
    """What these effects make known, to be told in the transaction that writes them."""
    found = [what for what in _reached(world, of_chain, effects) if any(what.status in spec.on for spec in what.specs)]
    if not found:
        return []
    async with world.ground.database.reading() as db:
        environment, workspace = await workspaces.get_environment_with_workspace(db, None, world.run.environment_id)
    told: list[Telling] = []
    for what in found:
        node = None if what.spot is None else world.plan.nodes[what.spot.key]
        unit = OUTSIDE if what.spot is None else Unit(*what.spot)
        try:
            known = await known_at(world, unit, references_of(text for _, text in notification_texts(what.specs)))
        except CommandFailed:
            known = world.known  # too many passes for a list; the notice says what could not be resolved
        happening = Happening(
            status=what.status,
            chain_id=world.run.chain_id,
            chain=str(world.known.system["chain_name"]),
            workspace=workspace.name,
            environment=environment.name,
            environment_id=environment.id,
            run_id=world.run.id,
            at=datetime.now(UTC),
            command="" if node is None else node.name or node.key,
            message=redact(what.message, frozenset(world.secrets)),
        )
        place = "" if what.spot is None else f"/{what.spot.key}/{what.spot.outer}"
        occasion = f"run/{world.run.id}{place}/{what.status}/{turn}"
        told.append(Telling(happening, fired(what.specs, what.status, lookup_in(world, known)), occasion))
    return told


def _reached(world: RunWorld, of_chain: Sequence[NotificationSpec], effects: Iterable[Effect]) -> Iterable[_What]:
    for effect in effects:
        match effect:
            case ShowRun(state, text) if of_chain and state in RUN_STATUS:
                yield _What(None, RUN_STATUS[state], text, of_chain)
            case Settled(spot, state) if state in NODE_STATUS and world.plan.nodes[spot.key].notifications:
                message = str(world.facts.get(spot, {}).get("message") or "")
                yield _What(spot, NODE_STATUS[state], message, world.plan.nodes[spot.key].notifications)
            case ShowNode(key, NodeState.PAUSED) if world.plan.nodes[key].notifications:
                message = str(world.facts.get(Spot(key), {}).get("message") or "")
                yield _What(Spot(key), "paused", message, world.plan.nodes[key].notifications)
            case _:
                pass
