"""Groups, their members and their permissions, on both databases."""

from __future__ import annotations

import asyncio
import random

import pytest
from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import actions, rules, store
from onecloud.access.model import GroupFields
from onecloud.access.permissions import level_on
from onecloud.activity.actions import changes
from onecloud.chains.tables import ChainRow
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, Invalid, NotFound, Stale
from onecloud.kernel.permission import GIVEN, Level, Place
from onecloud.workspaces.tables import EnvironmentRow
from tests.access.world import World, group_with, make_world, person, principal

ROBOTS = GroupFields("Robots", "They run at night.", api_access=True)


async def built_in(db: AsyncSession) -> tuple[int, int]:
    """Ids of Admin and Default."""
    await person(db, "first@example.com", admin=True)
    return (await actions.find_group(db, "Admin")).id, (await actions.find_group(db, "Default")).id


async def test_a_group_is_made_changed_and_deleted_and_each_is_recorded(ground: Ground) -> None:
    async with ground.database.transaction() as db:
        bob = await person(db, "bob@example.com")
        group = await actions.create_group(db, None, ROBOTS)
        await actions.add_member(db, None, group.id, bob.id)
        await actions.add_member(db, None, group.id, bob.id)
        changed = await actions.change_group(db, None, group.id, GroupFields("Machines"))
        same = await actions.change_group(db, None, group.id, GroupFields("Machines"))
        assert (changed, changed.members_count, changed.api_access) == (same, 1, False)
        assert [found.email for found in (await actions.list_members(db, group.id, None, 50))[0]] == [bob.email]
        await actions.remove_member(db, None, group.id, bob.id)
        await actions.remove_member(db, None, group.id, bob.id)
        await actions.delete_group(db, None, group.id)
        with pytest.raises(NotFound, match="no user group"):
            await actions.get_group(db, group.id)
        told, _ = await changes(db, None, 6)
    assert [entry.key for entry in told] == [
        "user_group.destroy",
        "user_group_user.destroy",
        "user_group.update",
        "user_group_user.create",
        "user_group.create",
        "user_group_user.create",  # Bob into Default
    ]
    assert (told[0].parameters, told[1].recipient_id) == ({"name": "Machines", "user_ids": []}, str(group.id))


async def test_a_name_belongs_to_one_group_and_faults_are_named(ground: Ground) -> None:
    async with ground.database.transaction() as db:
        await actions.create_group(db, None, ROBOTS)
        other = await actions.create_group(db, None, GroupFields("Other"))
        with pytest.raises(Conflict, match="`Robots` is taken"):
            await actions.create_group(db, None, GroupFields("Robots"))
        with pytest.raises(Invalid) as refused:
            await actions.create_group(db, None, GroupFields(" x\n" + "y" * 100, "\x00" + "z" * 2000))
        with pytest.raises(Invalid, match="empty"):
            await actions.create_group(db, None, GroupFields(" "))
        with pytest.raises(Conflict, match="`Robots` is taken"):
            await actions.change_group(db, None, other.id, GroupFields("Robots"))
        await db.rollback()  # the database itself refused the last one
    assert [problem.where for problem in refused.value.problems] == ["name", "name", "description", "description"]


async def test_what_came_with_the_product_stays(ground: Ground) -> None:
    async with ground.database.transaction() as db:
        admins, everyone = await built_in(db)
        bob = await person(db, "bob@example.com")
    for group_id, name in ((admins, "Admin"), (everyone, "Default")):
        async with ground.database.transaction() as db:
            group = await actions.get_group(db, group_id)
            kept = GroupFields(name, "Described.", group.api_access)
            assert (await actions.change_group(db, None, group_id, kept)).description == "Described."
            with pytest.raises(Conflict, match="keeps its name"):
                await actions.change_group(db, None, group_id, GroupFields("Chiefs", "", group.api_access))
            with pytest.raises(Conflict, match="cannot be deleted"):
                await actions.delete_group(db, None, group_id)
    async with ground.database.transaction() as db:
        with pytest.raises(Conflict, match="always have API access"):
            await actions.change_group(db, None, admins, GroupFields("Admin"))
        with pytest.raises(Conflict, match="needs no permissions"):
            await actions.set_permissions(db, None, admins, {})
        for call in (actions.add_member, actions.remove_member):
            with pytest.raises(Conflict, match="Everybody is in"):
                await call(db, None, everyone, bob.id)
        assert {found.email for found in (await actions.list_members(db, everyone, None, 50))[0]} == {
            "first@example.com",
            "bob@example.com",
        }


async def test_the_admin_group_is_the_administrator_right_and_keeps_one(ground: Ground) -> None:
    async with ground.database.transaction() as db:
        admins, _ = await built_in(db)
        first = await actions.user_by_email(db, "first@example.com")
        bob = await person(db, "bob@example.com")
        with pytest.raises(Conflict, match="last administrator"):
            await actions.remove_member(db, None, admins, first.id)
    async with ground.database.transaction() as db:
        await actions.add_member(db, None, admins, bob.id)
        assert (await actions.get_user(db, bob.id)).is_admin
        await actions.remove_member(db, None, admins, first.id)
        gone = await actions.get_user(db, first.id)
    assert (gone.is_admin, gone.access_epoch) == (False, first.access_epoch + 1)


async def test_parallel_requests_never_take_the_last_administrator(ground: Ground) -> None:
    async with ground.database.transaction() as db:
        admins, _ = await built_in(db)
        first = await actions.user_by_email(db, "first@example.com")
        second = await person(db, "second@example.com", admin=True)

    async def leave(user_id: int) -> None:
        async with ground.database.transaction() as db:
            await actions.remove_member(db, None, admins, user_id)

    async def disable(user_id: int) -> None:
        async with ground.database.transaction() as db:
            await actions.set_disabled(db, None, user_id, disabled=True)

    for one, other in ((leave, leave), (leave, disable), (disable, leave)):
        outcomes = await asyncio.gather(one(first.id), other(second.id), return_exceptions=True)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
        async with ground.database.transaction() as db:
            for user in (first, second):
                await actions.set_disabled(db, None, user.id, disabled=False)
                await actions.add_member(db, None, admins, user.id)


async def test_permissions_are_replaced_as_a_whole_and_each_difference_is_recorded(ground: Ground) -> None:
    world = await make_world(ground)
    before = {world.workspaces[0]: Level.READ, world.chains[0]: Level.EXECUTE}
    after = {world.workspaces[0]: Level.READ, world.chains[0]: Level.WRITE, world.environments[3]: Level.ADMIN}
    async with ground.database.transaction() as db:
        group_id = await group_with(db, "Team", before)
        seen = rules.edition(await actions.permissions_of(db, group_id))
        assert await actions.set_permissions(db, None, group_id, after, edition=seen) == after
        told, _ = await changes(db, None, 3)
        with pytest.raises(Stale, match="meanwhile"):
            await actions.set_permissions(db, None, group_id, {}, edition=seen)
        many = {Place(1, 1, number): Level.READ for number in range(2001)}
        with pytest.raises(Invalid, match="at most 2000 permissions"):
            await actions.set_permissions(db, None, group_id, many)
    assert [(entry.key, entry.parameters["object_type"], entry.parameters["name"]) for entry in reversed(told)] == [
        ("user_group_permission.destroy", "Chain", "execute"),
        ("user_group_permission.create", "Chain", "write"),
        ("user_group_permission.create", "Environment", "admin"),
    ]
    assert {entry.recipient_id for entry in told} == {str(group_id)}


async def test_a_permission_dies_with_its_object(ground: Ground) -> None:
    world = await make_world(ground)
    async with ground.database.transaction() as db:
        group_id = await group_with(db, "Team", dict.fromkeys(world.everything, Level.READ))
        await db.execute(
            text("delete from chain where environment_id = :e"), {"e": world.environments[0].environment_id}
        )
        await db.execute(text("delete from environment where id = :e"), {"e": world.environments[0].environment_id})
        left = set(await actions.permissions_of(db, group_id))
    assert left == set(world.everything) - {world.environments[0], *world.chains[:2]}


async def test_a_person_has_the_highest_of_what_their_groups_give(ground: Ground) -> None:
    world = await make_world(ground)
    async with ground.database.transaction() as db:
        bob = await person(db, "bob@example.com")
        await group_with(db, "One", {world.chains[0]: Level.READ, world.chains[1]: Level.ADMIN}, bob)
        await group_with(db, "Two", {world.chains[0]: Level.CREATE}, bob)
        await group_with(db, "Not his", {world.workspaces[1]: Level.ADMIN})
        found = await principal(db, bob)
        admin = await principal(db, await person(db, "ada@example.com", admin=True))
    assert found.grants == {world.chains[0]: Level.CREATE, world.chains[1]: Level.ADMIN}
    assert admin.grants == {}


async def ids(db: AsyncSession, query: Select[int], condition: object) -> set[int]:
    """What a list would show."""
    narrowed = query if condition is None else query.where(condition)  # pyright: ignore[reportArgumentType]
    return set(await db.scalars(narrowed))


async def shown(db: AsyncSession, world: World, user_id: int, *, admin: bool) -> dict[str, set[int]]:
    """The objects that SQL lets a person see or read."""
    caller = await actions.principal_of(db, user_id, "session")
    assert caller is not None
    assert caller.is_admin == admin
    chains = select(ChainRow.id).join(EnvironmentRow, EnvironmentRow.id == ChainRow.environment_id)
    of_chain = store.readable_chains(
        caller, workspace_id=EnvironmentRow.workspace_id, environment_id=EnvironmentRow.id, chain_id=ChainRow.id
    )
    of_environment = store.seen_environments(
        caller, workspace_id=EnvironmentRow.workspace_id, environment_id=EnvironmentRow.id
    )
    seen = store.seen_workspaces(caller, workspace_id=EnvironmentRow.workspace_id)
    readable = store.readable_workspaces(caller, workspace_id=EnvironmentRow.workspace_id)
    return {
        "chains": await ids(db, chains, of_chain),
        "environments": await ids(db, select(EnvironmentRow.id), of_environment),
        "workspaces": await ids(db, select(EnvironmentRow.workspace_id), seen),
        "readable workspaces": await ids(db, select(EnvironmentRow.workspace_id), readable),
    }


async def test_lists_show_in_sql_what_the_decision_allows(ground: Ground) -> None:
    world = await make_world(ground)
    chance = random.Random(8)
    async with ground.database.transaction() as db:
        bob = await person(db, "bob@example.com")
        groups = [await group_with(db, name, {}, bob) for name in ("One", "Two")]
        await group_with(db, "Not his", dict.fromkeys(world.workspaces, Level.ADMIN))
        for _ in range(25):
            for group_id in groups:
                places = chance.sample(world.everything, chance.choice((0, 1, 1, 2)))
                await actions.set_permissions(db, None, group_id, {place: chance.choice(GIVEN) for place in places})
            caller = await principal(db, bob)

            def allowed(places: tuple[Place, ...], least: Level, given: object = caller.grants) -> set[int]:
                levels = {place.object_id: level_on(given, False, place) for place in places}  # pyright: ignore[reportArgumentType]
                return {number for number, level in levels.items() if level is not None and level >= least}

            assert await shown(db, world, bob.id, admin=False) == {
                "chains": allowed(world.chains, Level.READ),
                "environments": allowed(world.environments, Level.SEE),
                "workspaces": allowed(world.workspaces, Level.SEE),
                "readable workspaces": allowed(world.workspaces, Level.READ),
            }
        ada = await person(db, "ada@example.com", admin=True)
        everything = await shown(db, world, ada.id, admin=True)
    assert everything["chains"] == {place.object_id for place in world.chains}


@pytest.mark.parametrize("ending", ["leaves", "closed", "deleted"])
async def test_losing_api_access_kills_what_was_opened_with_it(ground: Ground, ending: str) -> None:
    async with ground.database.transaction() as db:
        bob, eve = await person(db, "bob@example.com"), await person(db, "eve@example.com")
        group = await actions.create_group(db, None, ROBOTS)
        other = await actions.create_group(db, None, GroupFields("Also", api_access=True))
        for user in (bob, eve):
            await actions.add_member(db, None, group.id, user.id)
        await actions.add_member(db, None, other.id, eve.id)
        assert (await principal(db, bob)).may_use_api
        if ending == "leaves":
            await actions.remove_member(db, None, group.id, bob.id)
            await actions.remove_member(db, None, group.id, eve.id)
        elif ending == "closed":
            await actions.change_group(db, None, group.id, GroupFields("Robots"))
        else:
            await actions.delete_group(db, None, group.id)
        bob_now, eve_now = await actions.get_user(db, bob.id), await actions.get_user(db, eve.id)
    assert (bob_now.may_use_api, bob_now.access_epoch) == (False, bob.access_epoch + 1)
    assert (eve_now.may_use_api, eve_now.access_epoch) == (True, eve.access_epoch), "she has it from elsewhere"
