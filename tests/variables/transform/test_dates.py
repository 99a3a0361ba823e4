"""Date math against dateutil's, formats against the standard library's."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from onecloud.kernel.jsonvalue import Json
from onecloud.variables.transform import CATALOG, CODES, PipeFault, applied, settled

zones = st.one_of(st.none(), st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))))
days = st.dates(date(1500, 1, 1), date(3000, 1, 1))
moments = st.builds(datetime.combine, days, st.times().map(lambda t: t.replace(microsecond=0)), zones)
units = st.sampled_from(["seconds", "minutes", "hours", "days", "weeks", "months", "quarters", "years"])
operations = st.sampled_from(["add", "subtract"])


def done(name: str, value: Json, *arguments: Json) -> Json:
    return settled(applied(CATALOG[name], value, arguments))


def delta(unit: str, amount: int) -> relativedelta:
    if unit == "quarters":
        return relativedelta(months=3 * amount)
    return relativedelta(**{unit: amount})  # pyright: ignore[reportArgumentType] - one of its own units


@given(moments, operations, st.integers(0, 5000), units)
def test_date_math_is_that_of_another_library(moment: datetime, operation: str, amount: int, unit: str) -> None:
    sign = 1 if operation == "add" else -1
    try:
        expected = moment + delta(unit, sign * amount)
    except (ValueError, OverflowError):
        with pytest.raises(PipeFault, match="outside the years 1 to 9999"):
            done("date_math", moment.isoformat(), operation, amount, unit)
        return
    assert done("date_math", moment.isoformat(), operation, amount, unit) == expected.isoformat()


@given(days, operations, st.integers(0, 500), units)
def test_a_date_stays_a_date_unless_a_time_is_added(day: date, operation: str, amount: int, unit: str) -> None:
    came = str(done("date_math", day.isoformat(), operation, amount, unit))
    midnight = datetime.combine(day, time())
    expected = midnight + delta(unit, amount if operation == "add" else -amount)
    form = {"seconds": "%Y-%m-%dT%H:%M:%S", "minutes": "%Y-%m-%dT%H:%M", "hours": "%Y-%m-%dT%H:%M"}.get(
        unit, "%Y-%m-%d"
    )
    assert came == expected.strftime(form)
    by_format = done("date_math", f"{day:%d.%m.%Y}", operation, amount, unit, "%d.%m.%Y")
    assert by_format == f"{expected:%d.%m.%Y}"


@given(
    moments,
    st.lists(st.sampled_from([*(f"%{code}" for code in CODES), " ", "T", "ä"]), min_size=1, max_size=6).map("".join),
)
def test_a_format_writes_what_the_standard_library_writes(moment: datetime, pattern: str) -> None:
    assert done("format_date", moment.isoformat(), pattern) == moment.strftime(pattern)


@given(moments)
def test_what_a_format_writes_it_reads(moment: datetime) -> None:
    written = done("format_date", moment.isoformat(), "%d/%m/%Y %H:%M:%S")
    assert (
        done("format_date", written, "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M:%S")
        == moment.replace(tzinfo=None).isoformat()
    )


@given(moments, st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]))
def test_a_zone_tells_the_same_moment(moment: datetime, zone: str) -> None:
    if moment.year < 1950:
        return
    came = datetime.fromisoformat(str(done("in_zone", moment.isoformat(), zone)))
    assert came == (moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    assert came.replace(tzinfo=None) == came.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("value", "arguments", "expected"),
    [
        ("2024-01-31", ("add", 1, "months"), "2024-02-29"),
        ("2023-01-31", ("add", 1, "months"), "2023-02-28"),
        ("2024-02-29", ("add", 1, "years"), "2025-02-28"),
        ("2024-03-31", ("subtract", 1, "months"), "2024-02-29"),
        ("2024-05-31", ("subtract", 1, "quarters"), "2024-02-29"),
        ("2020-03", ("add", 10, "months"), "2021-01"),
        ("2020-03", ("add", 1, "days"), "2020-03-02"),
        ("2024-12-31", ("add", 36, "hours"), "2025-01-01T12:00"),
        ("2024-12-31 23:00:00", ("add", 1, "hours"), "2025-01-01 00:00:00"),
        ("2024-12-31T23:00:00.123456789+02:00", ("add", "1", "days"), "2025-01-01T23:00:00.123456789+02:00"),
        ("2024-12-31T23:59Z", ("add", 1, "seconds"), "2024-12-31T23:59:01Z"),
    ],
)
def test_dates_keep_their_form_and_zone(value: str, arguments: tuple[Json, ...], expected: str) -> None:
    assert done("date_math", value, *arguments) == expected


def test_a_year_has_four_digits_and_a_hyphen_leaves_zeros_out() -> None:
    assert done("format_date", "0987-06-05T04:03:02.1234567Z", "%Y %-m %-d %-H %j %f") == "0987 6 5 4 156 123456"
    assert done("format_date", "5.6.2024", "%Y-%m-%d", "%-d.%-m.%Y") == "2024-06-05"
    assert done("format_date", "2024-01-01T00:00Z", "%-H%%") == "0%"


@pytest.mark.parametrize(
    ("name", "value", "arguments", "message"),
    [
        ("format_date", "31.12.2024", ("%Y",), 'the text is not a date ("31.12.2024"). Write it as 2024-12-31'),
        ("format_date", 20241231, ("%Y",), "it needs a date as text, and this is a number"),
        ("format_date", None, ("%Y",), "this is nothing (null)"),
        ("format_date", "2024-12-31", ("%Q",), "`%Q` is no code of a date format. There are: %Y"),
        ("format_date", "2024-12-31", ("50%",), "`%` is no code"),
        ("format_date", "x", ("%Y", "%d.%m.%Y"), "the text is not a date in that format"),
        ("date_math", "2024-12-31", ("plus", 1, "days"), "`operation` is one of `add`, `subtract`"),
        ("date_math", "2024-12-31", ("add", -1, "days"), "`amount` must be from 0"),
        ("date_math", "2024-12-31", ("add", 9_000, "years"), "outside the years 1 to 9999"),
        ("date_math", "2024-12-31", ("add", 1_000_000_000, "weeks"), "outside the years 1 to 9999"),
        ("in_zone", "2024-12-31", ("UTC",), "a date without a time has no zone"),
        ("in_zone", "2024-12-31T00:00Z", ("Europe/Berln",), "there is no such time zone (Europe/Berln)"),
        ("in_zone", "2024-12-31T00:00Z", ("../../etc/passwd",), "there is no such time zone"),
        ("in_zone", "2024-12-31T00:00Z", ("Europe",), "there is no such time zone"),
        ("in_zone", "0001-01-01T00:00Z", ("America/New_York",), "outside the years"),
        ("in_zone", "1850-01-01T00:00Z", ("Europe/Berlin",), "the zone's offset had seconds"),
    ],
)
def test_what_is_no_date_says_why(name: str, value: Json, arguments: tuple[Json, ...], message: str) -> None:
    with pytest.raises(PipeFault) as caught:
        done(name, value, *arguments)
    assert message in str(caught.value)
