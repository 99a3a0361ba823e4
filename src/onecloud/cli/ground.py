"""The ground for short commands: settings, keys and the migrated database, also beside a running server."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onecloud.infra.http import Ground
    from onecloud.infra.settings import Settings


def settings_for(data: Path | None) -> Settings:
    """The settings of the environment, with the data folder of the command line when one is given."""
    from onecloud.infra.settings import Settings

    return Settings() if data is None else Settings(data=data)


@asynccontextmanager
async def open_ground(data: Path | None) -> AsyncGenerator[Ground]:
    """Open (and if need be create and migrate) the data folder's database."""
    import asyncio

    from onecloud.infra.crypto import load_or_create_keys
    from onecloud.infra.db import Database, async_url
    from onecloud.infra.http import Ground
    from onecloud.infra.migrate import upgrade

    settings = settings_for(data)
    await asyncio.to_thread(upgrade, settings)
    keys = load_or_create_keys(settings.key_file or settings.data / "key")
    database = Database(async_url(settings.database_url, settings.data))
    try:
        yield Ground(settings=settings, database=database, keys=keys)
    finally:
        await database.close()
