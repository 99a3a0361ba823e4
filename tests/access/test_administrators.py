"""There is always an administrator who can come in."""

from __future__ import annotations

import asyncio

import pytest

from onecloud.access import actions
from onecloud.access.model import User
from onecloud.activity.actions import changes
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, NotFound
from onecloud.kernel.principal import Principal
from tests.access.conftest import admin


async def disable(ground: Ground, user: User) -> User:
    async with ground.database.transaction() as db:
        return await actions.set_disabled(db, None, user.id, disabled=True)


async def demote(ground: Ground, user: User) -> User:
    async with ground.database.transaction() as db:
        return await actions.set_admin(db, None, user.id, is_admin=False)


async def administrators(ground: Ground) -> list[str]:
    async with ground.database.reading() as db:
        people, _ = await actions.list_users(db, None, 50)
    return [person.email for person in people if person.is_admin and not person.disabled]


async def test_the_last_administrator_stays(ground: Ground, ada: User) -> None:
    with pytest.raises(Conflict, match="last administrator"):
        await disable(ground, ada)
    with pytest.raises(Conflict, match="last administrator"):
        await demote(ground, ada)


async def test_a_disabled_administrator_does_not_count(ground: Ground, ada: User) -> None:
    await disable(ground, await admin(ground, "bob@example.com"))
    with pytest.raises(Conflict, match="last administrator"):
        await demote(ground, ada)


async def test_two_administrators_cannot_take_each_other_away_in_parallel(ground: Ground, ada: User) -> None:
    bob = await admin(ground, "bob@example.com")
    for _ in range(5):
        outcomes = await asyncio.gather(demote(ground, ada), disable(ground, bob), return_exceptions=True)
        assert len([outcome for outcome in outcomes if isinstance(outcome, Conflict)]) == 1
        assert len(await administrators(ground)) == 1
        async with ground.database.transaction() as db:
            await actions.set_admin(db, None, ada.id, is_admin=True)
            await actions.set_disabled(db, None, bob.id, disabled=False)


async def test_doing_what_is_done_changes_and_records_nothing(ground: Ground, ada: User) -> None:
    async with ground.database.transaction() as db:
        before, _ = await changes(db, None, 200)
        same = await actions.set_admin(db, None, ada.id, is_admin=True)
        same = await actions.set_disabled(db, None, ada.id, disabled=False)
        after, _ = await changes(db, None, 200)
    assert (same.access_epoch, len(after)) == (0, len(before))


async def test_changes_of_rights_are_recorded_with_who_made_them(ground: Ground, ada: User) -> None:
    bob = await admin(ground, "bob@example.com")
    owner = Principal(ada.id, ada.email, "Ada Lovelace", is_admin=True, via="session")
    async with ground.database.transaction() as db:
        await actions.set_admin(db, owner, bob.id, is_admin=False)
        await actions.set_disabled(db, owner, bob.id, disabled=True)
        (disabled, demoted, *_), _ = await changes(db, None, 50)
    assert (disabled.key, disabled.owner_id, disabled.via) == ("user.disable", str(ada.id), "session")
    assert (demoted.key, demoted.trackable_type, demoted.recipient_type) == (
        "user_group_user.destroy",
        "UserGroupUser",
        "UserGroup",
    )
    assert demoted.parameters == {"user_id": str(bob.id)}


async def test_nobody_cannot_be_changed(ground: Ground) -> None:
    async with ground.database.transaction() as db:
        with pytest.raises(NotFound):
            await actions.set_admin(db, None, 5, is_admin=True)
        with pytest.raises(NotFound):
            await actions.user_by_email(db, "nobody@example.com")
