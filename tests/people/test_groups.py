"""Groups, members and permissions over API v2."""

from __future__ import annotations

from typing import Any

import pytest

from onecloud.access import actions as access
from onecloud.kernel.permission import Place
from tests.access.world import person
from tests.people.conftest import Office


async def group(office: Office, name: str = "Team", **more: Any) -> str:
    """A new group's id."""
    made = await office.call("POST", "/api/v2/groups", {"name": name, **more})
    assert made.status_code == 201, made.text
    return made.json()["id"]


def item(place: Place, level: str) -> dict[str, str]:
    """A permission as it is asked for."""
    return {"object_type": place.kind, "object_id": str(place.object_id), "level": level}


async def test_a_group_is_made_changed_listed_and_deleted(office: Office) -> None:
    group_id = await group(office, description="They close the books.")
    page = (await office.call("GET", "/api/v2/groups")).json()
    assert [(one["name"], one["built_in"], one["everyone"], one["members_count"]) for one in page["items"]] == [
        ("Admin", True, False, 1),
        ("Default", True, True, 1),
        ("Team", False, False, 0),
    ]
    first = (await office.call("GET", "/api/v2/groups?limit=2")).json()
    rest = (await office.call("GET", f"/api/v2/groups?cursor={first['next_cursor']}")).json()
    assert [one["id"] for one in rest["items"]] == [group_id]
    changed = await office.call("PATCH", f"/api/v2/groups/{group_id}", {"api_access": True})
    assert changed.json() | {"created_at": ""} == {
        "id": group_id,
        "name": "Team",
        "description": "They close the books.",
        "built_in": False,
        "is_admin": False,
        "everyone": False,
        "api_access": True,
        "members_count": 0,
        "created_at": "",
    }
    assert (await office.call("GET", f"/api/v2/groups/{group_id}")).json() == changed.json()
    assert (await office.call("DELETE", f"/api/v2/groups/{group_id}")).status_code == 204
    assert (await office.call("GET", f"/api/v2/groups/{group_id}")).status_code == 404


async def test_members_come_and_go_however_often_it_is_said(office: Office) -> None:
    group_id = await group(office)
    async with office.ground.database.transaction() as db:
        bob = await person(db, "bob@example.com")
    path = f"/api/v2/groups/{group_id}/members"
    for _ in range(2):
        assert (await office.call("PUT", f"{path}/{bob.id}")).status_code == 204
    members = (await office.call("GET", path)).json()["items"]
    assert [(one["email"], one["is_admin"], one["invited"]) for one in members] == [("bob@example.com", False, False)]
    groups = (await office.call("GET", f"/api/v2/users/{bob.id}/groups")).json()["items"]
    assert [one["name"] for one in groups] == ["Default", "Team"]
    for _ in range(2):
        assert (await office.call("DELETE", f"{path}/{bob.id}")).status_code == 204
    assert (await office.call("GET", path)).json() == {"items": [], "next_cursor": None}


async def test_the_last_administrator_stays_in_the_group_admin(office: Office) -> None:
    admins = (await office.call("GET", "/api/v2/groups")).json()["items"][0]["id"]
    answer = await office.call("DELETE", f"/api/v2/groups/{admins}/members/{office.admin.user_id}")
    assert (answer.status_code, answer.json()["code"]) == (409, "user.last_administrator")


async def test_permissions_are_read_and_replaced_as_they_were_seen(office: Office) -> None:
    group_id, world = await group(office), office.world
    path = f"/api/v2/groups/{group_id}/permissions"
    empty = await office.call("GET", path)
    assert empty.json() == {"permissions": []}
    wanted = [item(world.chains[0], "execute"), item(world.workspaces[0], "read"), item(world.environments[1], "admin")]
    put = await office.call("PUT", path, {"permissions": wanted}, **{"If-Match": empty.headers["etag"]})
    assert put.status_code == 200, put.text
    told = put.json()["permissions"]
    assert [(one["object_type"], one["object_name"], one["level"]) for one in told] == [
        ("workspace", "Finance", "read"),
        ("chain", "Close", "execute"),
        ("environment", "PROD", "admin"),
    ]
    assert (told[1]["workspace_id"], told[1]["environment_id"], told[0]["environment_id"]) == (
        str(world.chains[0].workspace_id),
        str(world.chains[0].environment_id),
        None,
    )
    again = await office.call("GET", path)
    assert (again.json(), again.headers["etag"]) == (put.json(), put.headers["etag"])
    late = await office.call("PUT", path, {"permissions": []}, **{"If-Match": empty.headers["etag"]})
    assert (late.status_code, late.json()["code"]) == (412, "user_group.permissions_changed")
    blind = await office.call("PUT", path, {"permissions": []})
    assert (blind.status_code, blind.json()["code"]) == (428, "if_match.missing")
    assert (await office.call("PUT", path, {"permissions": []}, **{"If-Match": "*"})).json() == {"permissions": []}


async def test_what_is_not_there_or_named_twice_is_told_one_by_one(office: Office) -> None:
    path = f"/api/v2/groups/{await group(office)}/permissions"
    place = office.world.chains[0]
    for asked, where in (
        ([item(place, "read"), item(Place(999), "read"), item(Place(1, 2, 999), "read")], [1, 2]),
        ([item(Place(1, 999), "read"), {**item(place, "read"), "object_id": "x"}], [1]),
        ([item(place, "read"), item(place, "admin")], [1]),
    ):
        answer = await office.call("PUT", path, {"permissions": asked}, **{"If-Match": "*"})
        assert answer.status_code == 422
        assert [problem["where"] for problem in answer.json()["problems"]] == [f"permissions[{n}]" for n in where]
    for wrong in ({**item(place, "read"), "level": "see"}, {**item(place, "read"), "object_type": "run"}):
        answer = await office.call("PUT", path, {"permissions": [wrong]}, **{"If-Match": "*"})
        assert answer.status_code == 422
    assert (await office.call("GET", path)).json() == {"permissions": []}


@pytest.mark.parametrize("group_id", ["999", "abc", "-1", "9" * 30])
async def test_a_group_that_is_not_there_is_not_found(office: Office, group_id: str) -> None:
    calls: list[tuple[str, str, Any]] = [
        ("GET", "", None),
        ("PATCH", "", {}),
        ("DELETE", "", None),
        ("GET", "/members", None),
        ("PUT", "/members/1", None),
        ("GET", "/permissions", None),
        ("PUT", "/permissions", {"permissions": []}),
    ]
    for method, path, body in calls:
        answer = await office.call(method, f"/api/v2/groups/{group_id}{path}", body, **{"If-Match": "*"})
        assert (answer.status_code, answer.json()["code"]) == (404, "user_group.not_found"), (method, path)


async def test_faulty_groups_are_refused(office: Office) -> None:
    assert (await office.call("POST", "/api/v2/groups", {"name": " "})).json()["code"] == "user_group.invalid"
    assert (await office.call("POST", "/api/v2/groups", {"name": "Admin"})).json()["code"] == "user_group.name_taken"
    default = (await office.call("GET", "/api/v2/groups")).json()["items"][1]["id"]
    assert (await office.call("DELETE", f"/api/v2/groups/{default}")).json()["code"] == "user_group.built_in"
    answer = await office.call("PUT", f"/api/v2/groups/{default}/members/{office.admin.user_id}")
    assert answer.json()["code"] == "user_group.everyone"


async def test_a_change_holds_for_the_very_next_request(office: Office) -> None:
    place = office.world.chains[0]
    group_id = await group(office, api_access=True)
    async with office.ground.database.transaction() as db:
        bob = await person(db, "bob@example.com")
        await access.add_member(db, None, int(group_id), bob.id)
    path, grants = f"/api/v2/groups/{group_id}/permissions", {"permissions": [item(place, "read")]}
    async with office.ground.database.reading() as db:
        assert (await access.principal_of(db, bob.id, "session")) is not None
    await office.call("PUT", path, grants, **{"If-Match": "*"})
    async with office.ground.database.reading() as db:
        caller = await access.principal_of(db, bob.id, "session")
    assert caller is not None
    assert list(caller.grants) == [place]
