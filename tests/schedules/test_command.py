"""`onecloud schedule preview`: no server, no data."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from onecloud.cli.schedule import preview
from tests.schedules.conftest import document

AFTER = "2026-03-07T00:00:00Z"
MOVED = "02:30 does not exist on 2026-03-08, because the clocks go forward; it fires at 03:30."


@pytest.fixture
def chain(tmp_path: Path) -> str:
    """A chain with two schedules."""
    file = tmp_path / "chain.yaml"
    lines = (
        "{name: night, zone: America/New_York, every: day, at: 02:30}",
        "{name: office, zone: UTC, cron: 0 8 * * MON-FRI, calendar: days.txt, enabled: false}",
    )
    file.write_text(document("Two", *lines))
    return str(file)


def test_the_schedules_of_a_file_are_shown_with_what_is_unusual(chain: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview(chain, after=AFTER, count=2) == 0
    assert capsys.readouterr().out.splitlines() == [
        "night (America/New_York)",
        "    Sat 2026-03-07 02:30:00 -0500",
        f"    Sun 2026-03-08 03:30:00 -0400  {MOVED}",
        "office (UTC, switched off)",
        "    Mon 2026-03-09 08:00:00 +0000",
        "    Tue 2026-03-10 08:00:00 +0000",
        "    The holidays of `days.txt` are not left out here; give --calendar FILE.",
    ]


def test_a_calendar_counts_for_the_schedules_that_name_one(
    chain: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calendar = tmp_path / "days.txt"
    calendar.write_text("2026-03-09 Founders\n2026-03-08 Sunday\n")
    assert preview(chain, name="office", calendar=calendar, after=AFTER, count=1, json=True) == 0
    (shown,) = json.loads(capsys.readouterr().out)["schedules"]
    assert [(one["kind"], one["note"]) for one in shown["items"]] == [
        ("holiday", "Left out: 2026-03-09 is a holiday (Founders).")
    ]
    assert (shown["name"], shown["zone"], shown["enabled"], shown["calendar_not_read"]) == (
        "office",
        "UTC",
        False,
        None,
    )


def test_a_cron_text_needs_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert preview(cron="0 0 29 2 *", zone="UTC", after=AFTER, count=2) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "    Tue 2028-02-29 00:00:00 +0000",
        "    Sun 2032-02-29 00:00:00 +0000",
    ]


def test_the_end_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "chain.yaml"
    file.write_text(document("End", "{name: s, zone: UTC, every: day, end_on: 2026-03-08}"))
    assert preview(str(file), after=AFTER) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "    No more times."
    file.write_text(document("None"))
    assert preview(str(file)) == 0
    assert capsys.readouterr().out == "The chain has no schedules.\n"


def test_a_chain_may_come_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(document("In", "{name: s, zone: UTC, every: day}")))
    assert preview("-", count=1) == 0
    assert capsys.readouterr().out.startswith("s (UTC)\n")


def test_faults_are_named_with_their_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "chain.yaml"
    file.write_text(document("Bad", "{name: s, zone: Mars, every: day}"))
    assert preview(str(file)) == 1
    assert capsys.readouterr().err.startswith("schedules[0].zone: Line 7: There is no time zone `Mars`.")
    file.write_text("onecloud: 2\n")
    assert preview(str(file)) == 1
    assert "onecloud:" in capsys.readouterr().err
    assert preview(cron="61 * * * *", zone="UTC") == 1
    assert capsys.readouterr().err.startswith("schedule.cron: The minute in `61 * * * *` is wrong.")
    calendar = tmp_path / "days.txt"
    calendar.write_text("whenever\n")
    assert preview(cron="1 * * * *", zone="UTC", calendar=calendar) == 1
    assert "does not begin with a day" in capsys.readouterr().err
    file.write_text(document("Name", "{name: s, zone: UTC, every: day}"))
    assert preview(str(file), name="t") == 1
    assert "There are: `s`." in capsys.readouterr().err


def test_wrong_use_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "missing.yaml")
    assert [
        preview(),
        preview(cron="1 * * * *"),
        preview(missing, zone="UTC", cron="1 * * * *"),
        preview(missing),
        preview(cron="1 * * * *", zone="UTC", count=0),
        preview(cron="1 * * * *", zone="UTC", after="noon"),
        preview(cron="1 * * * *", zone="UTC", after="2026-01-01T00:00"),
    ] == [2] * 7
    assert "No such file or directory" in capsys.readouterr().err
