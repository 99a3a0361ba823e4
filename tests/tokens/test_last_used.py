"""Notes of use: kept in memory, written in one go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from onecloud.tokens import actions
from onecloud.tokens.last_used import LastUsed
from onecloud.tokens.tables import AccessTokenRow
from tests.tokens.conftest import House


async def test_the_newest_use_is_written_and_an_older_one_never_replaces_it(house: House) -> None:
    issued = await house.access()
    async with house.ground.database.reading() as db:
        found = await actions.authenticate(db, house.ground.keys, issued.pair.access.reveal())
    used = LastUsed()
    assert used.is_empty
    used.note(found.token_id, found.at, "192.0.2.1", "curl/8")
    used.note(found.token_id, found.at + timedelta(seconds=2), "192.0.2.2", "agent\0" + "x" * 900)
    used.note(found.token_id, found.at + timedelta(seconds=1), "192.0.2.3", "late")
    late = LastUsed()
    late.note(found.token_id, found.at, "192.0.2.9", "another process, behind")
    for notes in (used, late):
        async with house.ground.database.transaction() as db:
            await notes.flush(db)
        assert notes.is_empty
    async with house.ground.database.reading() as db:
        columns = AccessTokenRow.last_used_at, AccessTokenRow.last_used_ip, AccessTokenRow.last_used_agent
        row = (await db.execute(select(*columns))).one()
    assert row[0] == found.at + timedelta(seconds=2)
    assert row[1] == "192.0.2.2"
    assert row[2] == "agent" + "x" * 295


async def test_notes_survive_a_failed_write(house: House) -> None:
    issued = await house.access()
    async with house.ground.database.reading() as db:
        found = await actions.authenticate(db, house.ground.keys, issued.pair.access.reveal())
    used = LastUsed()
    used.note(found.token_id, found.at, "192.0.2.1", "curl/8")

    async def fail() -> None:
        async with house.ground.database.transaction() as db:
            await db.execute(text("ALTER TABLE access_token RENAME TO gone"))
            await used.flush(db)

    with pytest.raises(DBAPIError):
        await fail()
    assert not used.is_empty
    async with house.ground.database.transaction() as db:
        await used.flush(db)
    async with house.ground.database.reading() as db:
        assert await db.scalar(select(AccessTokenRow.last_used_ip)) == "192.0.2.1"


async def test_using_a_token_writes_nothing(house: House) -> None:
    issued = await house.access()
    assert (await house.call(issued.pair.access.reveal())).status_code == 200
    async with house.ground.database.reading() as db:
        assert await db.scalar(select(AccessTokenRow.last_used_at)) is None
