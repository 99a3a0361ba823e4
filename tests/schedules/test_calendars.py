"""Holiday calendars: lists of days and iCalendar texts."""

from __future__ import annotations

import contextlib
import time
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onecloud.schedules.calendars import MOST_DAYS, BadCalendar, holidays_of


def ical(*events: str) -> str:
    """An iCalendar text of these events."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    for number, event in enumerate(events):
        uid = [] if "UID:" in event else [f"UID:{number}"]
        lines += ["BEGIN:VEVENT", *uid, *event.splitlines(), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def days(text: str, first: int = 2026, last: int = 2027) -> dict[str, str]:
    """The calendar's days as texts."""
    return {day.isoformat(): name for day, name in holidays_of(text, first, last).days.items()}


def test_a_list_has_one_day_a_line_with_names_and_remarks() -> None:
    text = (
        "\ufeff# Our days\n2026-12-25 Christmas Day\n\n2026-01-01,New Year  # in words\n2026-05-01\n2031-01-01 later\n"
    )
    assert days(text) == {"2026-01-01": "New Year", "2026-05-01": "holiday", "2026-12-25": "Christmas Day"}
    assert days("") == {}


@pytest.mark.parametrize("line", ["tomorrow", "2026-02-30", "25.12.2026", "2026-12-25Christmas", "20261225"])
def test_a_line_that_is_no_day_is_named(line: str) -> None:
    with pytest.raises(BadCalendar, match=r"Line 2 of the calendar, '.+', does not begin with a day\. Write lines"):
        days(f"2026-01-01\n{line}\n")


def test_an_event_of_several_days_covers_each_and_its_end_is_the_day_after() -> None:
    text = ical("SUMMARY:Holidays\nDTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227")
    assert list(days(text)) == ["2026-12-24", "2026-12-25", "2026-12-26"]
    assert list(days(ical("DTSTART;VALUE=DATE:20261224\nDURATION:P2D"))) == ["2026-12-24", "2026-12-25"]


def test_timed_events_count_for_the_days_they_touch() -> None:
    text = ical(
        "SUMMARY:Whole day in UTC\nDTSTART:20260501T000000Z\nDTEND:20260502T000000Z",
        "SUMMARY:Over midnight\nDTSTART;TZID=Europe/Berlin:20260601T220000\nDTEND;TZID=Europe/Berlin:20260602T020000",
    )
    assert days(text) == {
        "2026-05-01": "Whole day in UTC",
        "2026-06-01": "Over midnight",
        "2026-06-02": "Over midnight",
    }


def test_repeated_events_leave_out_add_and_move_days() -> None:
    text = ical(
        "UID:xmas\nSUMMARY:Christmas\nDTSTART;VALUE=DATE:20201225\nDTEND;VALUE=DATE:20201227\nRRULE:FREQ=YEARLY",
        "UID:m\nSUMMARY:Inventory\nDTSTART;VALUE=DATE:20260101\nRRULE:FREQ=MONTHLY;UNTIL=20260601T000000Z\n"
        "EXDATE;VALUE=DATE:20260201,20260301\nRDATE;VALUE=DATE:20260615",
        "UID:m\nSUMMARY:Inventory, moved\nRECURRENCE-ID;VALUE=DATE:20260401\nDTSTART;VALUE=DATE:20260402",
        "SUMMARY:Thanksgiving\nDTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
        "SUMMARY:Called off\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20260707",
    )
    assert days(text, 2026, 2026) == {
        "2026-01-01": "Inventory",
        "2026-04-02": "Inventory, moved",
        "2026-05-01": "Inventory",
        "2026-06-01": "Inventory",
        "2026-06-15": "Inventory",
        "2026-11-26": "Thanksgiving",
        "2026-12-25": "Christmas",
        "2026-12-26": "Christmas",
    }
    assert days(text, 2027, 2027) == {
        "2027-11-25": "Thanksgiving",
        "2027-12-25": "Christmas",
        "2027-12-26": "Christmas",
    }


def test_a_long_event_that_began_before_the_years_counts_within_them() -> None:
    text = ical("DTSTART;VALUE=DATE:20251230\nDTEND;VALUE=DATE:20260103")
    assert list(days(text, 2026, 2026)) == ["2026-01-01", "2026-01-02"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("BEGIN:VCALENDAR\nnonsense", "no sound iCalendar text"),
        (ical("SUMMARY:no start"), "no sound iCalendar text"),
        (ical("DTSTART;VALUE=DATE:soon"), "no sound iCalendar text"),
        (ical("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=SOMETIMES"), "no sound iCalendar text"),
        (ical("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=MINUTELY"), "repeats an event within a day"),
        (ical("DTSTART;VALUE=DATE:00010101\nRRULE:FREQ=DAILY"), "begin in 1900 or later"),
        (ical("DTSTART;VALUE=DATE:19000101\nRRULE:FREQ=DAILY\nDURATION:P900D"), "cover more than 500000 days"),
    ],
)
def test_what_is_no_calendar_is_told_and_takes_no_long_time(text: str, said: str) -> None:
    began = time.process_time()
    with pytest.raises(BadCalendar, match=said):
        days(text, 2026, 2036)
    assert time.process_time() - began < 10


def test_more_days_than_a_calendar_of_holidays_has_are_refused() -> None:
    lines = "".join(f"{date(2000, 1, 1) + timedelta(days=n)} x\n" for n in range(MOST_DAYS + 1))
    with pytest.raises(BadCalendar, match="more than 20000 days"):
        days(lines, 2000, 2100)


@settings(deadline=None)
@given(st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.text("abc xyz", min_size=1), max_size=20))
def test_both_forms_name_the_same_days(chosen: dict[date, str]) -> None:
    listed = "".join(f"{day} {name}\n" for day, name in chosen.items())
    events = [f"DTSTART;VALUE=DATE:{day:%Y%m%d}\nSUMMARY:{name}" for day, name in chosen.items()]
    assert list(days(listed)) == list(days(ical(*events))) == sorted(day.isoformat() for day in chosen)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=200), st.booleans())
def test_any_text_is_a_calendar_or_refused(text: str, within: bool) -> None:
    with contextlib.suppress(BadCalendar):
        days(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{text}\nEND:VEVENT\nEND:VCALENDAR" if within else text)
