"""What becomes of schedules whose moment has come, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from onecloud.chains import actions as chains
from onecloud.runs.model import LaunchType
from onecloud.schedules.firing import Firing, give_up_first
from onecloud.schedules.model import Holidays
from onecloud.schedules.store import fires as store
from onecloud.schedules.verdicts import HOLIDAY, MISSED, NO_CALENDAR, NoCalendar
from tests.schedules.conftest import DAY, GRACE, Office, document

HOURLY = "{name: s, zone: UTC, every: hour}"
SECOND = timedelta(seconds=1)


async def test_a_due_schedule_starts_one_run_that_no_person_started(office: Office) -> None:
    inputs = "inputs: [{name: period, required: true}, {name: share, type: number}]\n"
    chain = await office.publish(
        document("Close", "{name: s, zone: UTC, every: hour, inputs: {period: 2026-01, share: '2'}}", inputs=inputs)
    )
    planned = await office.next(chain)
    assert (await office.fire(planned - SECOND)).claimed == 0
    fired = await office.fire(planned + SECOND)
    assert (fired.claimed, fired.left) == (1, 0)
    (run,) = await office.runs(chain)
    assert (run.launch_type, run.user_id, run.user_name, run.user_email) == (
        LaunchType.SCHEDULE,
        None,
        "schedule s",
        None,
    )
    assert run.inputs == {"period": "2026-01", "share": 2}
    assert office.engine.runs == [run.id]
    (record,) = await office.fires(chain)
    assert (record.planned_at, record.fired_at, record.run_id) == (planned, planned + SECOND, run.id)
    assert (record.reason, record.detail) == ("", "")
    assert await office.next(chain) == planned + timedelta(hours=1)
    assert (await office.fire(planned + SECOND)).claimed == 0


async def test_a_busy_chain_is_a_fire_that_was_skipped_with_the_reason(office: Office) -> None:
    chain = await office.publish(document("Busy", HOURLY, concurrent=False))
    first = await office.next(chain)
    await office.fire(first)
    await office.fire(first + timedelta(hours=1))
    (run,) = await office.runs(chain)
    done, skipped = await office.fires(chain)
    assert done.run_id == run.id
    assert (skipped.run_id, skipped.reason) == (None, "chain.already_running")
    assert f"already running (run {run.id})" in skipped.detail


async def test_two_schedules_of_a_busy_chain_at_one_moment_start_one_run(office: Office) -> None:
    chain = await office.publish(document("Busy", HOURLY, HOURLY.replace("name: s", "name: t"), concurrent=False))
    fired = await office.fire(await office.next(chain))
    assert fired.claimed == 2
    assert len(await office.runs(chain)) == 1
    records = [*await office.fires(chain), *await office.fires(chain, "t")]
    assert sorted(record.reason for record in records) == ["", "chain.already_running"]


async def test_times_missed_in_a_downtime_are_left_out_or_run_once(office: Office) -> None:
    chain = await office.publish(document("Late", HOURLY, "{name: once, zone: UTC, every: hour, missed: once}"))
    first = await office.next(chain)
    back = first + 3 * DAY + timedelta(minutes=20)
    await office.fire(back)
    (skipped,) = await office.fires(chain)
    assert (skipped.planned_at, skipped.reason, skipped.run_id) == (first, MISSED, None)
    (ran,) = await office.fires(chain, "once")
    assert ran.planned_at == first
    assert ran.detail.startswith("Late: no server ran")
    assert [run.id for run in await office.runs(chain)] == [ran.run_id]
    assert await office.next(chain) == await office.next(chain, "once") == first + 3 * DAY + timedelta(hours=1)


async def test_a_short_delay_is_no_downtime_and_every_time_in_it_fires(office: Office) -> None:
    chain = await office.publish(document("Soon", "{name: s, zone: UTC, every: minute}"))
    first = await office.next(chain)
    for _ in range(5):
        await office.fire(first + timedelta(minutes=3))
    assert [record.planned_at for record in await office.fires(chain)] == [
        first + n * timedelta(minutes=1) for n in range(4)
    ]
    assert len(await office.runs(chain)) == 4


async def test_a_holiday_is_told_once_and_starts_nothing(office: Office) -> None:
    await office.add_calendar()
    chain = await office.publish(document("Holiday", "{name: s, zone: UTC, every: hour, interval: 12, calendar: h}"))
    first = await office.next(chain)
    day = (first + DAY).date()
    calendars = {(office.environment_id, "h"): Holidays.of([(day, "Founders")], date(2100, 1, 1))}
    for turn in range(6):
        await office.fire(first + turn * timedelta(hours=12), calendars)
    records = await office.fires(chain)
    (told,) = [record for record in records if record.run_id is None]
    assert (told.reason, told.detail) == (HOLIDAY, f"{day} is a holiday (Founders).")
    assert told.planned_at == datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert len(await office.runs(chain)) == len(records) - 1 == 4


async def test_only_on_holidays_tells_nothing_of_other_days(office: Office) -> None:
    await office.add_calendar()
    line = "{name: s, zone: UTC, every: day, calendar: h, on_holiday: only}"
    chain = await office.publish(document("Only", line))
    first = await office.next(chain)
    calendars = {(office.environment_id, "h"): Holidays.of([(first.date() + DAY, "x")], date(2100, 1, 1))}
    for turn in range(3):
        await office.fire(first + turn * DAY, calendars)
    (record,) = await office.fires(chain)
    assert record.planned_at == first + DAY
    assert record.run_id is not None


async def test_a_calendar_that_cannot_be_read_starts_nothing_and_says_why(office: Office) -> None:
    await office.add_calendar()
    chain = await office.publish(document("Lost", "{name: s, zone: UTC, every: day, calendar: h}"))
    calendars = {(office.environment_id, "h"): NoCalendar("The workspace has no resource `h`.")}
    await office.fire(await office.next(chain), calendars)
    (record,) = await office.fires(chain)
    assert (record.reason, record.detail) == (NO_CALENDAR, "The workspace has no resource `h`.")


async def test_a_schedule_whose_calendar_was_not_read_yet_stays_due(office: Office) -> None:
    await office.add_calendar()
    chain = await office.publish(document("Later", "{name: s, zone: UTC, every: day, calendar: h}"))
    planned = await office.next(chain)
    fired = await office.fire(planned)
    assert (fired.claimed, fired.left) == (1, 1)
    assert await office.next(chain) == planned


async def test_inputs_that_no_longer_fit_are_a_reason_too(office: Office) -> None:
    chain = await office.publish(document("Inputs", HOURLY))
    planned = await office.next(chain)
    inputs = "inputs: [{name: period, required: true}]\n"
    line = HOURLY.replace("hour}", "hour, inputs: {period: x}}")
    await office.publish(document("Inputs", line, inputs=inputs))
    await office.fire(planned)
    assert len(await office.runs(chain)) == 1


async def test_what_was_published_a_moment_ago_is_derived_before_it_fires(office: Office) -> None:
    chain = await office.publish(document("Stale", HOURLY))
    planned = await office.next(chain)
    async with office.ground.database.transaction() as db:
        text = document("Stale", HOURLY.replace("hour", "day"))
        await chains.apply(db, office.ground.keys, office.caller, office.environment_id, text, publish=True)
    fired = await office.fire(planned)
    assert (fired.claimed, fired.left, fired.stale) == (1, 1, {chain})
    assert await office.runs(chain) == []
    await office.take_over()
    assert (await office.next(chain)).time() == datetime.min.time()


async def test_a_moment_that_a_publish_brings_back_does_not_fire_again(office: Office) -> None:
    chain = await office.publish(document("Again", HOURLY))
    planned = await office.next(chain)
    await office.fire(planned)
    async with office.ground.database.transaction() as db:
        (waiting,) = (await office.waiting(chain)).values()
        await store.advance(db, [(waiting.id, planned - SECOND, planned)])
    await office.fire(planned + SECOND)
    assert len(await office.runs(chain)) == 1
    assert await office.next(chain) == planned + timedelta(hours=1)


async def test_a_moment_can_be_written_down_only_once(office: Office) -> None:
    chain = await office.publish(document("Unique", HOURLY))
    await office.fire(await office.next(chain))
    (record,) = await office.fires(chain)
    with pytest.raises(IntegrityError):
        async with office.ground.database.transaction() as db:
            await store.record(db, [record])


async def test_what_cannot_be_started_for_an_unknown_reason_does_not_hold_up_the_rest(office: Office) -> None:
    chain = await office.publish(document("Poison", HOURLY))
    planned = await office.next(chain)
    async with office.ground.database.transaction() as db:
        await give_up_first(db, Firing(office.ground.keys, None, GRACE), planned, "It broke.")
    (record,) = await office.fires(chain)
    assert (record.reason, record.detail, record.run_id) == ("schedule.failed", "It broke.", None)
    assert await office.next(chain) == planned + timedelta(hours=1)


async def test_old_fires_are_forgotten(office: Office) -> None:
    chain = await office.publish(document("Old", HOURLY))
    await office.fire(await office.next(chain))
    async with office.ground.database.transaction() as db:
        assert await store.forget(db, DAY, 10) == 0
        assert await store.forget(db, -DAY, 10) == 1
    assert await office.fires(chain) == []
