"""The ground floor on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from onecloud.infra.db import Database, database_now


async def test_the_databases_clock_is_utc_and_near_ours(database: Database) -> None:
    async with database.reading() as db:
        now = await database_now(db)
        assert (await db.execute(text("select 1"))).scalar() == 1
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)
