"""Literal inputs against the command's own model; a value that holds a reference is taken as right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from pydantic import ValidationError

from onecloud.chains.commands import CommandSpec
from onecloud.chains.events.flow import ConditionalInputs
from onecloud.kernel.errors import Problem
from onecloud.kernel.jsonvalue import Json
from onecloud.variables import conditions
from onecloud.variables.rules import near, shown, texts


def input_problems(spec: CommandSpec, inputs: Mapping[str, Json], where: str) -> Iterator[Problem]:
    """Unknown, missing and wrong inputs of one node. `where` is the path of its `inputs`."""
    known = spec.input_names
    for name in inputs:
        if name not in known:
            yield Problem(f"{where}.{name}", f"`{spec.id}` has no input `{name}`.", near(name, known))
    forged = {name for name, value in inputs.items() if _holds_file(value)}
    for name in sorted(forged):
        mend = "Take it from a node's output by reference, or give a path as text."
        yield Problem(f"{where}.{name}", "A file cannot be written into a chain.", mend)
    if spec.inputs is ConditionalInputs and "condition" in inputs:
        for fault in conditions.faults(inputs["condition"]):
            place = f"{where}.condition{'.' if fault.where else ''}{fault.where}"
            yield Problem(place, f"{fault.message[:1].upper()}{fault.message[1:]}.", fault.mend)
    try:
        spec.inputs.model_validate({name: value for name, value in inputs.items() if name in known})
    except ValidationError as fault:
        yield from _problems(fault, spec, inputs, where, forged)


def _problems(
    fault: ValidationError, spec: CommandSpec, inputs: Mapping[str, Json], where: str, forged: set[str]
) -> Iterator[Problem]:
    told: dict[str, list[str]] = {}
    for error in fault.errors(include_url=False, include_input=False, include_context=False):
        path, value, unfollowed = _walk(error["loc"], inputs)
        if path and path[0] in forged:
            continue
        if error["type"] == "missing" and len(unfollowed) == 1 and not path:
            name = str(unfollowed[0])
            title = spec.inputs.model_fields[name].title if name in spec.inputs.model_fields else None
            message = f"`{spec.id}` needs the input `{name}`{f' ({title})' if title else ''}."
            yield Problem(f"{where}.{name}", message, f"Add `{name}: …` to the node's inputs.")
        elif not _holds_reference(value):
            place = where + (f".{shown(path)}" if path else "")
            said = _said(error["msg"])
            if said not in told.setdefault(place, []):
                told[place].append(said)
    # Each arm of a union says what it would have taken; together they are one problem.
    for place, messages in told.items():
        yield Problem(place, " Or: ".join(messages))


def _said(message: str) -> str:
    message = message.removeprefix("Value error, ").replace("Input should be", "The value should be")
    return message[:1].upper() + message[1:].rstrip(".") + "."


def _walk(
    loc: tuple[int | str, ...], inputs: Mapping[str, Json]
) -> tuple[tuple[int | str, ...], Json, tuple[int | str, ...]]:
    """The part of pydantic's location that is a place in the inputs, what stands there, and the rest of it.

    The rest names arms of unions, or a field that is missing.
    """
    value: Json = inputs
    for done, step in enumerate(loc):
        if isinstance(value, Mapping) and step in value:
            value = cast(Mapping[str, Json], value)[str(step)]
        elif isinstance(value, Sequence) and not isinstance(value, str) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return loc[:done], value, loc[done:]
    return loc, value, ()


def _holds_reference(value: Json) -> bool:
    return any("${{" in text for _, text in texts(value))


def _holds_file(value: Json) -> bool:
    """Whether a literal claims to be a stored file; its blob could be anybody's."""
    if isinstance(value, Mapping):
        return (value.get("kind") == "file" and "blob" in value) or any(_holds_file(v) for v in value.values())
    return isinstance(value, Sequence) and not isinstance(value, str) and any(_holds_file(v) for v in value)
