"""A furnished house without an engine: the runs that schedules start stay where they are stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import actions as chains
from onecloud.infra.blobs import Blobs
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.kernel.principal import Principal
from onecloud.resources import actions as resources
from onecloud.resources.incoming import receive
from onecloud.resources.model import NewVersion
from onecloud.runs import store as runs
from onecloud.runs.records import RunRecord
from onecloud.schedules.deriving import take_over
from onecloud.schedules.firing import Fired, Firing, fire_due
from onecloud.schedules.model import FireRecord, Holidays
from onecloud.schedules.store import fires as store
from onecloud.schedules.store import waiting
from onecloud.schedules.verdicts import NoCalendar, Waiting
from onecloud.workspaces import actions as workspaces
from tests.runs.house import furnish

GRACE = timedelta(minutes=5)
DAY = timedelta(days=1)


def document(name: str, *schedules: str, inputs: str = "", concurrent: bool = True) -> str:
    """A chain of one command with these schedules."""
    lines = "".join(f"  - {line}\n" for line in schedules)
    return (
        f"onecloud: 1\nname: {name}\nallow_concurrent_runs: {str(concurrent).lower()}\n{inputs}start: make\n"
        "nodes: {make: {command: files.create, inputs: {name: a.txt, text: a}}}\n"
        + (f"schedules:\n{lines}" if schedules else "")
    )


class Told:
    """What the engine would be told."""

    def __init__(self) -> None:
        self.runs: list[int] = []

    def started(self, run_id: int) -> None:
        """A run was stored."""
        self.runs.append(run_id)

    def stopped(self, run_id: int) -> None:
        """Schedules stop nothing."""

    def message_left(self, run_id: int) -> None:
        """Schedules leave no messages."""


@dataclass(slots=True)
class Office:
    """Everything that a test of schedules touches."""

    ground: Ground
    caller: Principal
    environment_id: int
    since: datetime | None = None
    engine: Told = field(default_factory=Told)

    async def publish(self, text: str) -> int:
        """Apply and publish a chain, and take its schedules over; gives its id."""
        async with self.ground.database.transaction() as db:
            applied = await chains.apply(db, self.ground.keys, self.caller, self.environment_id, text, publish=True)
        await self.take_over()
        return applied.chain.id

    async def add_calendar(self, name: str = "h", data: str = "2020-01-01\n") -> None:
        """Keep a calendar in the workspace."""
        blobs = Blobs(self.ground.settings.blobs_folder)

        async def coming() -> AsyncIterator[bytes]:
            yield data.encode()

        async with self.ground.database.reading() as db:
            place = await workspaces.get_environment(db, self.environment_id)
        content = await receive(coming(), blobs, place.workspace_id)
        async with self.ground.database.transaction() as db:
            await resources.add(db, None, place.workspace_id, name, NewVersion(content))

    async def take_over(self) -> None:
        """What the dispatcher does before it looks for what is due."""
        self.since = await take_over(self.ground.database, self.since)

    async def disable(self, chain_id: int, *, disabled: bool = True) -> None:
        """Switch a chain off or on."""
        async with self.ground.database.transaction() as db:
            await chains.set_disabled(db, self.caller, chain_id, disabled=disabled)
        await self.take_over()

    async def now(self) -> datetime:
        """The database's moment."""
        async with self.ground.database.reading() as db:
            return await database_now(db)

    async def waiting(self, chain_id: int) -> dict[str, Waiting]:
        """The chain's waiting schedules by name."""
        async with self.ground.database.reading() as db:
            return (await waiting.waiting_of(db, [chain_id]))[chain_id]

    async def next(self, chain_id: int, name: str = "s") -> datetime:
        """The next moment of a schedule that has one."""
        found = (await self.waiting(chain_id))[name].next_at
        assert found is not None
        return found

    async def fire(
        self,
        now: datetime,
        calendars: Mapping[tuple[int, str], Holidays | NoCalendar] | None = None,
        limit: int = 100,
    ) -> Fired:
        """One batch of what is due at that moment."""
        firing = Firing(self.ground.keys, self.engine, GRACE)
        async with self.ground.database.transaction() as db:
            return await fire_due(db, firing, calendars or {}, now, limit)

    async def fires(self, chain_id: int, name: str = "s") -> list[FireRecord]:
        """What became of a schedule's moments, oldest first."""
        async with self.ground.database.reading() as db:
            return list(reversed(await store.fires_before(db, chain_id, name, None, 1000)))

    async def runs(self, chain_id: int) -> list[RunRecord]:
        """The chain's runs, oldest first."""
        async with self.ground.database.reading() as db:
            return list(reversed(await runs.runs_of_chain(db, chain_id, before_id=None, limit=1000)))


@pytest.fixture
async def office(ground: Ground) -> Office:
    """An environment of a workspace, on each database in turn."""
    caller, environment_id = await furnish(ground)
    return Office(ground, caller, environment_id)


async def no_calendars(db: AsyncSession, environment_id: int, name: str) -> str | None:
    """A workspace without files."""
    return None
