"""Reads what stands between `${{` and `}}`; pure."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Final, cast

from onecloud.kernel.jsonvalue import Json
from onecloud.variables.model import (
    PASS_FACTS,
    PLAIN_NAME,
    SCOPES,
    SYSTEM,
    Pipe,
    Piped,
    Reference,
    Scope,
    TemplateFault,
)
from onecloud.variables.near import near
from onecloud.variables.steps import Step, StepFault, read_step
from onecloud.variables.transform import (
    CATALOG,
    FITS,
    PipeFault,
    Transformation,
    argument_value,
    count_fault,
    usage,
)

CLOSING: Final = "}}"
EXAMPLE: Final = "Write it as ${{ workspace.KEY }}, ${{ input.NAME }} or ${{ node.KEY.OUTPUT }}."
PASSES: Final[tuple[Scope, ...]] = ("iteration", "group")
MOST_PIPES: Final = 50
MOST_ARGUMENTS: Final = 20


class _TooManyDigits(Exception):
    pass


def _float(digits: str) -> float:
    """A number with a point or an exponent; one that JSON would change is refused."""
    number = float(digits)
    if Decimal(repr(number)) != Decimal(digits):
        raise _TooManyDigits
    return number


def _constant(name: str) -> Json:
    raise ValueError(name)


LITERAL: Final = json.JSONDecoder(parse_float=_float, parse_constant=_constant)


class Reader:
    """Reads one reference with its transformations, from behind its `${{`, which begins at `start`."""

    def __init__(self, text: str, at: int, start: int) -> None:
        self.text, self.at, self.start = text, at, start

    def piece(self) -> Reference | Piped:
        """The reference up to its `}}`.

        Raises: TemplateFault.
        """
        self.blanks()
        reference = self.reference()
        pipes: list[Pipe] = []
        self.blanks()
        while self.text.startswith("|", self.at):
            self.at += 1
            self.blanks()
            pipes.append(self.pipe(pipes))
            self.blanks()
        if not self.text.startswith(CLOSING, self.at):
            if self.at >= len(self.text):
                raise self.fault("the reference is not closed", "Add }} at its end.", self.start)
            mend = (
                'Steps are .name, [0] or ["any name"]; | and a transformation may follow; the reference ends with }}.'
            )
            raise self.fault(f"`{self.text[self.at]}` cannot stand here", mend)
        self.at += len(CLOSING)
        if pipes:
            return Piped(reference, tuple(pipes), self.start, self.at)
        return Reference(reference.scope, reference.path, self.start, self.at)

    def reference(self) -> Reference:
        """A scope with its steps."""
        begin = self.at
        word = PLAIN_NAME.match(self.text, self.at)
        if word is None:
            raise self.fault("a reference begins with a scope", EXAMPLE)
        self.at = word.end()
        if word[0] not in SCOPES:
            raise self.fault(f"`{word[0]}` is not a scope", near(word[0], SCOPES), begin)
        scope = cast(Scope, word[0])
        steps: list[Step] = []
        try:
            while (read := read_step(self.text, self.at)) is not None:
                steps.append(read[0])
                self.at = read[1]
        except StepFault as fault:
            raise self.fault(fault.message, fault.mend, fault.at) from None
        reference = Reference(scope, tuple(steps), begin, self.at)
        self.check(scope, steps, begin)
        return reference

    def check(self, scope: Scope, steps: list[Step], begin: int) -> None:
        """Refuse what the scope cannot have."""
        if not steps:
            raise self.fault(f"`{scope}` needs a name", f"Write {scope}.NAME.", begin)
        if not isinstance(steps[0], str):
            raise self.fault(f"`{scope}` needs a name, not a position", f"Write {scope}.NAME.", begin)
        if scope == "node" and (len(steps) < 2 or not isinstance(steps[1], str)):
            raise self.fault(f"node `{steps[0]}` needs an output's name", f"Write node.{steps[0]}.OUTPUT.", begin)
        if scope == "system" and (steps[0] not in SYSTEM or len(steps) > 1):
            shown = str(Reference(scope, tuple(steps)))
            raise self.fault(f"`{shown}` is not a system value", near(steps[0], SYSTEM.keys()), begin)
        if scope in PASSES:
            if steps[0] not in PASS_FACTS:
                raise self.fault(f"`{scope}` has no `{steps[0]}`", near(steps[0], PASS_FACTS.keys()), begin)
            if len(steps) > 1 and steps[0] != "value":
                shown = f"{scope}.{steps[0]}"
                raise self.fault(f"`{shown}` has no parts", f"Write {shown}; only the value has parts.", begin)

    def pipe(self, before: list[Pipe]) -> Pipe:
        """A transformation with its arguments, checked as far as they are known."""
        begin = self.at
        word = PLAIN_NAME.match(self.text, self.at)
        if word is None:
            raise self.fault("a transformation's name must follow |", "Write it as | round(2).")
        transformation = CATALOG.get(word[0])
        if transformation is None:
            raise self.fault(f"there is no transformation `{word[0]}`", near(word[0], CATALOG.keys()), begin)
        if len(before) >= MOST_PIPES:
            raise self.fault(f"more than {MOST_PIPES} transformations follow each other", "Use a node between.", begin)
        gives = CATALOG[before[-1].name].gives if before else "any"
        if transformation.takes not in FITS[gives]:
            message = f"`{word[0]}` cannot work on the {gives} that `{before[-1].name}` gives"
            raise self.fault(message, "Take one of them out, or put another in between.", begin)
        self.at = word.end()
        arguments = self.arguments(transformation) if self.text.startswith("(", self.at) else ()
        fault = count_fault(transformation, len(arguments))
        if fault is not None:
            raise self.fault(*fault, begin)
        return Pipe(word[0], arguments, begin, self.at)

    def arguments(self, transformation: Transformation) -> tuple[Json | Reference, ...]:
        """What stands in the brackets of a transformation."""
        opened = self.at
        self.at += 1
        found: list[Json | Reference] = []
        self.blanks()
        while not self.text.startswith(")", self.at):
            if found:
                if not self.text.startswith(",", self.at):
                    raise self.fault("the arguments are not closed", f"Write {usage(transformation)}.", opened)
                self.at += 1
                self.blanks()
            if len(found) >= MOST_ARGUMENTS:
                raise self.fault(f"there are more than {MOST_ARGUMENTS} arguments", f"Write {usage(transformation)}.")
            begin = self.at
            argument = self.argument(transformation)
            if not isinstance(argument, Reference) and len(found) < len(transformation.parameters):
                try:
                    argument_value(transformation.parameters[len(found)], argument)
                except PipeFault as fault:
                    choices = transformation.parameters[len(found)].choices
                    mend = near(argument, choices) if choices and isinstance(argument, str) else fault.mend
                    raise self.fault(f"`{transformation.name}`: {fault.message}", mend, begin) from None
            found.append(argument)
            self.blanks()
        self.at += 1
        return tuple(found)

    def argument(self, transformation: Transformation) -> Json | Reference:
        """A JSON literal, or a reference without transformations of its own."""
        word = PLAIN_NAME.match(self.text, self.at)
        if word is not None and word[0] in SCOPES:
            return self.reference()
        try:
            value, self.at = LITERAL.raw_decode(self.text, self.at)
        except _TooManyDigits:
            raise self.fault("the number has more digits than a JSON number keeps", "Use fewer.") from None
        except (ValueError, RecursionError):
            if self.at >= len(self.text):
                raise self.fault("the arguments are not closed", f"Write {usage(transformation)}.") from None
            mend = 'Write "text" in double quotes, a number, true, false, null, or a reference such as input.NAME.'
            raise self.fault("the argument cannot be read", mend) from None
        return cast(Json, value)

    def blanks(self) -> None:
        """Go on to what is no blank."""
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1

    def fault(self, message: str, mend: str, at: int | None = None) -> TemplateFault:
        """A fault at the place that was reached, or at another."""
        return TemplateFault((self.at if at is None else at) + 1, message, mend)
