"""A chain that is deleted while runs of it start: one of the two is first, and the other knows it."""

from __future__ import annotations

import asyncio

import pytest

from onecloud.kernel.errors import Conflict, NotFound
from onecloud.runs import actions
from onecloud.runs.chain_deletion import delete_chain
from onecloud.runs.model import LaunchType
from onecloud.runs.rerun import Choice
from onecloud.runs.rerunning import rerun
from tests.runs.house import House

SOON_S = 0.4  # what waits for a lock is still waiting then


async def quick(house: House, *, concurrent: bool) -> int:
    nodes = "{a: {command: json.query, inputs: {data: '[1]', query: '[0]'}}}"
    more = f"allow_concurrent_runs: {str(concurrent).lower()}"
    return await house.chain(f"onecloud: 1\nname: Race\n{more}\nstart: a\nnodes: {nodes}\n")


async def start(house: House, chain_id: int) -> int:
    """Start a run that no engine takes up, so that it stays under way."""
    async with house.ground.database.transaction() as db:
        run = await actions.start(db, house.ground.keys, None, house.caller, chain_id, {}, LaunchType.API)
    return run.id


async def delete(house: House, chain_id: int) -> None:
    async with house.ground.database.transaction() as db:
        await delete_chain(db, house.caller, chain_id)


@pytest.mark.parametrize("concurrent", [True, False], ids=["concurrent", "one at a time"])
async def test_a_deletion_waits_for_a_start_and_sees_its_run(house: House, concurrent: bool) -> None:
    chain_id = await quick(house, concurrent=concurrent)
    async with house.ground.database.transaction() as db:
        run = await actions.start(db, house.ground.keys, None, house.caller, chain_id, {}, LaunchType.API)
        deletion = asyncio.create_task(delete(house, chain_id))
        await asyncio.sleep(SOON_S)
        assert not deletion.done()
    with pytest.raises(Conflict, match=f"is running \\(run {run.id}\\)"):
        await deletion


@pytest.mark.parametrize("concurrent", [True, False], ids=["concurrent", "one at a time"])
async def test_a_start_waits_for_a_deletion_and_finds_no_chain(house: House, concurrent: bool) -> None:
    chain_id = await quick(house, concurrent=concurrent)
    first = await house.wait(await house.start(chain_id))

    async def again() -> None:
        async with house.ground.database.transaction() as db:
            await rerun(db, house.ground.keys, None, house.caller, first.id, Choice("a"))

    async with house.ground.database.transaction() as db:
        await delete_chain(db, house.caller, chain_id)
        starts = [asyncio.create_task(start(house, chain_id)), asyncio.create_task(again())]
        await asyncio.sleep(SOON_S)
        assert not any(one.done() for one in starts)
    for one in starts:
        with pytest.raises(NotFound):
            await one


# SQLite has one writer: there every start waits for every other.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_starts_of_one_chain_do_not_wait_for_each_other(house: House) -> None:
    chain_id = await quick(house, concurrent=True)
    async with house.ground.database.transaction() as db:
        await actions.start(db, house.ground.keys, None, house.caller, chain_id, {}, LaunchType.API)
        async with asyncio.timeout(5):
            await start(house, chain_id)
