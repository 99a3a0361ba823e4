"""A seed as it is kept with a run, and back; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from onecloud.kernel.jsonvalue import Json
from onecloud.runs.model import Forced, GroupSeed, NodeState, Seed


def seed_value(seed: Seed) -> dict[str, Json]:
    """The seed as JSON."""
    group: Json = None
    if seed.group is not None:
        g = seed.group
        group = {
            "key": g.key,
            "outer": g.outer,
            "starts": list(g.starts),
            "states": {key: state.value for key, state in g.states.items()},
            "failed": g.failed,
            "warned": g.warned,
            "worst": {key: state.value for key, state in g.worst.items()},
        }
    forced = seed.forced
    return {
        "states": {key: state.value for key, state in seed.states.items()},
        "starts": list(seed.starts),
        "group": group,
        "only": seed.only,
        "forgiven": sorted(seed.forgiven),
        "forced": None if forced is None else [forced.result, forced.text, forced.by],
        "attempts": seed.attempts,
    }


def seed_of(stored: Mapping[str, Json] | None) -> Seed | None:
    """The seed that a run's row holds."""
    if stored is None:
        return None
    value = cast(dict[str, Any], stored)
    group: dict[str, Any] | None = value["group"]
    return Seed(
        states={key: NodeState(state) for key, state in value["states"].items()},
        starts=tuple(value["starts"]),
        group=None
        if group is None
        else GroupSeed(
            key=group["key"],
            outer=group["outer"],
            starts=tuple(group["starts"]),
            states={key: NodeState(state) for key, state in group["states"].items()},
            failed=group["failed"],
            warned=group.get("warned", False),
            worst={key: NodeState(state) for key, state in group.get("worst", {}).items()},
        ),
        only=value["only"],
        forgiven=frozenset(value["forgiven"]),
        forced=Forced(*value["forced"]) if value.get("forced") else None,
        attempts=value.get("attempts", 0),
    )
