"""Arithmetic, against fractions: nothing is lost, and only a division that does not come out even is rounded."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from onecloud.kernel.jsonvalue import Json
from onecloud.variables.transform import CATALOG, PipeFault, Value, applied, settled
from onecloud.variables.transform.numbers import Approximate

decimals = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6)
numbers = st.one_of(st.integers(-(10**30), 10**30), st.floats(-1e12, 1e12).filter(lambda n: n == 0 or abs(n) > 1e-9))


def moving(name: str, value: Value, *arguments: Value) -> Value:
    return applied(CATALOG[name], value, arguments)


def done(name: str, value: Json, *arguments: Json) -> Json:
    return settled(moving(name, value, *arguments))


def exact(value: Value) -> Fraction:
    """What a number says: its digits, not its bits."""
    assert isinstance(value, int | float | Decimal)
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)


@given(numbers, numbers)
def test_sums_differences_and_products_are_exact(left: float, right: float) -> None:
    a, b = exact(left), exact(right)
    assert exact(moving("add", left, right)) == a + b
    assert exact(moving("subtract", left, right)) == a - b
    assert exact(moving("multiply", left, right)) == a * b
    assert moving("subtract", moving("add", left, right), right) == moving("add", left, 0)


@given(numbers, numbers)
def test_a_quotient_is_exact_or_right_to_34_digits_and_says_which(left: float, right: float) -> None:
    assume(right != 0)
    quotient, true = moving("divide", left, right), exact(left) / exact(right)
    if isinstance(quotient, Approximate):
        assert abs(exact(quotient) - true) <= abs(true) * Fraction(1, 10**33)
    else:
        assert exact(quotient) == true


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_dividing_and_multiplying_back_gives_the_number(number: int, by: int) -> None:
    back = settled(moving("multiply", moving("divide", number, by), by))
    assert back == number
    assert isinstance(back, int)


@given(decimals, st.integers(-4, 8))
def test_rounding_goes_to_the_nearest_and_a_half_away_from_zero(number: Decimal, places: int) -> None:
    rounded = exact(moving("round", number, places))
    unit = Fraction(10) ** -places
    assert (rounded / unit).denominator == 1
    distance = abs(rounded - exact(number))
    assert distance < unit / 2 or (distance == unit / 2 and abs(rounded) > abs(exact(number)))


@given(st.integers(-(10**30), 10**30), st.integers(-(10**30), 10**30))
def test_whole_numbers_stay_whole(left: int, right: int) -> None:
    came = done("add", left, right)
    assert came == left + right
    assert isinstance(came, int)
    assert done("multiply", str(left), str(right)) == left * right


@given(decimals, st.integers(0, 8), st.sampled_from([("", "."), (",", "."), (".", ","), (" ", ",")]))
def test_a_number_written_with_marks_is_read_as_the_same(number: Decimal, places: int, marks: tuple[str, str]) -> None:
    thousands, mark = marks
    written = moving("format_number", number, places, thousands, mark)
    assert isinstance(written, str)
    assert (mark in written) is (places > 0)
    assert moving("parse_number", written, mark, thousands) == moving("round", number, places)
    assert not written.startswith("-0") or any(digit in written for digit in "123456789")


@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda n: n == 0 or 1e-80 < abs(n) < 1e90))
def test_a_number_that_passes_through_is_the_same_number(number: float) -> None:
    came = done("add", number, 0)
    assert isinstance(came, int | float)
    assert float(came) == number


@pytest.mark.parametrize(
    ("name", "value", "arguments", "expected"),
    [
        ("add", 0.1, (0.2,), 0.3),
        ("add", "0.1", ("0.2",), 0.3),
        ("multiply", 1.1, (1.1,), 1.21),
        ("divide", 1, (3,), 0.3333333333333333),
        ("divide", 10, (4,), 2.5),
        ("round", 2.5, (), 3),
        ("round", 0.125, (2,), 0.13),
        ("round", "12345.678", (-3,), 12000),
        ("parse_number", "1e3", (), 1000),
        ("parse_number", " -0012.50 ", (), -12.5),
        ("parse_number", "1.234.567,89", (",", "."), 1234567.89),
        ("parse_number", "-1 234", (".", " "), -1234),
        ("parse_number", 5, (), 5),
        ("format_number", 0.5, (0,), "1"),
        ("format_number", -0.4, (0,), "0"),
    ],
)
def test_numbers_come_out_as_documented(name: str, value: Json, arguments: tuple[Json, ...], expected: Json) -> None:
    came = done(name, value, *arguments)
    assert came == expected
    assert type(came) is type(expected)


@pytest.mark.parametrize(
    ("name", "value", "arguments", "message"),
    [
        ("add", "ten", (1,), 'it needs a number, and this is a text ("ten"). Put `parse_number` before it'),
        ("add", True, (1,), "this is true or false"),
        ("add", None, (1,), 'this is nothing (null). Put `default("…")` before it'),
        ("add", 1, ("x",), '`number` is not a number ("x"). Give it a number.'),
        ("divide", 1, (0,), "a number cannot be divided by zero"),
        ("divide", 0, (0.0,), "a number cannot be divided by zero"),
        ("multiply", 10**60, (10**60,), "the number needs more than 100 digits"),
        ("add", 10**90, (1e-20,), "the number needs more than 100 digits"),
        ("add", "1e999", (1,), "the number needs more than 100 digits"),
        ("add", 0.1, (10**17,), "more digits than a JSON number keeps (100000000000000000.1). Put `round` behind it"),
        ("round", 1, (1.5,), "`decimals` is not a whole number (1.5)"),
        ("round", 1, (31,), "`decimals` must be from -30 to 30"),
        ("parse_number", "1,5", (".", ","), 'the text is not a number ("1,5")'),
        ("parse_number", "1.5", (",", ""), 'the text is not a number ("1.5")'),
        ("parse_number", "12,34,567", (".", ","), "the text is not a number"),
        ("parse_number", "1", (".", "."), "decimals and thousands cannot have the same mark"),
        ("parse_number", "\u0663", (), "the text is not a number"),
        ("parse_number", "", (), "the text is not a number"),
        ("parse_number", "9" * 5000, (), "the text is not a number"),
        ("parse_number", [1], (), "this is a list"),
    ],
)
def test_what_cannot_be_reckoned_says_why(name: str, value: Json, arguments: tuple[Json, ...], message: str) -> None:
    with pytest.raises(PipeFault) as caught:
        done(name, value, *arguments)
    assert message in str(caught.value)
