"""What there is to tell people: the notifications of the chain and of its nodes that fire, resolved now."""

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
from onecloud.runs.plan import Plan
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
class Reached:
    """One status that something reached: the run (`spot` None), or a node in its place; with its notifications.

    `occasion` names it within its run, the same whenever it is worked out again: what a process wrote and could not
    journal any more is written once more by the next one, perhaps together with other things.
    """

    spot: Spot | None
    status: Status
    specs: Sequence[NotificationSpec]
    occasion: str
    message: str = ""


def reached(
    plan: Plan, of_chain: Sequence[NotificationSpec], effects: Iterable[Effect], resumed_by: int
) -> list[Reached]:
    """The statuses among these effects that somebody wants to be told of; pure.

    A run starts once and ends once; it pauses, and a node reaches one status in one place, once after each resume.
    A resume is no start, and what a re-run takes over from the earlier run is no news.
    """
    found: list[Reached] = []
    for effect in effects:
        match effect:
            case ShowRun(RunState.RUNNING) if resumed_by:
                pass
            case ShowRun(state, text) if state in RUN_STATUS:
                status = RUN_STATUS[state]
                again = f"/{resumed_by}" if status == "paused" else ""
                found.append(Reached(None, status, of_chain, f"{status}{again}", text))
            case Settled(spot, state, reused=False) if state in NODE_STATUS:
                found.append(of_node(plan, spot, NODE_STATUS[state], resumed_by))
            case ShowNode(key, NodeState.PAUSED):
                found.append(of_node(plan, Spot(key), "paused", resumed_by))
            case _:
                pass
    return wanted(found)


def of_node(plan: Plan, spot: Spot, status: Status, resumed_by: int) -> Reached:
    """A node's status."""
    occasion = f"{spot.key}/{spot.outer}/{status}/{resumed_by}"
    return Reached(spot, status, plan.nodes[spot.key].notifications, occasion)


def wanted(found: Iterable[Reached]) -> list[Reached]:
    """Those that a notification is for."""
    return [one for one in found if any(one.status in spec.on for spec in one.specs)]


async def tellings(world: RunWorld, found: Sequence[Reached]) -> list[Telling]:
    """What is to be told of these, resolved now, for the transaction that writes them."""
    if not found:
        return []
    async with world.ground.database.reading() as db:
        environment, workspace = await workspaces.get_environment_with_workspace(db, None, world.run.environment_id)
    told: list[Telling] = []
    for one in found:
        node = None if one.spot is None else world.plan.nodes[one.spot.key]
        unit = OUTSIDE if one.spot is None else Unit(*one.spot)
        message = one.message or ("" if one.spot is None else str(world.facts.get(one.spot, {}).get("message") or ""))
        try:
            known = await known_at(world, unit, references_of(text for _, text in notification_texts(one.specs)))
        except CommandFailed:
            known = world.known  # too many passes for a list; the notice says what could not be resolved
        happening = Happening(
            status=one.status,
            chain_id=world.run.chain_id,
            chain=str(world.known.system["chain_name"]),
            workspace=workspace.name,
            environment=environment.name,
            environment_id=environment.id,
            run_id=world.run.id,
            at=datetime.now(UTC),
            command="" if node is None else node.name or node.key,
            message=redact(message, frozenset(world.secrets)),
        )
        occasion = f"run/{world.run.id}/{one.occasion}"
        told.append(Telling(happening, fired(one.specs, one.status, lookup_in(world, known)), occasion))
    return told
