"""Transformations of numbers, in exact decimals: 0.1 + 0.2 is 0.3, and whole numbers stay whole.

Only a division that does not come out even is rounded, to 34 digits; what it led to is marked `Approximate`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Final

from onecloud.variables.transform.model import Arguments, Example, Parameter, PipeFault, Transformation

MOST_DIGITS: Final = 100
DIVIDED_DIGITS: Final = 34  # of IEEE 754 decimal128
NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
EXACT: Final = Context(prec=MOST_DIGITS, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact])
LONGEST_NUMBER: Final = 400


class Approximate(Decimal):
    """A number that a division has rounded: the last of its digits mean nothing."""

    __slots__ = ()


def read_number(text: str) -> Decimal | None:
    """The number that a text is, in the digits of English: `-12.5`, `+3`, `1.5e3`; None for any other text."""
    if len(text) > LONGEST_NUMBER or NUMBER.fullmatch(text.strip()) is None:
        return None
    return within(Decimal(text.strip()))


def within(number: Decimal) -> Decimal:
    """The number, when it has no more digits than are reckoned with.

    Raises: PipeFault.
    """
    if number and (number.adjusted() >= MOST_DIGITS or int(number.as_tuple().exponent) < -MOST_DIGITS):
        raise _too_large()
    return number


def _too_large() -> PipeFault:
    return PipeFault(f"the number needs more than {MOST_DIGITS} digits", "Use `round` before, or smaller numbers.")


def _reckoned(sign: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal) -> Decimal:
    """What the operation gives, exactly."""
    try:
        number = within(sign(left, right))
    except (Overflow, Inexact):
        raise _too_large() from None
    return Approximate(number) if isinstance(left, Approximate) or isinstance(right, Approximate) else number


def add(number: Decimal, given: Arguments) -> Decimal:
    """The sum."""
    return _reckoned(EXACT.add, number, given.number("number"))


def subtract(number: Decimal, given: Arguments) -> Decimal:
    """The difference."""
    return _reckoned(EXACT.subtract, number, given.number("number"))


def multiply(number: Decimal, given: Arguments) -> Decimal:
    """The product."""
    return _reckoned(EXACT.multiply, number, given.number("number"))


def divide(number: Decimal, given: Arguments) -> Decimal:
    """The quotient, exact when it comes out even."""
    by = given.number("number")
    if by == 0:
        raise PipeFault("a number cannot be divided by zero", "Check the divisor, or use a condition before.")
    rounding = Context(prec=DIVIDED_DIGITS, traps=[InvalidOperation, Overflow])
    quotient = within(rounding.divide(number, by))
    inexact = rounding.flags[Inexact] or isinstance(number, Approximate) or isinstance(by, Approximate)
    return Approximate(quotient) if inexact else quotient


def round_to(number: Decimal, given: Arguments) -> Decimal:
    """Rounded to so many decimals, a half away from zero."""
    return rounded(number, given.whole("decimals"))


def rounded(number: Decimal, decimals: int) -> Decimal:
    """Rounded to so many decimals, a half away from zero; exact again."""
    commercial = Context(prec=2 * MOST_DIGITS + 2, rounding=ROUND_HALF_UP, traps=[InvalidOperation])
    return Decimal(commercial.quantize(number, Decimal(1).scaleb(-decimals)))


def format_number(number: Decimal, given: Arguments) -> str:
    """The number as text with a fixed count of decimals."""
    thousands, mark = given.text("thousands"), given.text("decimal")
    text = f"{rounded(number, given.whole('decimals')) + 0:,f}"
    return text.replace(",", "\0").replace(".", mark).replace("\0", thousands)


def parse_number(text: str, given: Arguments) -> Decimal:
    """The number that a text is."""
    mark, thousands = given.text("decimal"), given.text("thousands")
    if thousands == mark:
        raise PipeFault("decimals and thousands cannot have the same mark", 'Write parse_number(",", ".").')
    plain = text.strip()
    if thousands:
        groups = re.compile(rf"([+-]?[0-9]{{1,3}})((?:{re.escape(thousands)}[0-9]{{3}})+)(?![0-9])")
        grouped = groups.match(plain)
        if grouped:
            plain = grouped[0].replace(thousands, "") + plain[grouped.end() :]
    if mark != ".":
        plain = plain.replace(".", "?").replace(mark, ".")
    number = read_number(plain)
    if number is None:
        mend = 'For 1.234,5 write parse_number(",", "."); for 1,234.5 write parse_number(".", ",").'
        raise PipeFault("the text is not a number", mend, shorten(text))
    return number


def shorten(text: str) -> str:
    """A text as an error shows it."""
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'


_BY: Final = (Parameter("number", "number", "The other number."),)
_DECIMALS: Final = "Digits behind the point; below 0 rounds to tens, hundreds and so on."


def _reckoning(
    name: str, description: str, apply: Callable[[Decimal, Arguments], Decimal], *examples: Example
) -> Transformation:
    return Transformation(name, name.capitalize(), "Number", description, "number", "number", apply, examples, _BY)


NUMBERS: Final = (
    Transformation(
        "parse_number",
        "Parse number",
        "Text",
        "Reads a text as a number.",
        "text",
        "number",
        parse_number,
        (Example(" 12.50 ", 12.5), Example("1.234,5", 1234.5, (",", ".")), Example("007", 7)),
        (
            Parameter("decimal", "text", "Mark before the decimals.", ".", optional=True, may_be_empty=False),
            Parameter("thousands", "text", "Mark between groups of three digits.", "", optional=True),
        ),
    ),
    _reckoning("add", "Adds a number.", add, Example(0.1, 0.3, (0.2,)), Example("41", 42, (1,))),
    _reckoning("subtract", "Takes a number away.", subtract, Example(3, 2, (1,)), Example(0.3, 0.2, (0.1,))),
    _reckoning("multiply", "Multiplies by a number.", multiply, Example(19.99, 59.97, (3,))),
    _reckoning("divide", "Divides by a number.", divide, Example(7, 3.5, (2,)), Example(6, 2, (3,))),
    Transformation(
        "round",
        "Round",
        "Number",
        "Rounds to a count of decimals; a half goes away from zero.",
        "number",
        "number",
        round_to,
        (Example(2.675, 2.68, (2,)), Example(-2.5, -3), Example(1250, 1300, (-2,))),
        (Parameter("decimals", "whole", _DECIMALS, 0, optional=True, least=-30, most=30),),
    ),
    Transformation(
        "format_number",
        "Format number",
        "Number",
        "Writes a number as text with a fixed count of decimals.",
        "number",
        "text",
        format_number,
        (Example(1234.5, "1234.50", (2,)), Example(1234567.891, "1.234.567,89", (2, ".", ","))),
        (
            Parameter("decimals", "whole", "Digits behind the mark.", least=0, most=30),
            Parameter("thousands", "text", "Mark between groups of three digits.", "", optional=True),
            Parameter("decimal", "text", "Mark before the decimals.", ".", optional=True, may_be_empty=False),
        ),
    ),
)
