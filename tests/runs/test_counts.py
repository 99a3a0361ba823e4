"""How many runs ended in a span of time, on both databases."""

from __future__ import annotations

from datetime import timedelta

from onecloud.infra.db import database_now
from onecloud.notify.model import RunCounts
from onecloud.runs import store
from tests.runs.house import House

FINE = """
onecloud: 1
name: Fine
start: make
nodes:
  make:
    command: files.create
    inputs: {name: a.txt, text: hello}
"""
FAILING = """
onecloud: 1
name: Failing
start: gone
nodes:
  gone:
    command: files.checksum
    inputs: {file: not-there.txt}
"""


async def test_runs_are_counted_by_how_and_when_they_ended(house: House) -> None:
    fine, failing = await house.chain(FINE), await house.chain(FAILING)
    for chain_id in (fine, fine, failing):
        await house.wait(await house.start(chain_id))
    async with house.ground.database.reading() as db:
        now = await database_now(db)
        hour = timedelta(hours=1)
        found = await store.ended_between(db, house.environment_id, now - hour, now + hour)
        before = await store.ended_between(db, house.environment_id, now - 2 * hour, now - hour)
        elsewhere = await store.ended_between(db, house.environment_id + 1, now - hour, now + hour)
    assert found == RunCounts(succeeded=2, errored=1)
    assert found.runs == 3
    assert before == elsewhere == RunCounts()
