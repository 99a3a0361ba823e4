"""What a group may do: its permissions on workspaces, environments and chains, read and replaced as a whole."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import rules
from onecloud.access.actions.memberships import get_group
from onecloud.access.model import Group
from onecloud.access.store import permissions as store
from onecloud.activity import actions as activity
from onecloud.kernel.errors import Conflict, Invalid, Stale
from onecloud.kernel.permission import Grants, Level, Place
from onecloud.kernel.principal import Principal


async def permissions_of(db: AsyncSession, group_id: int) -> Grants:
    """What the group may do, the workspaces first.

    Raises: NotFound.
    """
    await get_group(db, group_id)
    return {found.place: found.level for found in await store.permissions_of_group(db, group_id)}


async def set_permissions(
    db: AsyncSession, owner: Principal | None, group_id: int, wanted: Grants, *, edition: str | None = None
) -> Grants:
    """Make these the group's permissions; of one object there is one level. What is the same already stays.

    `edition` is the mark (`rules.edition`) of the permissions that the caller has seen; None takes them as they are.
    The caller has made sure that the places exist: `people/` does.

    Raises: NotFound; Stale when somebody changed them meanwhile; Conflict for administrators, who may do everything;
    Invalid for more permissions than a group may have.
    """
    group = await get_group(db, group_id, lock=True)
    _refuse(group, wanted)
    before = {found.place: found for found in await store.permissions_of_group(db, group_id)}
    levels = {place: found.level for place, found in before.items()}
    if edition is not None and edition != rules.edition(levels):
        raise Stale(
            "user_group.permissions_changed",
            "Somebody changed the permissions of this group meanwhile. Read them again, then make your change.",
        )
    lost, gained = rules.differences(levels, wanted)
    ended = await store.take(db, group_id, [before[place].id for place, _ in lost])
    for place, level in lost:
        await _tell(db, "user_group_permission.destroy", owner, group, ended[before[place].id], place, level)
    for place, level in gained:
        given = await store.give(db, group_id, place, level)
        await _tell(db, "user_group_permission.create", owner, group, given, place, level)
    return await permissions_of(db, group_id)


def _refuse(group: Group, wanted: Grants) -> None:
    if group.is_admin:
        raise Conflict("user_group.admin", "Administrators may do everything; this group needs no permissions.")
    if len(wanted) > rules.PERMISSIONS_MOST:
        raise Invalid(
            "user_group.permissions",
            f"A group has at most {rules.PERMISSIONS_MOST} permissions, not {len(wanted)}. Give one on the environment "
            "or the workspace, which holds for all that is in it.",
        )


async def _tell(
    db: AsyncSession, key: str, owner: Principal | None, group: Group, given: int, place: Place, level: Level
) -> None:
    await activity.record(
        db,
        key=key,
        owner=owner,
        trackable_type="UserGroupPermission",
        trackable_id=str(given),
        recipient_type="UserGroup",
        recipient_id=str(group.id),
        parameters={"object_type": place.kind.capitalize(), "object_id": str(place.object_id), "name": level.word},
    )
