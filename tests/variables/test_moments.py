"""Dates and times as text: what is read is written again as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.variables.moments import read_moment

zones = st.one_of(st.none(), st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))))


@given(
    st.datetimes(timezones=zones), st.sampled_from([" ", "T"]), st.sampled_from(["minutes", "seconds", "milliseconds"])
)
def test_every_iso_text_is_the_same_again_and_the_moment_that_python_reads(
    moment: datetime, gap: str, timespec: str
) -> None:
    text = moment.isoformat(gap, timespec)
    read = read_moment(text)
    assert read is not None
    assert str(read) == text
    expected = datetime.fromisoformat(text)
    if 1 < expected.year < 9999:  # at the edges the offset leaves what Python can hold
        aware = expected if expected.tzinfo else expected.replace(tzinfo=UTC)
        assert read.comparable() == aware


@pytest.mark.parametrize(
    "text", ["2024-02", "2024-02-29", "2024-02-29T23:59:59Z", "0999-01-01", "2024-01-01T00:00:00.123456789Z"]
)
def test_the_form_stays(text: str) -> None:
    assert str(read_moment(f" {text}\n")) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2023-02-29",
        "2024-13",
        "2024-1-1",
        "20240101",
        "2024-01-01T24:00",
        "2024-01-01T10",
        "01.02.2024",
        "0000-01-01",
        "\u0662024-01-01",
    ],
)
def test_what_is_no_iso_date_is_none(text: str) -> None:
    assert read_moment(text) is None


def test_a_zone_out_of_range_is_none_and_the_edges_of_time_compare() -> None:
    assert read_moment("2024-01-01T00:00+24:00") is None
    first, last = read_moment("0001-01-01T00:00+10:00"), read_moment("9999-12-31T23:59:59-10:00")
    assert first is not None
    assert last is not None
    assert first.comparable() < last.comparable()
