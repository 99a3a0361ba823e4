"""Many runs that wait for people: they hold no place and no thread, hold up nobody, and survive a restart."""

from __future__ import annotations

import asyncio
import threading
from contextlib import AsyncExitStack
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from onecloud.approvals import actions as approvals
from onecloud.infra.blobs import Blobs
from onecloud.infra.http import Ground
from onecloud.runs.answers import Answers
from onecloud.runs.changes import Changes
from onecloud.runs.model import RunState
from onecloud.runs.room import Place, Room, in_hand
from onecloud.worker.embedded import embedded_engine
from tests.runs.house import House, furnish

PLACES, WAITING = 10, 120
SIGN = """
onecloud: 1
name: Sign
allow_concurrent_runs: true
start: sign
nodes:
  sign: {command: event.approval, inputs: {title: Please sign, approvers: ada@example.com}}
"""
PLAIN = """
onecloud: 1
name: Plain
start: make
nodes:
  make: {command: files.create, inputs: {name: a.txt, text: hello}}
"""


async def house_of(stack: AsyncExitStack, ground: Ground, caller: House | None = None) -> House:
    """A house whose engine runs until the stack is closed."""
    settings = ground.settings.model_copy(update={"run_slots": PLACES, "queue_poll_ms": 100})
    small = replace(ground, settings=settings)
    settings.files_folder.mkdir(parents=True, exist_ok=True)
    who, environment = await furnish(small) if caller is None else (caller.caller, caller.environment_id)
    blobs, changes = Blobs(settings.blobs_folder), Changes()
    engine = await stack.enter_async_context(embedded_engine(small, blobs, changes))
    return House(small, blobs, changes, engine, who, environment)


async def count(house: House, what: str) -> int:
    """A count by SQL."""
    async with house.ground.database.reading() as db:
        return int(await db.scalar(text(f"SELECT count(*) FROM {what}")) or 0)


async def until(house: House, what: str, number: int) -> None:
    """Wait until a query counts so many."""
    async with asyncio.timeout(120):
        while await count(house, what) != number:
            await asyncio.sleep(0.1)


async def test_waiting_runs_hold_no_thread_hold_up_nobody_and_survive_a_restart(ground: Ground) -> None:
    async with AsyncExitStack() as stack:
        house = await house_of(stack, ground)
        sign, plain = await house.chain(SIGN), await house.chain(PLAIN)
        await house.wait(await house.start(plain))  # threads of pools that any run makes are there now
        before = threading.active_count()
        runs = [await house.start(sign) for _ in range(WAITING)]
        await until(house, "approval WHERE state = 'open'", WAITING)
        await house.wait(await house.start(plain), within_s=10)
        assert threading.active_count() - before <= PLACES
    async with AsyncExitStack() as stack:
        house = await house_of(stack, ground, house)
        await house.wait(await house.start(plain), within_s=10)
        assert await count(house, "approval WHERE state = 'open'") == WAITING
        async with house.ground.database.transaction() as db:
            numbers = [row[0] for row in await db.execute(text("SELECT id FROM approval ORDER BY id"))]
        for number in numbers:
            async with house.ground.database.transaction() as db:
                await approvals.answer(db, house.ground, Answers(house.engine), house.caller, number, "accept", "")
        for run in runs:
            await house.wait(run, RunState.ALL_SUCCEEDED)
        assert await count(house, "approval WHERE state = 'approved'") == WAITING


@given(st.lists(st.sampled_from(["take", "give", "leave"]), max_size=12))
def test_a_place_is_held_waited_without_or_left_and_the_room_knows(steps: list[str]) -> None:
    async def walk() -> None:
        room = Room(3)
        place = Place(room)
        state = "out"
        for step in steps:
            if step == "take":
                await place.take()
                state = "in"
            elif step == "give":
                place.give_back()
                state = "away" if state == "in" else state
            else:
                place.leave()
                state = "out"
            assert room.away == (state == "away")
            assert place.taken == (state == "in")

    asyncio.run(walk())


@given(places=st.integers(1, 300), away=st.integers(0, 5000))
def test_the_queue_hands_over_at_least_what_waits_and_a_full_room(places: int, away: int) -> None:
    assert places + away <= in_hand(places, away) < 2 * places + away
