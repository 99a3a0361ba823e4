"""An engine that dies at the worst moment: a turn is written, and never reaches the journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from onecloud.infra.blobs import Blobs
from onecloud.infra.durable import Durable
from onecloud.infra.http import Ground
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.principal import Principal
from onecloud.runs.changes import Changes
from onecloud.runs.engine import Engine
from onecloud.runs.model import JOURNAL_FORMAT
from onecloud.worker.embedded import embedded_engine
from tests.runs.house import House, furnish


class Dying(Durable):
    """Journals so many turns; the next one is done and not written down, and nothing follows it."""

    def __init__(self, ground: Ground, turns: int) -> None:
        super().__init__(ground.settings, JOURNAL_FORMAT)
        self._left = turns
        self.dead = asyncio.Event()

    async def journaled(self, name: str, work: Callable[[], Awaitable[Json]]) -> Any:
        """As the real one, until it dies."""

        async def last() -> Json:
            came = await work()
            if self._left > 0:
                self._left -= 1
                return came
            self.dead.set()
            return await asyncio.Event().wait()

        return await super().journaled(name, last)


class Lives:
    """A house whose engine lives several times."""

    def __init__(self, ground: Ground, caller: Principal, environment_id: int) -> None:
        self._ground, self._caller, self._environment_id = ground, caller, environment_id
        self._blobs = Blobs(ground.settings.blobs_folder)

    @asynccontextmanager
    async def dies_after(self, turns: int) -> AsyncGenerator[tuple[House, asyncio.Event]]:
        """A life in which so many turns are journaled; the event says that the next one is written and lost."""
        changes, durable = Changes(), Dying(self._ground, turns)
        engine = Engine(self._ground, self._blobs, durable, changes)
        await engine.start()
        try:
            yield self._house(engine, changes), durable.dead
        finally:
            await engine.close()

    @asynccontextmanager
    async def lives(self) -> AsyncGenerator[House]:
        """A life like any other."""
        changes = Changes()
        async with embedded_engine(self._ground, self._blobs, changes) as engine:
            yield self._house(engine, changes)

    def _house(self, engine: Engine, changes: Changes) -> House:
        return House(self._ground, self._blobs, changes, engine, self._caller, self._environment_id)


async def lives_in(ground: Ground) -> Lives:
    """The lives of an engine in a furnished house."""
    ground.settings.files_folder.mkdir(parents=True, exist_ok=True)
    return Lives(ground, *await furnish(ground))
