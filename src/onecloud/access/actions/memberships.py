"""Who is in which group. The groups decide what people may do, so a change here can end sessions and tokens.

Who loses the administrator right or API access starts a new access epoch: everything opened before is dead for good,
also when the right is given back.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import rules
from onecloud.access.model import Group, Membership, User
from onecloud.access.store import groups as store
from onecloud.access.store import links, persons, sessions
from onecloud.activity import actions as activity
from onecloud.kernel.errors import Conflict, NotFound
from onecloud.kernel.principal import Principal


async def get_group(db: AsyncSession, group_id: int, *, lock: bool = False) -> Group:
    """One group; with `lock` nobody else changes it until the transaction ends.

    Raises: NotFound.
    """
    found = await store.group(db, group_id, lock=lock)
    if found is None:
        raise NotFound("user_group.not_found", f"There is no user group {group_id}.")
    return found


async def add_member(db: AsyncSession, owner: Principal | None, group_id: int, user_id: int) -> None:
    """Put a person into a group; nothing happens when they are in it.

    Raises: NotFound; Conflict for the group that everybody is in.
    """
    await store.lock_groups(db)
    group = await get_group(db, group_id, lock=True)
    _refuse_everyone(group)
    await known(db, user_id)
    await join(db, owner, group_id, user_id)


async def remove_member(db: AsyncSession, owner: Principal | None, group_id: int, user_id: int) -> None:
    """Take a person out of a group; nothing happens when they are not in it.

    Raises: NotFound; Conflict for the group that everybody is in, and for the last administrator.
    """
    await store.lock_groups(db)
    group = await get_group(db, group_id, lock=True)
    _refuse_everyone(group)
    await leave(db, owner, group, await known(db, user_id))


async def leave(db: AsyncSession, owner: Principal | None, group: Group, user: User) -> None:
    """Take a person out; the Admin group is locked by the caller (`lock_groups`).

    Raises: Conflict for the last administrator.
    """
    if group.is_admin and user.is_admin and not user.disabled:
        rules.keep_an_administrator(await persons.count_administrators(db, besides=user.id))
    await persons.lock_users(db, [user.id])
    membership = await store.remove_member(db, group.id, user.id)
    if membership is None:
        return
    await tell(db, "user_group_user.destroy", owner, membership)
    if group.is_admin:
        await end_access(db, [user.id])
    elif group.api_access:
        await end_lost_api_access(db, [user.id])


async def join(db: AsyncSession, owner: Principal | None, group_id: int, user_id: int) -> None:
    """Put a person in; nothing happens when they are in it."""
    membership = await store.add_member(db, group_id, user_id)
    if membership is not None:
        await tell(db, "user_group_user.create", owner, membership)


async def known(db: AsyncSession, user_id: int) -> User:
    """One person.

    Raises: NotFound.
    """
    user = await persons.user_by_id(db, user_id)
    if user is None:
        raise NotFound("user.not_found", f"There is no user {user_id}.")
    return user


async def end_lost_api_access(db: AsyncSession, user_ids: Collection[int]) -> None:
    """Kill what those of these people hold who may no longer use the API; their rows are locked by the caller."""
    await end_access(db, await persons.without_api(db, user_ids))


async def end_access(db: AsyncSession, user_ids: Collection[int]) -> None:
    """Make every session and token of these people dead for good, and their open reset links too."""
    if not user_ids:
        return
    await persons.start_epoch(db, user_ids)
    # The new epoch has killed them already; this keeps the tables clean.
    await sessions.end_sessions_of(db, *user_ids)
    for user_id in user_ids:
        await links.delete_links(db, "reset", user_id)


async def tell(db: AsyncSession, key: str, owner: Principal | None, membership: Membership) -> None:
    """Record a change as the product does: the membership is tracked, the group receives (product facts 8.6)."""
    await activity.record(
        db,
        key=key,
        owner=owner,
        trackable_type="UserGroupUser",
        trackable_id=str(membership.id),
        recipient_type="UserGroup",
        recipient_id=str(membership.group_id),
        parameters={"user_id": str(membership.user_id)},
    )


def _refuse_everyone(group: Group) -> None:
    if group.is_everyone:
        raise Conflict("user_group.everyone", f"Everybody is in the group {group.name}, always; choose another group.")
