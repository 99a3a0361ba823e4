"""People: create, find, disable, give and take the administrator right."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import passwords, rules
from onecloud.access.model import Profile, User
from onecloud.access.store import links, sessions
from onecloud.access.store import persons as store
from onecloud.activity import actions as activity
from onecloud.activity.rules import cursor_id, page_size
from onecloud.kernel.errors import Conflict, NotFound
from onecloud.kernel.principal import Principal, Via
from onecloud.kernel.secret import Secret


async def create_admin(
    db: AsyncSession,
    email: str,
    password: str,
    first_name: str = "",
    last_name: str = "",
    owner: Principal | None = None,
) -> User:
    """Create a person with the administrator right.

    Raises: Invalid naming every rule of email, names and password that is broken; Conflict when the email is taken.
    """
    profile = checked(Profile(email, Secret(password), first_name, last_name))
    hashed = await passwords.hash_password(rules.normal_password(profile.password))
    return await add_admin(db, profile, hashed, owner)


def checked(profile: Profile, where: str = "") -> Profile:
    """The profile in its normal spelling.

    Raises: Invalid naming every rule that is broken; `where` is put before the fields' names.
    """
    email, first, last = rules.normal_email(profile.email), profile.first_name.strip(), profile.last_name.strip()
    problems = rules.profile_problems(email, first, last, where)
    rules.refuse_problems(problems + rules.password_problems(profile.password, f"{where}password"))
    return Profile(email, profile.password, first, last)


async def add_admin(db: AsyncSession, profile: Profile, password_hash: str, owner: Principal | None) -> User:
    """Save a checked profile as an administrator; see `create_admin`."""
    admins, everyone = await store.lock_groups(db)
    user_id = await store.add_user(db, profile.email, password_hash, profile.first_name, profile.last_name)
    if user_id is None:
        raise Conflict(
            "user.email_taken", f"There is a user {profile.email} already; choose another email or reset the password."
        )
    await activity.record(
        db,
        key="user.create",
        owner=owner,
        trackable_type="User",
        trackable_id=str(user_id),
        parameters={"email": profile.email},
    )
    for group_id in (everyone, admins):
        await _join(db, group_id, user_id, owner)
    # The setup link is for the first administrator only.
    await links.delete_links(db, "setup")
    return await get_user(db, user_id)


async def get_user(db: AsyncSession, user_id: int) -> User:
    """One person.

    Raises: NotFound.
    """
    user = await store.user_by_id(db, user_id)
    if user is None:
        raise NotFound("user.not_found", f"There is no user {user_id}.")
    return user


async def user_by_email(db: AsyncSession, email: str) -> User:
    """One person by email, in any spelling of upper and lower case.

    Raises: NotFound.
    """
    user = await store.user_by_email(db, rules.normal_email(email))
    if user is None:
        raise NotFound("user.not_found", f"There is no user {email}. `onecloud admin users` lists them.")
    return user


async def list_users(db: AsyncSession, cursor: str | None, limit: int) -> tuple[list[User], str | None]:
    """A page of people in the order of their creation, and the cursor of the next page.

    Raises: Malformed for a cursor or a limit that cannot be.
    """
    size = page_size(limit)
    found = await store.users_after(db, cursor_id(cursor), size + 1)
    return found[:size], str(found[size - 1].id) if len(found) > size else None


async def principal_of(db: AsyncSession, user_id: int, via: Via) -> Principal | None:
    """A person as the one who acts; None when there is no such person or they are disabled."""
    user = await store.user_by_id(db, user_id)
    if user is None or user.disabled:
        return None
    return rules.principal(user, via)


async def set_disabled(db: AsyncSession, owner: Principal | None, user_id: int, *, disabled: bool) -> User:
    """Disable a person (every session and token is dead for good, open links too) or enable them again.

    Raises: NotFound; Conflict for the last administrator.
    """
    await store.lock_groups(db)
    user = await get_user(db, user_id)
    if user.disabled == disabled:
        return user
    if disabled and user.is_admin:
        rules.keep_an_administrator(await store.count_administrators(db, besides=user_id))
    await store.set_disabled(db, user_id, disabled=disabled)
    if disabled:
        await _end_access(db, user_id)
    await activity.record(
        db,
        key="user.disable" if disabled else "user.enable",
        owner=owner,
        trackable_type="User",
        trackable_id=str(user_id),
    )
    return await get_user(db, user_id)


async def set_admin(db: AsyncSession, owner: Principal | None, user_id: int, *, is_admin: bool) -> User:
    """Give the administrator right, or take it (every session and token is then dead for good).

    Raises: NotFound; Conflict for the last administrator.
    """
    admins, _ = await store.lock_groups(db)
    user = await get_user(db, user_id)
    if user.is_admin == is_admin:
        return user
    if is_admin:
        await _join(db, admins, user_id, owner)
        return await get_user(db, user_id)
    if not user.disabled:
        rules.keep_an_administrator(await store.count_administrators(db, besides=user_id))
    for membership_id, group_id in await store.remove_from_admin_groups(db, user_id):
        await _tell_membership(db, "user_group_user.destroy", owner, membership_id, group_id, user_id)
    await store.start_epoch(db, user_id)
    await _end_access(db, user_id)
    return await get_user(db, user_id)


async def _end_access(db: AsyncSession, user_id: int) -> None:
    # The new epoch has killed them already; this keeps the tables clean.
    await sessions.end_sessions_of(db, user_id)
    await links.delete_links(db, "reset", user_id)


async def _join(db: AsyncSession, group_id: int, user_id: int, owner: Principal | None) -> None:
    membership_id = await store.add_member(db, group_id, user_id)
    await _tell_membership(db, "user_group_user.create", owner, membership_id, group_id, user_id)


async def _tell_membership(
    db: AsyncSession, key: str, owner: Principal | None, membership_id: int, group_id: int, user_id: int
) -> None:
    # Shape of the product's own records: the membership is tracked, the group receives (product facts 8.6).
    await activity.record(
        db,
        key=key,
        owner=owner,
        trackable_type="UserGroupUser",
        trackable_id=str(membership_id),
        recipient_type="UserGroup",
        recipient_id=str(group_id),
        parameters={"user_id": str(user_id)},
    )
