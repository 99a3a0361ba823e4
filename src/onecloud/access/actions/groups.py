"""Groups: make, change, delete, list. Who is in them is in `memberships`, what they may do in `grants`."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import rules
from onecloud.access.actions.memberships import end_lost_api_access, get_group, known
from onecloud.access.model import Group, GroupFields, User
from onecloud.access.store import groups as store
from onecloud.access.store import persons
from onecloud.activity import actions as activity
from onecloud.activity.rules import cursor_id, page_of, page_size
from onecloud.kernel.errors import Conflict, NotFound
from onecloud.kernel.jsonvalue import JsonObject
from onecloud.kernel.principal import Principal


async def list_groups(db: AsyncSession, cursor: str | None, limit: int) -> tuple[list[Group], str | None]:
    """A page of groups in the order of their creation, and the cursor of the next page.

    Raises: Malformed for a cursor or a limit that cannot be.
    """
    size = page_size(limit)
    found = await store.groups_after(db, cursor_id(cursor), size + 1)
    return page_of(found, size)


async def list_groups_of(
    db: AsyncSession, user_id: int, cursor: str | None, limit: int
) -> tuple[list[Group], str | None]:
    """A page of the groups that a person is in, and the cursor of the next page.

    Raises: NotFound; Malformed for a cursor or a limit that cannot be.
    """
    size, after = page_size(limit), cursor_id(cursor)
    await known(db, user_id)
    found = await store.groups_after(db, after, size + 1, user_id=user_id)
    return page_of(found, size)


async def page_of_groups(db: AsyncSession, *, user_id: int | None, offset: int, limit: int) -> list[Group]:
    """Groups in the order of their creation, so many left out at the start; all, or those that a person is in.

    Raises: NotFound without such a person.
    """
    if user_id is not None:
        await known(db, user_id)
    return await store.page_of_groups(db, user_id=user_id, offset=offset, limit=limit)


async def groups_by_id(db: AsyncSession, group_ids: set[int]) -> dict[int, Group]:
    """These groups, of those that there are."""
    return await store.groups_by_id(db, group_ids)


async def find_group(db: AsyncSession, name: str) -> Group:
    """The group of that name.

    Raises: NotFound.
    """
    found = await store.group_named(db, name)
    if found is None:
        raise NotFound(
            "user_group.not_found", f"There is no user group named `{name}`. `onecloud admin group list` lists them."
        )
    return found


async def list_members(
    db: AsyncSession, group_id: int, cursor: str | None, limit: int
) -> tuple[list[User], str | None]:
    """A page of the group's members, and the cursor of the next page.

    Raises: NotFound; Malformed for a cursor or a limit that cannot be.
    """
    size, after = page_size(limit), cursor_id(cursor)
    await get_group(db, group_id)
    found = await store.members_after(db, group_id, after, size + 1)
    return page_of(found, size)


async def create_group(db: AsyncSession, owner: Principal | None, fields: GroupFields) -> Group:
    """Make a group without members and permissions.

    Raises: Invalid with every problem; Conflict when the name is taken.
    """
    rules.check_group(fields)
    group_id = await store.add_group(db, fields)
    if group_id is None:
        raise _taken(fields.name)
    await _tell(db, "user_group.create", owner, group_id, {"name": fields.name, "api_access": fields.api_access})
    return await get_group(db, group_id)


async def change_group(db: AsyncSession, owner: Principal | None, group_id: int, fields: GroupFields) -> Group:
    """Overwrite the group's fields; equal fields change and record nothing.

    When API access is taken, what members hold who have it from nowhere else is dead for good.

    Raises: NotFound; Invalid with every problem; Conflict when the name is taken, or is that of a built-in group.
    """
    group = await get_group(db, group_id, lock=True)
    if fields == group.fields:
        return group
    rules.check_group(fields)
    if group.is_default and fields.name != group.name:
        raise Conflict("user_group.built_in", f"The group {group.name} is part of OneCloud and keeps its name.")
    if group.is_admin and not fields.api_access:
        raise Conflict("user_group.built_in", "Administrators always have API access.")
    try:
        await store.change_group(db, group_id, fields)
    except IntegrityError as error:
        raise _taken(fields.name) from error
    if group.api_access and not fields.api_access:
        await _members_lost_api_access(db, await store.member_ids(db, group_id))
    await _tell(db, "user_group.update", owner, group_id, {"name": fields.name, "api_access": fields.api_access})
    return await get_group(db, group_id)


async def delete_group(db: AsyncSession, owner: Principal | None, group_id: int) -> None:
    """Delete the group with its memberships and permissions; the people stay.

    Raises: NotFound; Conflict for a built-in group.
    """
    group = await get_group(db, group_id, lock=True)
    if group.is_default:
        raise Conflict("user_group.built_in", f"The group {group.name} is part of OneCloud and cannot be deleted.")
    members = await store.member_ids(db, group_id)
    await store.delete_group(db, group_id)
    if group.api_access:
        await _members_lost_api_access(db, members)
    parameters: JsonObject = {"name": group.name, "user_ids": [str(user_id) for user_id in members]}
    await _tell(db, "user_group.destroy", owner, group_id, parameters)


async def _members_lost_api_access(db: AsyncSession, members: list[int]) -> None:
    await persons.lock_users(db, members)
    await end_lost_api_access(db, members)


async def _tell(db: AsyncSession, key: str, owner: Principal | None, group_id: int, parameters: JsonObject) -> None:
    await activity.record(
        db, key=key, owner=owner, trackable_type="UserGroup", trackable_id=str(group_id), parameters=parameters
    )


def _taken(name: str) -> Conflict:
    return Conflict("user_group.name_taken", f"The group name `{name}` is taken; choose another.")
