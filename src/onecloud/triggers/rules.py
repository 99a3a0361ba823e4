"""What becomes of something that a trigger saw, and what is wrong with a trigger; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from onecloud.chains.model import RuntimeInput
from onecloud.chains.rules import NotThatType, input_value
from onecloud.kernel.errors import Problem
from onecloud.kernel.jsonvalue import Json, as_object, dump
from onecloud.triggers.model import ChainCompleted, Kind, Skip, Start, TriggerDocument, Verdict
from onecloud.variables import conditions
from onecloud.variables.conditions import ConditionFault
from onecloud.variables.model import Known, Reference, Resolved, TemplateFault, Unresolved
from onecloud.variables.rules import is_file, look_up, near, parse, resolve, texts

CONDITION: Final = "trigger.condition"
NO_CONDITION: Final = "trigger.condition_fault"
NO_INPUTS: Final = "trigger.inputs"
STATE: Final = "trigger.state"
TOO_DEEP: Final = "trigger.too_deep"
MOST_DEPTH: Final = 20  # runs that triggers start after each other; as many as Run Chain events may nest
HAND_ON: Final = "Write it to a folder of the server there, and hand on its path."

Edge: TypeAlias = tuple[int, int]
"""A trigger between two chains: a run of the first starts one of the second."""

# What `${{ trigger.… }}` may name, with what it is.
FACTS: Final[Mapping[Kind, Mapping[str, str]]] = {
    "webhook": {
        "body": "The body: JSON and forms with their fields, anything else as text",
        "query": "What stands behind the ? of the address, by name",
        "headers": "The headers by their names in small letters, without credentials",
        "delivery_id": "The sender's id of the request; empty when it has none",
    },
    "chain_completed": {
        "outputs": "The chain's outputs by name, secrets hidden; nothing when the run was stopped or failed before",
        "run_id": "Id of the run that ended",
        "state": "How it ended: all_succeeded, warned, errored or stopped",
        "result_text": "The sentence with its result; may be empty",
        "chain_id": "Id of its chain",
        "chain_name": "Name of its chain",
    },
    "file": {
        "path": "The file's path, as file commands take it",
        "name": "Its name",
        "folder": "The path of its folder",
        "size_bytes": "Its size",
        "changed_at": "When it was last written, in UTC",
        "event": "created or changed",
    },
}


def document_problems(document: TriggerDocument, inputs: Sequence[RuntimeInput] | None) -> Iterator[Problem]:
    """The faults of a trigger. `inputs` are those of the chain's published version; None before the first publish."""
    facts = FACTS[document.source.kind]
    if document.when is not None:
        faults = conditions.faults(document.when)
        for fault in faults:
            message = f"{fault.message[:1].upper()}{fault.message[1:]}."
            yield Problem(f"when{'.' if fault.where else ''}{fault.where}", message, fault.mend)
        if not faults:
            for where, text in conditions.texts(conditions.read(document.when)):
                yield from _text_problems(f"when{'.' if where else ''}{where}", text, facts)
    for where, text in texts(document.inputs):
        yield from _text_problems(f"inputs.{where}", text, facts)
    if inputs is not None:
        yield from _input_problems(document.inputs, inputs)


def _text_problems(where: str, text: str, facts: Mapping[str, str]) -> Iterator[Problem]:
    try:
        references = parse(text).references
    except TemplateFault as fault:
        yield Problem(where, f"At character {fault.position}: {fault.message}.", fault.mend)
        return
    for reference in references:
        if reference.scope != "trigger":
            yield Problem(
                where, f"`{reference}` is not known before the run.", f"A trigger knows: {_listed(facts)} of `trigger`."
            )
        elif reference.name not in facts:
            yield Problem(where, f"This kind of trigger has no `{reference.name}`.", near(reference.name, facts))


def _listed(facts: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}`" for name in facts)


def _input_problems(given: Mapping[str, Json], inputs: Sequence[RuntimeInput]) -> Iterator[Problem]:
    """What is certain before anything happens: names, required inputs, and values without references."""
    names = {one.name: one for one in inputs}
    for name in given:
        if name not in names:
            yield Problem(f"inputs.{name}", f"The chain has no runtime input `{name}`.", near(name, names))
    for asked in inputs:
        value = given.get(asked.name)
        if any("${{" in text for _, text in texts(value)) or (asked.type == "file" and value is not None):
            continue
        try:
            input_value(asked, value)
        except NotThatType as fault:
            yield Problem(f"inputs.{asked.name}", str(fault), "Give the trigger a value for it.")


def way_back(edges: Iterable[Edge], source: int, target: int) -> tuple[int, ...] | None:
    """The chains from `target` to `source` that start each other; None when there is no such way.

    With one, a trigger from `source` to `target` would close a circle that never ends. Source: product facts 2.5.
    """
    after: dict[int, list[int]] = {}
    for first, second in edges:
        after.setdefault(first, []).append(second)
    ways: dict[int, tuple[int, ...]] = {target: (target,)}
    waiting = [target]
    while waiting:
        here = waiting.pop()
        if here == source:
            return ways[here]
        for following in after.get(here, ()):
            if following not in ways:
                ways[following] = (*ways[here], following)
                waiting.append(following)
    return None


def not_for(completed: ChainCompleted, state: str, depth: int) -> Skip | None:
    """Why a run that ended so does not count; None when it does."""
    if state not in completed.states:
        return Skip(STATE, f"The run ended as {state}; the trigger waits for {' or '.join(completed.states)}.")
    if depth > MOST_DEPTH:
        return Skip(
            TOO_DEEP,
            f"{MOST_DEPTH} runs were started by triggers after each other, the limit. Do the chains start each other?",
        )
    return None


def decide(document: TriggerDocument, facts: Mapping[str, Json]) -> Verdict:
    """Whether a run starts, and with which inputs; the chain's own check of the inputs comes after this."""
    known = Known(trigger=facts)

    def lookup(reference: Reference) -> Resolved:
        return look_up(known, reference)

    if document.when is not None:
        try:
            verdict = conditions.explain_result(conditions.read(document.when), lookup)
        except ConditionFault as fault:
            return Skip(NO_CONDITION, f"The condition cannot be decided: when.{fault}")
        if not verdict.holds:
            return Skip(CONDITION, f"The condition does not hold: {verdict.reason}")
    inputs: dict[str, Json] = {}
    for name, value in document.inputs.items():
        try:
            found = resolve(value, lookup)
            if is_file(found):
                return Skip(NO_INPUTS, f"inputs.{name}: this is a file of the other run. {HAND_ON}")
            inputs[name] = as_input(found)
        except (Unresolved, TemplateFault) as fault:
            return Skip(NO_INPUTS, f"inputs.{name}: {fault}")
    return Start(inputs)


def as_input(value: Resolved) -> Json:
    """A value as a runtime input takes it: lists and objects as JSON text, which templates step into again."""
    if isinstance(value, Mapping):
        return dump(as_object(_plain(value)))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return dump(_plain(value))
    return _plain(value)


def _plain(value: Resolved) -> Json:
    """The facts of a trigger hold plain JSON alone: no secrets and no files."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"a trigger knows no {type(value).__name__}")
