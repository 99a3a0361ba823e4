"""The join that upper rooms use, and the first administrator."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from onecloud.access import actions
from onecloud.access.store import people
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, Invalid

PASSWORD = "correct-horse-1"


async def test_an_administrator_is_seen_in_the_join_of_the_upper_rooms(ground: Ground) -> None:
    async with ground.database.transaction() as db:
        user = await actions.create_admin(db, " Ada@Example.COM ", PASSWORD, "Ada", "Lovelace")
    person = people()
    async with ground.database.reading() as db:
        row = (await db.execute(select(person).where(person.c.user_id == user.id))).one()
    assert tuple(row) == (user.id, "ada@example.com", "Ada", "Lovelace", True, True, False, 0)


async def test_an_email_is_taken_in_any_spelling(ground: Ground) -> None:
    async with ground.database.transaction() as db:
        await actions.create_admin(db, "ada@example.com", PASSWORD)
    with pytest.raises(Conflict, match=r"ada@example\.com"):
        async with ground.database.transaction() as db:
            await actions.create_admin(db, "ADA@example.com", PASSWORD)


async def test_every_broken_rule_is_named(ground: Ground) -> None:
    with pytest.raises(Invalid) as refused:
        async with ground.database.transaction() as db:
            await actions.create_admin(db, "ada", "short", "x" * 101)
    assert [p.where for p in refused.value.problems] == ["email", "first_name", "password", "password", "password"]
