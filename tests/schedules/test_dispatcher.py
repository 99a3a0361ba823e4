"""Dispatchers beside each other, faults in the middle, and the loop itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from onecloud.chains import actions as chains
from onecloud.infra.db import Database, async_url
from onecloud.infra.http import Ground
from onecloud.schedules.dispatcher import Dispatcher, dispatching
from onecloud.schedules.firing import Firing, fire_due
from onecloud.schedules.store import fires as store
from onecloud.variables import actions as variables
from onecloud.variables.model import VariableFields
from onecloud.workspaces import actions as workspaces
from tests.schedules.conftest import GRACE, Office, Told, document, no_calendars

# So far away that no test is overtaken by it while it publishes.
LEAP = "{name: s, zone: UTC, cron: 0 0 29 2 *}"
MANY = 300


async def publish_many(office: Office, number: int, line: str = LEAP) -> datetime:
    """So many chains, each with this schedule; gives the moment at which all of them are due."""
    async with office.ground.database.transaction() as db:
        for n in range(number):
            words = document(f"Many {n}", line)
            await chains.apply(db, office.ground.keys, office.caller, office.environment_id, words, publish=True)
    await office.take_over()
    async with office.ground.database.reading() as db:
        _, next_at = await store.clock(db)
    assert next_at is not None
    return next_at


async def outcome(ground: Ground) -> tuple[Counter[int], list[tuple[int, int | None]]]:
    """How many runs every chain has, and chain and run of every fire."""
    async with ground.database.reading() as db:
        runs = [row[0] for row in await db.execute(text("SELECT chain_id FROM chain_run"))]
        fires = [(row[0], row[1]) for row in await db.execute(text("SELECT chain_id, run_id FROM schedule_fire"))]
    return Counter(runs), fires


async def dispatch(ground: Ground, now: datetime, told: Told, batch: int) -> int:
    """What one server does until nothing is due; gives how many it fired."""
    number = 0
    while True:
        async with ground.database.transaction() as db:
            fired = await fire_due(db, Firing(ground.keys, told, GRACE), {}, now, batch)
        number += fired.claimed - fired.left
        async with ground.database.reading() as db:
            if (await store.clock(db))[1] != now:
                return number
        await asyncio.sleep(0)


async def test_several_dispatchers_start_everything_and_nothing_twice(office: Office) -> None:
    now = await publish_many(office, MANY)
    settings = office.ground.settings
    servers = [office.ground]
    if settings.database_url:  # on SQLite there is only ever one
        servers += [
            Ground(settings, Database(async_url(settings.database_url, settings.data)), office.ground.keys)
            for _ in range(3)
        ]
    told = [Told() for _ in servers]
    numbers = await asyncio.gather(
        *(dispatch(server, now, heard, 7 + 6 * n) for n, (server, heard) in enumerate(zip(servers, told, strict=True)))
    )
    for server in servers[1:]:
        await server.database.close()
    runs, fires = await outcome(office.ground)
    assert sum(numbers) == MANY
    assert len(runs) == MANY
    assert set(runs.values()) == {1}
    assert len(fires) == MANY
    assert sorted(run for heard in told for run in heard.runs) == sorted(run for _, run in fires if run is not None)
    if len(servers) > 1:
        assert sum(number > 0 for number in numbers) > 1, "only one of the dispatchers had anything to do"


async def test_two_dispatchers_and_chains_with_many_schedules_do_not_get_into_a_knot(office: Office) -> None:
    lines = [LEAP.replace("name: s", f"name: s{n}") for n in range(6)]
    async with office.ground.database.transaction() as db:
        for n in range(25):
            words = document(f"Knot {n}", *lines, concurrent=False)
            await chains.apply(db, office.ground.keys, office.caller, office.environment_id, words, publish=True)
    await office.take_over()
    async with office.ground.database.reading() as db:
        now = (await store.clock(db))[1]
    assert now is not None
    settings = office.ground.settings
    other = Database(async_url(settings.database_url, settings.data)) if settings.database_url else None
    servers = [office.ground] if other is None else [office.ground, Ground(settings, other, office.ground.keys)]
    await asyncio.gather(*(dispatch(server, now, Told(), 11) for server in servers))
    if other is not None:
        await other.close()
    runs, fires = await outcome(office.ground)
    assert set(runs.values()) == {1}
    assert len(fires) == 150
    assert sum(run is not None for _, run in fires) == len(runs) == 25


CRASH = """
import asyncio, os, signal, sys
from datetime import datetime
from pathlib import Path
from onecloud.infra.crypto import Keyring
from onecloud.infra.db import Database, async_url
from onecloud.infra.http import Ground
from onecloud.infra.settings import Settings
from onecloud.schedules.firing import Firing, fire_due
from tests.schedules.conftest import GRACE

class Cut(Keyring):
    '''A keyring during whose use the power fails: starting a run opens the workspace's secrets.'''
    left = int(sys.argv[4])
    def unseal(self, sealed, purpose):
        Cut.left -= 1
        if Cut.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().unseal(sealed, purpose)

async def main():
    settings = Settings(data=Path(sys.argv[1]), database_url=sys.argv[2])
    database = Database(async_url(settings.database_url, settings.data))
    firing, now = Firing(Cut((b"\\x01" * 32,)), None, GRACE), datetime.fromisoformat(sys.argv[3])
    async with database.transaction() as db:
        fired = await fire_due(db, firing, {}, now, 20)
    print(fired.claimed)
    await database.close()

asyncio.run(main())
"""


@pytest.mark.slow
async def test_a_process_that_dies_between_claim_and_start_loses_and_doubles_nothing(
    office: Office, tmp_path: Path
) -> None:
    async with office.ground.database.transaction() as db:
        place = await workspaces.get_environment(db, office.environment_id)
        secret = VariableFields("password", default="p", encrypted=True)
        await variables.put_variable(db, office.ground.keys, office.caller, place.workspace_id, secret)
    now = await publish_many(office, 30)
    program = tmp_path / "crash.py"
    program.write_text(CRASH)
    settings = office.ground.settings

    def run(after: int) -> subprocess.CompletedProcess[str]:
        arguments = [str(settings.data), settings.database_url, now.isoformat(), str(after)]
        root = Path(__file__).parents[2]
        return subprocess.run(
            [sys.executable, str(program), *arguments],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    for after in (0, 13):
        assert run(after).returncode == -signal.SIGKILL
        assert await outcome(office.ground) == (Counter(), [])
    assert run(1000).stdout.strip() == "20", "the killed ones had not reached the starts"
    assert run(5).returncode == -signal.SIGKILL
    assert run(1000).stdout.strip() == "10"
    runs, fires = await outcome(office.ground)
    assert (len(runs), set(runs.values()), len(fires)) == (30, {1}, 30)


async def test_the_loop_takes_over_fires_and_sleeps_until_the_next_moment(office: Office) -> None:
    dispatcher = Dispatcher(office.ground, Told(), no_calendars)
    chain = await office.publish(document("Loop", "{name: s, zone: UTC, every: minute}"))
    due = await office.next(chain) - timedelta(minutes=2)
    async with office.ground.database.transaction() as db:
        (waiting,) = (await office.waiting(chain)).values()
        await store.advance(db, [(waiting.id, due - timedelta(minutes=1), due)])
    pause = await dispatcher.turn()
    assert 0 <= pause <= 1
    records = await office.fires(chain)
    assert [record.planned_at for record in records] == [due, due + timedelta(minutes=1)]
    assert len(await office.runs(chain)) == 2


async def test_a_dispatcher_that_meets_a_fault_goes_on_with_the_others(office: Office) -> None:
    now = await publish_many(office, 5)
    async with office.ground.database.transaction() as db:
        # What no release of ours stores: a schedule that cannot be read.
        await db.execute(text("UPDATE schedule_state SET spec = '{}' WHERE id = (SELECT min(id) FROM schedule_state)"))
    dispatcher = Dispatcher(office.ground, Told(), no_calendars)
    fired = 0
    for _ in range(8):
        with contextlib.suppress(Exception):
            fired += (await dispatcher.fire(now)).claimed
    runs, fires = await outcome(office.ground)
    assert (len(runs), len(fires)) == (4, 5)
    assert [run for _, run in fires].count(None) == 1


async def test_a_dispatcher_ends_when_its_server_does(office: Office) -> None:
    before = asyncio.all_tasks()
    async with dispatching(office.ground, Told(), no_calendars):
        chain = await office.publish(document("End", LEAP))
        assert await office.next(chain)
        assert asyncio.all_tasks() > before
    assert asyncio.all_tasks() == before
