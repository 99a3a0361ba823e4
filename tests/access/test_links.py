"""One-time links: the setup that makes one administrator, and the reset that unlocks."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from onecloud.access import actions
from onecloud.access.model import Profile, SignedIn, User
from onecloud.access.tables import LinkRow
from onecloud.activity.actions import changes, login_activity
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, Invalid, NotFound, OneCloudError, Unauthenticated
from onecloud.kernel.secret import Secret
from tests.access.conftest import EMAIL, PASSWORD, VISITOR, WRONG, admin, enter

NEW = "brand-new-horse-3"


async def setup_token(ground: Ground) -> str:
    async with ground.database.transaction() as db:
        path = await actions.setup_link(db, ground.keys)
    assert path is not None
    assert path.startswith("/setup#token=")
    return path.removeprefix("/setup#token=")


async def set_up(ground: Ground, token: str, email: str = EMAIL, password: str = PASSWORD) -> SignedIn:
    return await actions.set_up(ground, token, Profile(email, Secret(password), "Ada", ""), VISITOR)


async def reset_token(ground: Ground, user: User) -> str:
    async with ground.database.transaction() as db:
        path, _ = await actions.create_reset_link(db, ground.keys, user.id)
    assert path.startswith("/reset#token=")
    return path.removeprefix("/reset#token=")


async def reset(ground: Ground, token: str, password: str = NEW) -> None:
    await actions.reset_password(ground, token, Secret(password))


async def code_of(refused: BaseException | object) -> str:
    assert isinstance(refused, OneCloudError), refused
    return refused.code


async def expire_links(ground: Ground) -> None:
    async with ground.database.transaction() as db:
        await db.execute(update(LinkRow).values(expires_at=await database_now(db)))


async def test_two_parallel_setups_make_one_administrator(ground: Ground) -> None:
    token = await setup_token(ground)
    outcomes = await asyncio.gather(
        set_up(ground, token, "a@example.com"), set_up(ground, token, "b@example.com"), return_exceptions=True
    )
    won = [outcome for outcome in outcomes if isinstance(outcome, SignedIn)]
    lost = [outcome for outcome in outcomes if not isinstance(outcome, SignedIn)]
    assert len(won) == len(lost) == 1
    assert isinstance(lost[0], Conflict)
    async with ground.database.reading() as db:
        people, _ = await actions.list_users(db, None, 50)
    assert [(person.email, person.is_admin) for person in people] == [(won[0].user.email, True)]


async def test_the_first_administrator_is_signed_in_and_logged(ground: Ground) -> None:
    async with ground.database.reading() as db:
        assert await actions.is_setup_needed(db)
    made = await set_up(ground, await setup_token(ground))
    async with ground.database.transaction() as db:
        assert not await actions.is_setup_needed(db)
        assert await actions.setup_link(db, ground.keys) is None
        found = await actions.session_principal(db, ground.keys, made.token.reveal(), timedelta(hours=1))
        (login,), _ = await login_activity(db, None, 50)
        trail, _ = await changes(db, None, 50)
    assert found is not None
    assert found.principal.is_admin
    assert (login.context, login.success) == ("setup#create", True)
    assert [change.key for change in trail] == ["user_group_user.create", "user_group_user.create", "user.create"]


async def test_a_new_setup_link_kills_the_old_one(ground: Ground) -> None:
    old, new = await setup_token(ground), await setup_token(ground)
    with pytest.raises(Invalid, match="prints a new link"):
        await set_up(ground, old)
    await set_up(ground, new)


async def test_a_refused_password_leaves_the_setup_link_good(ground: Ground) -> None:
    token = await setup_token(ground)
    with pytest.raises(Invalid, match="at least 10"):
        await set_up(ground, token, password="short")
    await set_up(ground, token)


async def test_a_setup_link_lives_seven_days(ground: Ground) -> None:
    token = await setup_token(ground)
    async with ground.database.reading() as db:
        link = (await db.scalars(select(LinkRow))).one()
    assert link.expires_at - link.created_at == timedelta(days=7)
    assert token not in (link.token_hash, link.kind)
    await expire_links(ground)
    with pytest.raises(Invalid, match="setup link"):
        await set_up(ground, token)


async def test_a_setup_link_is_dead_once_a_shell_made_the_administrator(ground: Ground) -> None:
    token = await setup_token(ground)
    await admin(ground, EMAIL)
    with pytest.raises(Conflict, match="sign in"):
        await set_up(ground, token, "b@example.com")


async def test_a_reset_link_unlocks_and_changes_the_password(ground: Ground, ada: User) -> None:
    for _ in range(6):
        with pytest.raises(Unauthenticated):
            await enter(ground, password=WRONG)
    await reset(ground, await reset_token(ground, ada))
    assert (await enter(ground, password=NEW)).user.access_epoch == 1
    with pytest.raises(Unauthenticated):
        await enter(ground, password=PASSWORD)


async def test_a_reset_ends_the_sessions(ground: Ground, ada: User) -> None:
    made = await enter(ground)
    await reset(ground, await reset_token(ground, ada))
    async with ground.database.reading() as db:
        assert await actions.session_principal(db, ground.keys, made.token.reveal(), timedelta(hours=1)) is None
        (newest, *_), _ = await changes(db, None, 50)
    assert (newest.key, newest.owner_id) == ("user.reset_password", str(ada.id))


async def test_a_reset_link_works_once_also_in_parallel(ground: Ground, ada: User) -> None:
    token = await reset_token(ground, ada)
    outcomes = await asyncio.gather(
        *(reset(ground, token, f"parallel-horse-{number}") for number in range(3)), return_exceptions=True
    )
    assert outcomes.count(None) == 1
    assert {await code_of(outcome) for outcome in outcomes if outcome is not None} == {"reset.link_dead"}


async def test_a_reset_link_dies_after_a_day_or_with_the_next_one(ground: Ground, ada: User) -> None:
    old, new = await reset_token(ground, ada), await reset_token(ground, ada)
    with pytest.raises(Invalid, match="reset link"):
        await reset(ground, old)
    async with ground.database.reading() as db:
        link = (await db.scalars(select(LinkRow))).one()
    assert link.expires_at - link.created_at == timedelta(hours=24)
    await expire_links(ground)
    with pytest.raises(Invalid, match="reset link"):
        await reset(ground, new)


async def test_a_refused_password_leaves_the_reset_link_good(ground: Ground, ada: User) -> None:
    token = await reset_token(ground, ada)
    with pytest.raises(Invalid, match="no number"):
        await reset(ground, token, "no-number-here")
    await reset(ground, token)


async def test_a_setup_token_is_no_reset_token(ground: Ground) -> None:
    token = await setup_token(ground)
    with pytest.raises(Invalid, match="reset link"):
        await reset(ground, token)


async def test_disabling_kills_the_reset_link_and_forbids_a_new_one(ground: Ground, ada: User) -> None:
    bob = await admin(ground, "bob@example.com")
    token = await reset_token(ground, bob)
    async with ground.database.transaction() as db:
        await actions.set_disabled(db, None, bob.id, disabled=True)
    with pytest.raises(Invalid, match="reset link"):
        await reset(ground, token)
    with pytest.raises(Conflict, match="enable"):
        await reset_token(ground, bob)


async def test_nobody_has_no_reset_link(ground: Ground) -> None:
    async with ground.database.transaction() as db:
        with pytest.raises(NotFound):
            await actions.create_reset_link(db, ground.keys, 77)
