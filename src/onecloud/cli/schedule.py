"""`onecloud schedule`: what schedules will do, without a server."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from onecloud.kernel.errors import Invalid
from onecloud.kernel.jsonvalue import Json, dump

if TYPE_CHECKING:
    from onecloud.chains.parts.schedule import ScheduleSpec
    from onecloud.schedules.model import Holidays

app = App(name="schedule", help="Schedules of chains: when they fire.")

OK: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
MOST: Final = 10_000


@app.command
def preview(
    file: Annotated[
        str | None, Parameter(help="YAML file of a chain; - reads standard input.", allow_leading_hyphen=True)
    ] = None,
    /,
    *,
    cron: Annotated[str | None, Parameter(help="Cron text to look at instead of a chain; needs --zone.")] = None,
    zone: Annotated[str | None, Parameter(help="IANA time zone for --cron, such as Europe/Berlin.")] = None,
    name: Annotated[str | None, Parameter(help="Only the chain's schedule of this name.")] = None,
    calendar: Annotated[
        Path | None, Parameter(help="Holiday calendar, iCalendar or a date a line; else no holidays are left out.")
    ] = None,
    after: Annotated[str | None, Parameter(help="Times later than this, such as 2026-03-01T00:00Z; else now.")] = None,
    count: Annotated[int, Parameter(help="How many times of each schedule.")] = 10,
    json: Annotated[bool, Parameter(help="Print the result as JSON.", negative="")] = False,
) -> int:
    """Show the next times of a chain's schedules, or of a cron text, with what is unusual about each.

    No server or data is needed. Exit status: 0 sound, 1 a fault in the chain, the schedule or the calendar, 2 wrong
    usage.
    """
    if (file is None) == (cron is None) or (cron is None) != (zone is None):
        print("onecloud: give a chain's file, or --cron and --zone together.", file=sys.stderr)
        return USAGE
    if not 1 <= count <= MOST:
        print(f"onecloud: --count is {count}; give 1 to {MOST}.", file=sys.stderr)
        return USAGE
    try:
        moment = datetime.now(UTC) if after is None else datetime.fromisoformat(after)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        print(f"onecloud: --after {after} is no time with an offset; write 2026-03-01T00:00Z.", file=sys.stderr)
        return USAGE
    try:
        specs = _cron(cron or "", zone or "", calendar) if file is None else _chain(file)
        holidays = None if calendar is None else _holidays(calendar, moment)
    except OSError as fault:
        print(f"onecloud: {fault.filename}: {fault.strerror}.", file=sys.stderr)
        return USAGE
    except Invalid as fault:
        for problem in fault.problems:
            print(problem.sentence(), file=sys.stderr)
        return REFUSED
    shown = [spec for spec in specs if name is None or spec.name == name]
    if name is not None and not shown:
        named = ", ".join(f"`{spec.name}`" for spec in specs) or "none"
        print(f"onecloud: the chain has no schedule `{name}`. There are: {named}.", file=sys.stderr)
        return REFUSED
    results = [_result(spec, moment, count, holidays) for spec in shown]
    if json:
        print(dump({"after": moment.astimezone(UTC).isoformat(), "schedules": results}))
    else:
        _print(shown, results)
    return OK


def _cron(text: str, zone: str, calendar: Path | None) -> list[ScheduleSpec]:
    from onecloud.chains.check.schedules import schedule_problems
    from onecloud.chains.parts.schedule import ScheduleSpec

    spec = ScheduleSpec("cron", zone, cron=text, calendar=None if calendar is None else str(calendar))
    if problems := tuple(schedule_problems(spec, "schedule")):
        raise Invalid("schedule.invalid", problems[0].sentence(), problems=problems)
    return [spec]


def _chain(file: str) -> list[ScheduleSpec]:
    """The schedules of a chain's file; the chain itself may still have faults elsewhere."""
    from onecloud.chains.check.schedules import schedule_problems
    from onecloud.chains.document import parse_document

    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    parsed = parse_document(text)
    specs = parsed.definition.schedules
    problems = [p for index, spec in enumerate(specs) for p in schedule_problems(spec, f"schedules[{index}]")]
    if problems:
        raise Invalid("schedule.invalid", problems[0].sentence(), problems=parsed.placed(tuple(problems)))
    return list(specs)


def _holidays(file: Path, moment: datetime) -> Holidays:
    from onecloud.kernel.errors import Problem
    from onecloud.schedules.calendars import BadCalendar, holidays_around

    try:
        return holidays_around(file.read_text(encoding="utf-8", errors="replace"), moment)
    except BadCalendar as fault:
        problem = Problem(str(file), str(fault))
        raise Invalid("schedule.calendar", str(fault), problems=(problem,)) from fault


def _result(spec: ScheduleSpec, moment: datetime, count: int, holidays: Holidays | None) -> dict[str, Json]:
    from onecloud.schedules.model import LeftOut
    from onecloud.schedules.rules import preview as upcoming
    from onecloud.schedules.rules import told

    # The calendar given counts for every schedule that names one.
    found = upcoming(spec, moment, count + 1, None if spec.calendar is None else holidays)
    items: list[Json] = [
        {
            "kind": "holiday" if isinstance(one, LeftOut) else "fire",
            "at": one.at.isoformat(),
            "local": one.local.isoformat(),
            "note": told(one),
        }
        for one in found[:count]
    ]
    ignored = spec.calendar if spec.calendar is not None and holidays is None else None
    return {
        "name": spec.name,
        "zone": spec.zone,
        "enabled": spec.enabled,
        "items": items,
        "ends": len(found) <= count,
        "calendar_not_read": ignored,
    }


def _print(specs: list[ScheduleSpec], results: list[dict[str, Json]]) -> None:
    if not specs:
        print("The chain has no schedules.")
    for spec, result in zip(specs, results, strict=True):
        off = "" if spec.enabled else ", switched off"
        print(f"{spec.name} ({spec.zone}{off})")
        items = result["items"]
        assert isinstance(items, list)
        for item in items:
            assert isinstance(item, dict)
            local = datetime.fromisoformat(str(item["local"]))
            mark = "  -" if item["kind"] == "holiday" else "   "
            print(f"{mark} {local:%a %Y-%m-%d %H:%M:%S %z}  {item['note']}".rstrip())
        if result["ends"]:
            print("    No more times.")
        if result["calendar_not_read"]:
            print(f"    The holidays of `{result['calendar_not_read']}` are not left out here; give --calendar FILE.")
