"""Groups and who is in them, for administrators. What groups may do is in `people/`."""

from __future__ import annotations

from fastapi import APIRouter

from onecloud.access import actions, rules
from onecloud.access.guard import Admin
from onecloud.access.model import GroupFields
from onecloud.access.shapes import GroupChange, GroupIn, GroupOut, GroupPage, PersonPage, group_out, person_out
from onecloud.infra.http import Reading, Session

router = APIRouter(tags=["access"])


@router.get("/api/v2/groups")
async def list_groups(caller: Admin, db: Reading, cursor: str | None = None, limit: int = 50) -> GroupPage:
    """Groups in the order of their creation; Admin and Default are the first."""
    found, next_cursor = await actions.list_groups(db, cursor, limit)
    return GroupPage(items=[group_out(group) for group in found], next_cursor=next_cursor)


@router.post("/api/v2/groups", status_code=201)
async def create_group(body: GroupIn, caller: Admin, db: Session) -> GroupOut:
    """Make a group without members and permissions."""
    return group_out(await actions.create_group(db, caller, GroupFields(body.name, body.description, body.api_access)))


@router.get("/api/v2/groups/{group_id}")
async def get_group(group_id: str, caller: Admin, db: Reading) -> GroupOut:
    """One group."""
    return group_out(await actions.get_group(db, rules.group_number(group_id)))


@router.patch("/api/v2/groups/{group_id}")
async def change_group(group_id: str, body: GroupChange, caller: Admin, db: Session) -> GroupOut:
    """Change the name, the description or whether members may use the API.

    When API access is taken, the tokens and sessions end of members who have it from nowhere else.
    """
    number = rules.group_number(group_id)
    before = (await actions.get_group(db, number, lock=True)).fields
    fields = GroupFields(
        before.name if body.name is None else body.name,
        before.description if body.description is None else body.description,
        before.api_access if body.api_access is None else body.api_access,
    )
    return group_out(await actions.change_group(db, caller, number, fields))


@router.delete("/api/v2/groups/{group_id}", status_code=204)
async def delete_group(group_id: str, caller: Admin, db: Session) -> None:
    """Delete a group with its memberships and permissions; the people stay."""
    await actions.delete_group(db, caller, rules.group_number(group_id))


@router.get("/api/v2/groups/{group_id}/members")
async def list_group_members(
    group_id: str, caller: Admin, db: Reading, cursor: str | None = None, limit: int = 50
) -> PersonPage:
    """Who is in the group, in the order of their creation."""
    found, next_cursor = await actions.list_members(db, rules.group_number(group_id), cursor, limit)
    return PersonPage(items=[person_out(user) for user in found], next_cursor=next_cursor)


@router.put("/api/v2/groups/{group_id}/members/{user_id}", status_code=204)
async def add_group_member(group_id: str, user_id: str, caller: Admin, db: Session) -> None:
    """Put a person into the group; nothing happens when they are in it."""
    await actions.add_member(db, caller, rules.group_number(group_id), rules.user_number(user_id))


@router.delete("/api/v2/groups/{group_id}/members/{user_id}", status_code=204)
async def remove_group_member(group_id: str, user_id: str, caller: Admin, db: Session) -> None:
    """Take a person out of the group; nothing happens when they are not in it."""
    await actions.remove_member(db, caller, rules.group_number(group_id), rules.user_number(user_id))


@router.get("/api/v2/users/{user_id}/groups")
async def list_groups_of_user(
    user_id: str, caller: Admin, db: Reading, cursor: str | None = None, limit: int = 50
) -> GroupPage:
    """The groups that a person is in."""
    found, next_cursor = await actions.list_groups_of(db, rules.user_number(user_id), cursor, limit)
    return GroupPage(items=[group_out(group) for group in found], next_cursor=next_cursor)
