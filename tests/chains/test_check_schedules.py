"""What the check says of schedules, and how a document with a wrong one is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from onecloud.chains.catalog import catalog
from onecloud.chains.check import Surroundings, check
from onecloud.chains.check.schedules import CRON_FIELDS, schedule_problems
from onecloud.chains.codec import decode, encode
from onecloud.chains.document import document_text, parse_document
from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.chains.uses import resources_of, used_by
from onecloud.chains.validation import validated
from onecloud.kernel.errors import Invalid, Problem
from tests.schedules.strategies import schedules

CHAIN = """
onecloud: 1
name: Close
inputs: [{name: period, required: true}, {name: share, type: number, default: 1}]
start: make
nodes: {make: {command: files.create, inputs: {name: a.txt, text: a}}}
schedules:
"""


def said(*lines: str) -> list[str]:
    """Where and what the problems of a chain with these schedules are."""
    text = CHAIN + "".join(f"  - {line}\n" for line in lines)
    try:
        return [f"{p.where}: {p.message}" for p in validated(text, catalog()).problems]
    except Invalid as fault:
        return [f"{p.where}: {p.message} {p.mend}" for p in fault.problems]


@pytest.mark.parametrize(
    "line",
    [
        "{name: a, zone: Europe/Berlin, every: day, at: 02:30, inputs: {period: 2026-01}}",
        "{name: a b.c-d, zone: UTC, every: hour, interval: 2, at: 08:00, stop_at: 18:00, inputs: {period: x}}",
        "{name: Fälle, zone: UTC, every: week, interval: 2, start_on: 2026-01-05, inputs: {period: x, share: '2'}}",
        "{name: a, zone: UTC, every: month, days_of_month: ['15', last], inputs: {period: x}}",
        "{name: a, zone: UTC, cron: 15 6 * * MON#1, missed: once, calendar: h.ics, inputs: {period: x}}",
        "{name: a, zone: UTC, cron: 0 0 29 2 *, on_holiday: only, calendar: h, color: '#3CB702', inputs: {period: x}}",
    ],
)
def test_sound_schedules_pass_and_survive_a_round_trip(line: str) -> None:
    assert said(line) == []
    definition = parse_document(CHAIN + f"  - {line}\n").definition
    assert len(definition.schedules) == 1
    assert parse_document(document_text(definition)).definition == definition
    assert decode(encode(definition)) == definition


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("zone: Europe/Berln, every: day", "zone: Line 8: There is no time zone `Europe/Berln`."),
        ("zone: localtime, every: day", "zone: Line 8: There is no time zone `localtime`."),
        ("zone: ../etc/passwd, every: day", "zone: Line 8: There is no time zone `../etc/passwd`."),
        ("zone: UTC", ": Line 8: A schedule says either `every` or `cron`."),
        ("zone: UTC, every: day, cron: 1 1 * * *", ": Line 8: A schedule says either `every` or `cron`."),
        ("zone: UTC, every: day, stop_at: 08:00", "stop_at: Line 8: `stop_at` means nothing with `every: day`."),
        (
            "zone: UTC, every: month, days_of_month: ['1'], days_of_week: [monday]",
            "days_of_week: Line 8: `days_of_week` means nothing with `every: month`.",
        ),
        ("zone: UTC, cron: 1 1 * * *, at: 08:00", "at: Line 8: `at` means nothing with `cron`."),
        ("zone: UTC, every: hour, interval: 5", "start_on: Line 8: Every 5 hours must be counted from a day."),
        ("zone: UTC, every: minute, interval: 7", "start_on: Line 8: Every 7 minutes must be counted from a day."),
        ("zone: UTC, every: day, interval: 2", "start_on: Line 8: Every 2 days must be counted from a day."),
        ("zone: UTC, every: week", "start_on: Line 8: Every week must be counted from a day."),
        ("zone: UTC, every: month", "start_on: Line 8: Every month must be counted from a day."),
        ("zone: UTC, every: day, start_on: 2026-02-30", "start_on: Line 8: There is no day 2026-02-30."),
        (
            "zone: UTC, every: day, start_on: 2026-02-03, end_on: 2026-02-02",
            "end_on: Line 8: The last day, 2026-02-02, is before the first, 2026-02-03.",
        ),
        (
            "zone: UTC, every: month, interval: 12, start_on: 2026-02-01, days_of_month: ['30']",
            "days_of_month: Line 8: No month that is meant has a day 30.",
        ),
        (
            "zone: UTC, every: day, interval: 14, start_on: 2026-01-05, days_of_week: [friday]",
            "days_of_week: Line 8: Every 14 days from 2026-01-05 is always a Monday.",
        ),
        (
            "zone: UTC, every: week, days_of_week: [friday, friday]",
            "days_of_week: Line 8: A day is listed twice.",
        ),
        ("zone: UTC, every: hour, at: 08:00, stop_at: 08:00", "stop_at: Line 8: The window ends when it begins."),
        ("zone: UTC, every: day, on_holiday: only", "on_holiday: Line 8: There is no calendar whose days these are."),
        ("zone: UTC, cron: 1 1 * *", f"cron: Line 8: A cron text has five fields ({CRON_FIELDS}), this has 4."),
        ("zone: UTC, cron: 0 0 1 1 1 *", f"cron: Line 8: A cron text has five fields ({CRON_FIELDS}), this has 6."),
        ("zone: UTC, cron: 61 1 * * *", "cron: Line 8: The minute in `61 1 * * *` is wrong."),
        ("zone: UTC, cron: 1 1 30 2 *", "cron: Line 8: The day-of-month in `1 1 30 2 *` is wrong."),
        ("zone: UTC, cron: 0 0 */31 2 1#5", "cron: Line 8: `0 0 */31 2 1#5` names no time that ever comes."),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_place(line: str, problem: str) -> None:
    separator = "" if problem.startswith(":") else "."
    assert said(f"{{name: a, {line}, inputs: {{period: x}}}}")[0] == f"schedules[0]{separator}{problem}"


def test_inputs_must_be_those_of_the_chain() -> None:
    found = said("{name: a, zone: UTC, every: day, inputs: {perod: x, share: half}}")
    assert found == [
        "schedules[0].inputs.perod: Line 8: The chain has no runtime input `perod`.",
        "schedules[0].inputs.period: Line 8: A value is required.",
        'schedules[0].inputs.share: Line 8: Expected a number, got "half".',
    ]


def placed(text: str, resource: str) -> tuple[Problem, ...]:
    """The problems of a chain in a workspace with one file, with their lines."""
    parsed = parse_document(text)
    return parsed.placed(check(parsed.definition, catalog(), Surroundings(resources=[resource])).problems)


def test_a_calendar_must_be_a_file_of_the_workspace() -> None:
    line = "{name: a, zone: UTC, every: day, calendar: days.txt, inputs: {period: x}}"
    text = CHAIN + f"  - {line}\n"
    assert placed(text, "days.txt") == ()
    (problem,) = placed(text, "day.txt")
    assert (problem.where, problem.message) == (
        "schedules[0].calendar",
        "Line 8: The workspace has no resource `days.txt`.",
    )
    assert problem.mend.startswith("Did you mean `day.txt`?")
    definition = parse_document(text).definition
    assert (used_by(definition), resources_of(definition)) == (frozenset({"days.txt"}), frozenset())


def test_two_schedules_of_one_name_are_refused() -> None:
    line = "{name: a, zone: UTC, every: day, inputs: {period: x}}"
    assert said(line, line) == ["schedules[1].name: Line 9: The name `a` is used twice."]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("every: day, at: '25:00'", "at: Line 8: The text does not have the form of this field. Write HH:MM"),
        ("every: day, start_on: soon", "start_on: Line 8: The text does not have the form of this field. Write a day"),
        ("every: month, days_of_month: ['32']", "days_of_month[0]: Line 8: The text does not have the form of this"),
        ("every: month, days_of_month: [1]", "days_of_month[0]: Line 8: Expected text. Put the value in quotes."),
        ("every: year", "every: Line 8: The value must be 'minute', 'hour', 'day', 'week' or 'month'."),
        ("every: day, interval: 0", "interval: Line 8: Input should be greater than or equal to 1."),
        ("every: day, hour: 3", "hour: Line 8: There is no field `hour` here."),
    ],
)
def test_a_wrong_form_is_told_with_the_right_one(line: str, problem: str) -> None:
    assert said(f"{{name: a, zone: UTC, {line}}}")[0].startswith(f"schedules[0].{problem}")


@settings(deadline=None)
@given(schedules("Europe/Berlin"))
def test_what_the_other_tests_draw_are_sound_schedules(spec: ScheduleSpec) -> None:
    assert [p for p in schedule_problems(spec, "s") if "is always a" not in p.message and "has a day" not in p.message
            and "ever comes" not in p.message] == []  # fmt: skip
