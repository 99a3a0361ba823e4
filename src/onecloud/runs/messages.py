"""Messages to a run (`run_event` rows) as events of the reducer, with the outcome where one answers a wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeAlias, cast

from onecloud.chains.events import EVENTS
from onecloud.chains.events.values import CHILD_WARNED
from onecloud.kernel.jsonvalue import Json, as_list, as_object, parse
from onecloud.runs import store
from onecloud.runs.execute import Ended, stored
from onecloud.runs.facts import SEALED_OUTPUTS
from onecloud.runs.model import NodeFinished, NodeState, PauseAsked, Resumed, RunState, Spot, Unit
from onecloud.runs.records import Outcome, RunRecord
from onecloud.runs.store import Message
from onecloud.runs.world import RunWorld

CHILD_STATES: Final[Mapping[RunState, tuple[NodeState, int]]] = {
    RunState.ALL_SUCCEEDED: (NodeState.SUCCEEDED, 0),
    RunState.WARNED: (NodeState.WARNED, CHILD_WARNED),
    RunState.ERRORED: (NodeState.ERRORED, 1),
    RunState.STOPPED: (NodeState.ERRORED, 1),
}
MEANS: Final[Mapping[str, NodeState]] = {
    "success": NodeState.SUCCEEDED,
    "warning": NodeState.WARNED,
    "error": NodeState.ERRORED,
}

Heard: TypeAlias = PauseAsked | Resumed | Outcome


async def heard(world: RunWorld, message: Message) -> Heard | None:
    """What a message means to the run; None when it means nothing any more."""
    match message.kind:
        case "pause":
            return PauseAsked(message.id, str(message.payload.get("by", "")))
        case "resume":
            start = message.payload.get("start")
            if start is None:
                return Resumed(message.id)
            key, outer = as_list(start)
            return Resumed(message.id, Spot(str(key), cast(int, outer)))
        case "answer":
            return _answered(world, message)
        case "child_ended":
            async with world.ground.database.reading() as db:
                child = await store.run(db, cast(int, message.payload["run_id"]))
            return None if child is None else _child_ended(world, child, message.id)
        case _:
            raise ValueError(f"unknown message {message.kind!r} to run {world.run.id}")


def finished(outcome: Outcome) -> NodeFinished:
    """The event that an outcome is."""
    return NodeFinished(
        outcome.unit,
        outcome.attempt,
        outcome.state,
        outcome.exit_code,
        outcome.retryable,
        outcome.ended_at,
        outcome.forces,
        outcome.message if outcome.forces else "",
        outcome.event_id,
    )


def _place(value: Json) -> tuple[Unit, int]:
    key, outer, item, attempt = cast(tuple[str, int, int, int], tuple(as_list(value)))
    return Unit(key, outer, item), attempt


def _answered(world: RunWorld, message: Message) -> Outcome | None:
    unit, attempt = _place(message.payload["unit"])
    node = world.plan.nodes.get(unit.key)
    if node is None:
        return None
    code = cast(int, message.payload["exit_code"])
    spec = EVENTS[node.command.partition(".")[2]]
    means = next((exit_code.means for exit_code in spec.exit_codes if exit_code.code == code), "error")
    ended = Ended(
        MEANS[means],
        code,
        str(message.payload.get("message", "")),
        retryable=False,
        outputs=as_object(message.payload.get("outputs") or {}),
    )
    return replace(stored(world, node, unit, attempt, ended, None), event_id=message.id)


def _child_ended(world: RunWorld, child: RunRecord, event_id: int) -> Outcome | None:
    if child.state not in CHILD_STATES or child.parent_unit is None:
        return None
    unit, attempt = _place(parse(child.parent_unit))
    node = world.plan.nodes.get(unit.key)
    if node is None:
        return None
    state, code = CHILD_STATES[child.state]
    outputs: dict[str, Json] = dict(child.outputs or {})
    if child.outputs_sealed is not None:
        opened = as_object(parse(world.ground.keys.unseal(child.outputs_sealed, SEALED_OUTPUTS)))
        outputs = as_object(opened["outputs"])
        world.meet({str(secret) for secret in as_list(opened["secrets"])})
    outputs |= {"run_id": str(child.id), "state": child.state.value}
    text = "" if state is NodeState.SUCCEEDED else f"Run {child.id} ended {child.state.value}: {child.result_text}"
    ended = Ended(state, code, text, retryable=child.state is not RunState.STOPPED, outputs=outputs)
    return replace(stored(world, node, unit, attempt, ended, None), event_id=event_id)
