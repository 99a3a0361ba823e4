"""What a chain gives to the one that ran it: its declared outputs, read when every node has settled."""

from __future__ import annotations

from collections.abc import Sequence

from onecloud.chains.parts.values import ChainOutput
from onecloud.connector.outcome import CommandFailed
from onecloud.kernel.jsonvalue import Json, as_object, dump
from onecloud.runs.deciding import resolved
from onecloud.runs.facts import SEALED_OUTPUTS, known_at, references_of
from onecloud.runs.model import Unit
from onecloud.runs.records import ChainResult
from onecloud.runs.values import masked, plain
from onecloud.runs.world import RunWorld
from onecloud.variables.rules import texts

OUTSIDE = Unit("")


async def chain_result(world: RunWorld, outputs: Sequence[ChainOutput]) -> ChainResult | None:
    """The chain's outputs; one that leads nowhere (its node was skipped) is null."""
    if not outputs:
        return None
    real: dict[str, Json] = {}
    for output in outputs:
        try:
            references = references_of(text for _, text in texts(output.value))
            known = await known_at(world, OUTSIDE, references)
            real[output.name] = plain(resolved(world, output.value, known))
        except CommandFailed:
            real[output.name] = None
    secrets = frozenset(world.secrets)
    shown = as_object(masked(real, secrets))
    sealed = None
    if shown != real:
        sealed = world.ground.keys.seal(dump({"outputs": real, "secrets": sorted(secrets)}), SEALED_OUTPUTS)
    return ChainResult(shown, sealed)
