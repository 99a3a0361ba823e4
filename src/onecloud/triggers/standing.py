"""How a trigger stands: what was last, and why it will not start a run; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from onecloud.chains.model import Chain, Version
from onecloud.triggers.model import FireRecord, Trigger
from onecloud.triggers.rules import document_problems


@dataclass(frozen=True, slots=True)
class Hindrance:
    """One reason for which no run will start: a code for programs, a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A trigger with what is known of it now."""

    trigger: Trigger
    last: FireRecord | None
    hindrances: tuple[Hindrance, ...]


def standing_of(
    trigger: Trigger, chain: Chain, version: Version | None, last: FireRecord | None, *, lost: bool
) -> Standing:
    """How one trigger of the chain stands. `lost`: what it waits for is gone."""
    found: list[Hindrance] = []
    if chain.disabled:
        found.append(Hindrance("chain.disabled", f"The chain `{chain.name}` is disabled. Enable it."))
    if version is None:
        found.append(Hindrance("chain.not_published", f"The chain `{chain.name}` was never published. Publish it."))
    if not trigger.enabled:
        found.append(Hindrance("trigger.disabled", _disabled(trigger)))
    if lost:
        found.append(Hindrance("trigger.source_gone", "The chain that it waits for was deleted. Name another one."))
    if trigger.trouble:
        found.append(Hindrance("trigger.folder", trigger.trouble))
    inputs = None if version is None else version.definition.inputs
    found += [
        Hindrance("trigger.invalid", problem.sentence()) for problem in document_problems(trigger.document, inputs)
    ]
    return Standing(trigger, last, tuple(found))


def _disabled(trigger: Trigger) -> str:
    if trigger.switched is None:
        return "The trigger was made disabled. Enable it."
    by = trigger.switched.by_name or "the command line"
    return f"Disabled by {by} on {_moment(trigger.switched.at)}. Enable it."


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
