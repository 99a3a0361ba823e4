"""Values and conditions of a node, resolved with what a run knows; every secret met on the way is masked afterwards."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError

from onecloud.connector.outcome import CommandFailed
from onecloud.kernel.jsonvalue import Json
from onecloud.runs.values import secrets_in
from onecloud.runs.world import RunWorld
from onecloud.variables.conditions import Condition, ConditionFault, Verdict, explain_result
from onecloud.variables.model import Known, Reference, Resolved, TemplateFault, Unresolved
from onecloud.variables.rules import look_up, resolve


def lookup_in(world: RunWorld, known: Known) -> Callable[[Reference], Resolved]:
    """What a reference stands for; secrets met on the way are masked afterwards."""

    def lookup(reference: Reference) -> Resolved:
        found = look_up(known, reference)
        world.meet(secrets_in(found))
        return found

    return lookup


def verdict_of(world: RunWorld, condition: Condition, known: Known, where: str) -> Verdict:
    """Whether the condition is true, and which test decided.

    Raises: CommandFailed when it cannot be decided.
    """
    try:
        return explain_result(condition, lookup_in(world, known))
    except (Unresolved, TemplateFault, ConditionFault) as fault:
        raise CommandFailed(1, f"The condition ({where}) cannot be decided: {fault}", retryable=False) from fault


def decided(world: RunWorld, condition: Condition, known: Known, where: str) -> bool:
    """Whether the condition is true.

    Raises: CommandFailed when it cannot be decided.
    """
    return verdict_of(world, condition, known, where).holds


def resolved(world: RunWorld, value: Json, known: Known) -> Resolved:
    """A value with every reference in it replaced; its secrets are masked from now on.

    Raises: CommandFailed.
    """
    try:
        came = resolve(value, lookup_in(world, known))
    except (Unresolved, TemplateFault) as fault:
        raise CommandFailed(1, f"Input {fault}", retryable=False) from fault
    world.meet(secrets_in(came))  # what transformations made of a secret is one too
    return came


def unfit(error: ValidationError) -> CommandFailed:
    """The failure of inputs that do not fit; only places and reasons, since the values may be secret."""
    faults = "; ".join(
        f"{'.'.join(str(step) for step in fault['loc']) or 'inputs'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return CommandFailed(1, f"Inputs do not fit the command: {faults}.", retryable=False)
