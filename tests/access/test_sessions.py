"""Sessions: found, kept alive, rotated, ended, and dead for good after a new access epoch."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import actions, rules
from onecloud.access.model import SessionFound, SignedIn, User
from onecloud.access.tables import SessionRow
from onecloud.infra.crypto import Keyring
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.kernel.secret import Secret
from tests.access.conftest import EMAIL, PASSWORD, VISITOR, admin, enter

IDLE = timedelta(minutes=60)


async def find(ground: Ground, token: str | None, keys: Keyring | None = None) -> SessionFound | None:
    async with ground.database.reading() as db:
        return await actions.session_principal(db, keys or ground.keys, token, IDLE)


async def age(db: AsyncSession, **parts: timedelta) -> None:
    """Move columns of every session into the past."""
    now = await database_now(db)
    await db.execute(update(SessionRow).values({name: now - by for name, by in parts.items()}))


async def count(ground: Ground) -> int:
    async with ground.database.reading() as db:
        return await db.scalar(select(func.count()).select_from(SessionRow)) or 0


async def test_a_cookie_gives_its_person(ground: Ground, ada: User) -> None:
    made = await enter(ground)
    found = await find(ground, made.token.reveal())
    assert found is not None
    assert (found.principal.user_id, found.principal.name, found.principal.via) == (ada.id, "Ada Lovelace", "session")
    assert found.principal.is_admin
    assert found.csrf_token == rules.csrf_token(made.token.reveal())
    assert not found.touch_due


@pytest.mark.parametrize("token", [None, "", "x", "x" * 5000, "é\x00"])
async def test_an_unknown_cookie_gives_nobody(ground: Ground, ada: User, token: str | None) -> None:
    assert await find(ground, token) is None


async def test_only_a_keyed_hash_of_the_token_is_stored(ground: Ground, ada: User) -> None:
    token = (await enter(ground)).token.reveal()
    assert len(token) == 43  # 256 bits in base64
    async with ground.database.reading() as db:
        row = (await db.execute(select(SessionRow.__table__))).one()
    assert token not in str(row)
    assert ground.keys.digest(token, "session") in str(row)


async def test_a_session_survives_the_rotation_of_the_key_and_not_its_loss(ground: Ground, ada: User) -> None:
    token = (await enter(ground)).token.reveal()
    assert await find(ground, token, Keyring((b"\x02" * 32, *ground.keys.keys))) is not None
    assert await find(ground, token, Keyring((b"\x02" * 32,))) is None


async def test_an_idle_session_is_dead(ground: Ground, ada: User) -> None:
    token = (await enter(ground)).token.reveal()
    async with ground.database.transaction() as db:
        await age(db, last_seen_at=IDLE - timedelta(seconds=30))
    assert await find(ground, token) is not None
    async with ground.database.transaction() as db:
        await age(db, last_seen_at=IDLE)
    assert await find(ground, token) is None


async def test_an_old_session_is_dead_however_busy(ground: Ground, ada: User) -> None:
    token = (await enter(ground)).token.reveal()
    async with ground.database.transaction() as db:
        await age(db, expires_at=timedelta(0))
    assert await find(ground, token) is None


async def test_use_is_written_once_a_minute(ground: Ground, ada: User) -> None:
    token = (await enter(ground)).token.reveal()
    async with ground.database.transaction() as db:
        await age(db, last_seen_at=timedelta(seconds=70))
    found = await find(ground, token)
    assert found is not None
    assert found.touch_due
    async with ground.database.transaction() as db:
        await actions.touch_session(db, found, IDLE)
    async with ground.database.reading() as db:
        first = await db.scalar(select(SessionRow.last_seen_at))
    async with ground.database.transaction() as db:
        await actions.touch_session(db, found, IDLE)  # a request that ran beside the first
    async with ground.database.reading() as db:
        assert await db.scalar(select(SessionRow.last_seen_at)) == first
    again = await find(ground, token)
    assert again is not None
    assert not again.touch_due


async def test_a_token_planted_before_sign_in_is_worth_nothing_after_it(ground: Ground, ada: User) -> None:
    planted = await enter(ground)
    made = await actions.sign_in(ground, EMAIL, Secret(PASSWORD), VISITOR, old_cookie=planted.token.reveal())
    assert made.token != planted.token
    assert await find(ground, planted.token.reveal()) is None
    assert await find(ground, made.token.reveal()) is not None


async def test_signing_in_elsewhere_ends_no_session(ground: Ground, ada: User) -> None:
    first, second = await enter(ground), await enter(ground)
    assert await find(ground, first.token.reveal()) is not None
    assert await find(ground, second.token.reveal()) is not None


async def test_sign_in_deletes_dead_sessions_of_everybody(ground: Ground, ada: User) -> None:
    await admin(ground, "bob@example.com")
    await enter(ground, "bob@example.com")
    async with ground.database.transaction() as db:
        await age(db, last_seen_at=IDLE)
    await enter(ground)
    assert await count(ground) == 1


async def sign_in_both(ground: Ground) -> tuple[User, SignedIn]:
    bob = await admin(ground, "bob@example.com")
    return bob, await enter(ground, "bob@example.com")


async def test_disabling_kills_sessions_for_good(ground: Ground, ada: User) -> None:
    bob, made = await sign_in_both(ground)
    async with ground.database.transaction() as db:
        await actions.set_disabled(db, None, bob.id, disabled=True)
    assert await find(ground, made.token.reveal()) is None
    async with ground.database.transaction() as db:
        enabled = await actions.set_disabled(db, None, bob.id, disabled=False)
    assert await find(ground, made.token.reveal()) is None
    assert enabled.access_epoch == 1


async def test_a_session_row_of_an_earlier_epoch_is_dead_even_when_it_is_still_there(ground: Ground, ada: User) -> None:
    token = (await enter(ground)).token.reveal()
    async with ground.database.transaction() as db:
        await db.execute(update(SessionRow).values(access_epoch=SessionRow.access_epoch - 1))
    assert await find(ground, token) is None


async def test_losing_the_administrator_right_kills_sessions_for_good(ground: Ground, ada: User) -> None:
    bob, made = await sign_in_both(ground)
    async with ground.database.transaction() as db:
        plain = await actions.set_admin(db, None, bob.id, is_admin=False)
        again = await actions.set_admin(db, None, bob.id, is_admin=True)
    assert (plain.is_admin, again.is_admin, again.access_epoch) == (False, True, 1)
    assert await find(ground, made.token.reveal()) is None


async def test_principal_of_a_disabled_person_is_nobody(ground: Ground, ada: User) -> None:
    bob, _ = await sign_in_both(ground)
    async with ground.database.transaction() as db:
        assert (await actions.principal_of(db, bob.id, "cli")) is not None
        await actions.set_disabled(db, None, bob.id, disabled=True)
        assert (await actions.principal_of(db, bob.id, "cli")) is None
        assert (await actions.principal_of(db, 999, "cli")) is None
