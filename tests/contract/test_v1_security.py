"""The nine operations of API v1 about people and groups: every field, every page, every refusal."""

from __future__ import annotations

from typing import Any, Final

import httpx2
import pytest

from onecloud.access import actions as access
from onecloud.access.model import GroupFields, Visitor
from onecloud.activity import actions as activity
from onecloud.kernel.permission import Level
from onecloud.kernel.secret import Secret
from tests.access.world import group_with, person
from tests.contract import v1_schemas as schemas
from tests.people.conftest import Office
from tests.people.conftest import office as office  # noqa: PLC0414 - a fixture of another room

ROOT: Final = "/api/v1/security"
LISTS: Final = ("users", "user_groups", "permissions", "login_activity", "authorizations_activity")


async def data(office: Office, path: str, **query: str) -> Any:
    """What an administrator is answered, without its envelope."""
    answer = await office.client.get(f"{ROOT}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["data"]
    return answer.json()["data"]


async def test_people_are_told_field_for_field(office: Office) -> None:
    async with office.ground.database.transaction() as db:
        bob = await access.create_admin(db, "bob@example.com", "correct-horse-1", "Bob", "Builder")
    await access.sign_in(office.ground, "bob@example.com", Secret("correct-horse-1"), Visitor("192.0.2.7", "tests"))
    found = await data(office, "users")
    schemas.check(found, schemas.each(schemas.USER))
    assert [(one["email"], one["first_name"], one["last_sign_in_at"] is None) for one in found] == [
        ("ada@example.com", None, True),
        ("bob@example.com", "Bob", False),
    ]
    assert await data(office, f"users/{bob.id}") == found[1]


async def test_groups_are_told_field_for_field(office: Office) -> None:
    async with office.ground.database.transaction() as db:
        team = await access.create_group(db, office.admin, GroupFields("Team"))
        await access.add_member(db, office.admin, team.id, office.admin.user_id)
    found = await data(office, "user_groups")
    schemas.check(found, schemas.each(schemas.USER_GROUP))
    assert [(one["name"], one["default"]) for one in found] == [("Admin", True), ("Default", True), ("Team", False)]
    assert await data(office, f"user_groups/{team.id}") == found[2]
    assert await data(office, f"users/{office.admin.user_id}/groups") == found


async def test_permissions_are_told_with_every_group_that_has_them(office: Office) -> None:
    world = office.world
    async with office.ground.database.transaction() as db:
        one = await group_with(db, "One", {world.workspaces[0]: Level.READ, world.chains[0]: Level.EXECUTE})
        two = await group_with(db, "Two", {world.chains[0]: Level.EXECUTE, world.environments[1]: Level.ADMIN})
        await group_with(db, "None", {})
    found = await data(office, "permissions")
    schemas.check(found, schemas.each(schemas.PERMISSION))
    told = {(p["object_type"], p["object_name"], p["name"]): [g["name"] for g in p["user_groups"]] for p in found}
    assert told == {
        ("Workspace", "Finance", "read"): ["One"],
        ("Chain", "Close", "execute"): ["One", "Two"],
        ("Environment", "PROD", "admin"): ["Two"],
    }
    assert {p["object_id"] for p in found if p["object_type"] == "Chain"} == {str(world.chains[0].chain_id)}
    of_one = await data(office, f"user_groups/{one}/permissions")
    assert of_one == [p for p in found if "One" in [g["name"] for g in p["user_groups"]]]
    async with office.ground.database.transaction() as db:
        await access.set_permissions(db, None, one, {})
        await access.set_permissions(db, None, two, {})
    assert await data(office, "permissions") == []


async def test_sign_ins_are_told_field_for_field_newest_first(office: Office) -> None:
    async with office.ground.database.transaction() as db:
        for identity, success in (("ada@example.com", True), ("eve@example.com", False)):
            await activity.record_login(
                db,
                identity=identity,
                context="sessions#create",
                success=success,
                failure_reason=None if success else "not_found",
                user_id=office.admin.user_id if success else None,
                ip="192.0.2.7",
                agent="tests",
            )
    found = await data(office, "login_activity")
    schemas.check(found, schemas.each(schemas.LOGIN_ACTIVITY))
    assert [(one["identity"], one["failure_reason"], one["user_id"]) for one in found] == [
        ("eve@example.com", "not_found", ""),
        ("ada@example.com", "", str(office.admin.user_id)),
    ]


async def test_changes_of_rights_are_told_field_for_field_and_others_are_not(office: Office) -> None:
    async with office.ground.database.transaction() as db:
        bob = await person(db, "bob@example.com")
        team = await group_with(db, "Team", {office.world.chains[0]: Level.READ}, bob)
        await access.remove_member(db, office.admin, team, bob.id)
    found = await data(office, "authorizations_activity")
    schemas.check(found, schemas.each(schemas.ACTIVITY))
    newest = found[0]
    assert (newest["key"], newest["trackable_type"], newest["owner_type"], newest["owner_id"]) == (
        "user_group_user.destroy",
        "UserGroupUser",
        "User",
        str(office.admin.user_id),
    )
    assert (newest["recipient_type"], newest["recipient_id"]) == ("UserGroup", str(team))
    assert newest["parameters"] == {"id": newest["trackable_id"], "user_id": str(bob.id)}
    keys = [one["key"] for one in found]
    assert keys[1:3] == ["user_group_permission.create", "user_group_user.create"]
    assert not [key for key in keys if key.startswith(("workspace", "environment", "chain"))]


async def test_pages_are_counted_from_zero(office: Office) -> None:
    async with office.ground.database.transaction() as db:
        for number in range(4):
            await person(db, f"p{number}@example.com")
    everybody = await data(office, "users")
    assert len(everybody) == 5
    assert await data(office, "users", page="0", pageSize="2") == everybody[:2]
    assert await data(office, "users", page="1", pageSize="2") == everybody[2:4]
    assert await data(office, "users", page="2", pageSize="2") == everybody[4:]
    assert await data(office, "users", page="3", pageSize="2") == []
    assert await data(office, "users", page="", pageSize="") == everybody
    assert len(await data(office, "authorizations_activity", pageSize="3")) == 3


@pytest.mark.parametrize(
    "query", ["page=-1", "page=x", "pageSize=0", "pageSize=101", "pageSize=1.5", "page=99999999999"]
)
async def test_pages_that_cannot_be_are_refused_with_their_limits(office: Office, query: str) -> None:
    for path in LISTS:
        answer = await office.client.get(f"{ROOT}/{path}?{query}")
        assert answer.status_code == 422
        schemas.check(answer.json(), schemas.ERROR)
        assert "whole number from" in answer.json()["error_description"]


async def test_what_is_not_there_is_not_found(office: Office) -> None:
    for wrong in ("999", "abc", "01", "9" * 30):
        for path, code in (
            (f"users/{wrong}", "user.not_found"),
            (f"users/{wrong}/groups", "user.not_found"),
            (f"user_groups/{wrong}", "user_group.not_found"),
            (f"user_groups/{wrong}/permissions", "user_group.not_found"),
        ):
            answer = await office.client.get(f"{ROOT}/{path}")
            assert (answer.status_code, answer.json()["error"]) == (404, code)
            schemas.check(answer.json(), schemas.ERROR)


async def test_without_a_token_nothing_is_told(office: Office) -> None:
    for path in (*LISTS, "users/1", "users/1/groups", "user_groups/1", "user_groups/1/permissions"):
        answer: httpx2.Response = await office.client.get(f"{ROOT}/{path}", headers={"Authorization": ""})
        assert answer.status_code == 401
