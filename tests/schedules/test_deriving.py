"""Waiting schedules follow what is published and switched, on both databases."""

from __future__ import annotations

from datetime import timedelta

from onecloud.chains import actions as chains
from onecloud.schedules.deriving import derive_chains, look_again, take_over
from onecloud.schedules.store import fires as store
from tests.schedules.conftest import DAY, Office, document

HOURLY = "{name: s, zone: UTC, every: hour}"
DAILY = "{name: t, zone: Europe/Berlin, every: day, at: 02:30}"


async def test_schedules_wait_from_the_publish_on(office: Office) -> None:
    async with office.ground.database.transaction() as db:
        text = document("Draft", HOURLY)
        applied = await chains.apply(db, office.ground.keys, office.caller, office.environment_id, text)
    await office.take_over()
    assert await office.waiting(applied.chain.id) == {}
    chain = await office.publish(document("Draft", HOURLY, DAILY))
    waiting = await office.waiting(chain)
    assert set(waiting) == {"s", "t"}
    assert timedelta(0) < await office.next(chain) - await office.now() <= timedelta(hours=1)


async def test_a_publish_changes_only_what_is_different(office: Office) -> None:
    chain = await office.publish(document("Change", HOURLY, DAILY))
    before = await office.waiting(chain)
    moment = await office.next(chain) - DAY
    async with office.ground.database.transaction() as db:  # a moment that has come and was not dealt with yet
        await store.advance(db, [(before["s"].id, moment, moment)])
    due = await office.next(chain)
    await office.publish(
        document("Change", HOURLY, DAILY.replace("02:30", "03:30"), "{name: u, zone: UTC, every: day}")
    )
    after = await office.waiting(chain)
    assert after["s"].next_at == due
    assert (after["t"].id, after["t"].spec) == (before["t"].id, before["t"].spec.replace("02:30", "03:30"))
    assert after["t"].next_at != before["t"].next_at
    assert set(after) == {"s", "t", "u"}
    await office.publish(document("Change", DAILY))
    assert set(await office.waiting(chain)) == {"t"}


async def test_a_schedule_that_is_switched_off_or_over_does_not_wait(office: Office) -> None:
    lines = (
        "{name: off, zone: UTC, every: day, enabled: false}",
        "{name: over, zone: UTC, every: day, end_on: 2020-01-01}",
    )
    chain = await office.publish(document("Off", *lines))
    assert {name: w.next_at for name, w in (await office.waiting(chain)).items()} == {"off": None, "over": None}


async def test_switching_the_chain_off_and_on_sends_its_schedules_to_sleep_and_wakes_them(office: Office) -> None:
    chain = await office.publish(document("Switch", HOURLY))
    await office.disable(chain)
    assert (await office.waiting(chain))["s"].next_at is None
    await office.disable(chain, disabled=False)
    assert await office.next(chain) > await office.now()


async def test_nothing_is_derived_twice_and_a_fresh_start_sees_what_changed(office: Office) -> None:
    chain = await office.publish(document("Restart", HOURLY))
    before = await office.waiting(chain)
    await take_over(office.ground.database, None)
    assert await office.waiting(chain) == before
    async with office.ground.database.transaction() as db:
        text = document("Restart", DAILY)
        await chains.apply(db, office.ground.keys, office.caller, office.environment_id, text, publish=True)
    await take_over(office.ground.database, None)
    assert set(await office.waiting(chain)) == {"t"}


async def test_many_chains_are_taken_over_in_pages_and_batches(office: Office) -> None:
    async with office.ground.database.transaction() as db:
        for number in range(250):
            text = document(f"Many {number}", HOURLY)
            await chains.apply(db, office.ground.keys, office.caller, office.environment_id, text, publish=True)
    await office.take_over()
    async with office.ground.database.reading() as db:
        due = await store.claim(db, await office.now() + DAY, 1000)
    assert len(due) == 250


async def test_a_chain_that_is_gone_leaves_nothing_waiting(office: Office) -> None:
    async with office.ground.database.transaction() as db:
        await derive_chains(db, [987_654])
    assert await office.waiting(987_654) == {}


async def test_a_moment_of_an_older_zone_database_is_mended(office: Office) -> None:
    chain = await office.publish(document("Zones", DAILY))
    right = await office.next(chain, "t")
    waiting = (await office.waiting(chain))["t"]
    async with office.ground.database.transaction() as db:
        await store.advance(db, [(waiting.id, right - DAY, right + timedelta(hours=1))])
    assert await look_again(office.ground.database, 0) is None
    assert await office.next(chain, "t") == right
