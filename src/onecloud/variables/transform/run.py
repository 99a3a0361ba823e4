"""Doing one transformation: its arguments brought to what its parameters ask for, then its value, then the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from onecloud.variables.transform.dates import format_fault
from onecloud.variables.transform.json_values import path_fault
from onecloud.variables.transform.kinds import number_of, plain_text, taken
from onecloud.variables.transform.model import Arguments, Parameter, PipeFault, Transformation, Value
from onecloud.variables.transform.numbers import shorten

# What a transformation may give that another takes; `any` fits everything, and text may hold each of them.
FITS: Final[Mapping[str, frozenset[str]]] = {
    "text": frozenset({"text", "number", "date", "list", "json", "any"}),
    "date": frozenset({"text", "date", "any"}),
    "number": frozenset({"text", "number", "any"}),
    "list": frozenset({"list", "json", "any"}),
    "any": frozenset({"text", "number", "date", "list", "json", "any"}),
}


def applied(transformation: Transformation, value: Value, arguments: Sequence[Value]) -> Value:
    """The value transformed. There are as many arguments as parameters, or fewer when the rest is optional.

    Raises: PipeFault.
    """
    given = {
        parameter.name: argument_value(parameter, arguments[index] if index < len(arguments) else None)
        for index, parameter in enumerate(transformation.parameters)
    }
    return transformation.apply(taken(value, transformation.takes), Arguments(given))


def count_fault(transformation: Transformation, count: int) -> tuple[str, str] | None:
    """What is wrong with the number of arguments and the mend, or None."""
    most = len(transformation.parameters)
    least = sum(not parameter.optional for parameter in transformation.parameters)
    if least <= count <= most:
        return None
    if most == 0:
        return f"`{transformation.name}` takes no arguments", f"Write {transformation.name}."
    wanted = f"{most}" if least == most else f"at most {most}" if least == 0 else f"{least} to {most}"
    message = f"`{transformation.name}` takes {wanted} argument{'' if most == 1 else 's'}, not {count}"
    return message, f"Write {usage(transformation)}."


def usage(transformation: Transformation) -> str:
    """The transformation with its parameters, as one writes it: `pad_left(length, fill?)`."""
    if not transformation.parameters:
        return transformation.name
    names = (f"{parameter.name}{'?' if parameter.optional else ''}" for parameter in transformation.parameters)
    return f"{transformation.name}({', '.join(names)})"


def argument_value(parameter: Parameter, value: Value) -> Value:
    """The argument as what the parameter asks for; null and nothing stand for the default.

    Raises: PipeFault naming the parameter.
    """
    if parameter.kind == "any":
        return value
    if value is None:
        if parameter.optional:
            return parameter.default
        raise PipeFault(f"`{parameter.name}` has no value", "Give it one.")
    match parameter.kind:
        case "number":
            return _converted(parameter, value)
        case "whole":
            return _whole(parameter, value)
        case _:
            return _text(parameter, value)


def _converted(parameter: Parameter, value: Value) -> Value:
    try:
        return number_of(value)
    except PipeFault as fault:
        raise PipeFault(f"`{parameter.name}` is not a number", "Give it a number.", fault.detail) from None


def _whole(parameter: Parameter, value: Value) -> int:
    try:
        number = number_of(value)
    except PipeFault as fault:
        message = f"`{parameter.name}` is not a whole number"
        raise PipeFault(message, "Give it a whole number.", fault.detail) from None
    if number != number.to_integral_value():
        raise PipeFault(
            f"`{parameter.name}` is not a whole number", "Put `round` before, or choose one.", f"{number:f}"
        )
    if not (parameter.least or 0) <= number <= (parameter.most or 0):
        message = f"`{parameter.name}` must be from {parameter.least} to {parameter.most}"
        raise PipeFault(message, "Choose one in between.", f"{number:f}")
    return int(number)


def _text(parameter: Parameter, value: Value) -> str:
    try:
        text = plain_text(value)
    except PipeFault:
        raise PipeFault(f"`{parameter.name}` is not a text", "Give it a text.") from None
    if not text and not parameter.may_be_empty:
        raise PipeFault(f"`{parameter.name}` is empty", "Give it a text.")
    if parameter.choices and text not in parameter.choices:
        choices = ", ".join(f"`{choice}`" for choice in parameter.choices)
        raise PipeFault(f"`{parameter.name}` is one of {choices}", "Choose one of them.", shorten(text))
    check = {"format": format_fault, "path": path_fault}.get(parameter.kind)
    fault = check(text) if check else None
    if fault is not None:
        raise PipeFault(f"`{parameter.name}`: {fault[0]}", fault[1])
    return text
