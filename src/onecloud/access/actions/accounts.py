"""People: create, find, disable, give and take the administrator right (which is membership of the group Admin)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import passwords, rules
from onecloud.access.actions.memberships import end_access, get_group, join, known, leave
from onecloud.access.model import Profile, User
from onecloud.access.store import groups, links, permissions
from onecloud.access.store import persons as store
from onecloud.activity import actions as activity
from onecloud.activity.rules import cursor_id, page_of, page_size
from onecloud.kernel.errors import Conflict, NotFound
from onecloud.kernel.permission import NO_GRANTS
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
    admins, _ = await groups.lock_groups(db)
    user_id = await add_person(db, profile, password_hash, owner)
    await join(db, owner, admins, user_id)
    # The setup link is for the first administrator only.
    await links.delete_links(db, "setup")
    return await get_user(db, user_id)


async def add_person(db: AsyncSession, profile: Profile, password_hash: str | None, owner: Principal | None) -> int:
    """Save a checked profile as somebody without any rights, in the group that everybody is in; their id.

    Raises: Conflict when the email is taken.
    """
    _, everyone = await groups.lock_groups(db)
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
    await join(db, owner, everyone, user_id)
    return user_id


async def get_user(db: AsyncSession, user_id: int) -> User:
    """One person.

    Raises: NotFound.
    """
    return await known(db, user_id)


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
    return page_of(found, size)


async def page_of_users(db: AsyncSession, offset: int, limit: int) -> list[User]:
    """People in the order of their creation, so many left out at the start."""
    return await store.page_of_users(db, offset, limit)


async def principal_of(db: AsyncSession, user_id: int, via: Via) -> Principal | None:
    """A person as the one who acts; None when there is no such person or they are disabled."""
    user = await store.user_by_id(db, user_id)
    if user is None or user.disabled:
        return None
    return rules.principal(user, via, NO_GRANTS if user.is_admin else await permissions.grants_of(db, user_id))


async def set_disabled(db: AsyncSession, owner: Principal | None, user_id: int, *, disabled: bool) -> User:
    """Disable a person (every session and token is dead for good, open links too) or enable them again.

    Raises: NotFound; Conflict for the last administrator.
    """
    await groups.lock_groups(db)
    user = await get_user(db, user_id)
    if user.disabled == disabled:
        return user
    if disabled and user.is_admin:
        rules.keep_an_administrator(await store.count_administrators(db, besides=user_id))
    await store.set_disabled(db, user_id, disabled=disabled)
    if disabled:
        await end_access(db, [user_id])
        await links.delete_links(db, "invitation", user_id)
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
    admins, _ = await groups.lock_groups(db)
    user = await get_user(db, user_id)
    if user.is_admin == is_admin:
        return user
    if is_admin:
        await join(db, owner, admins, user_id)
    else:
        for group_id in await groups.admin_groups_of(db, user_id):
            await leave(db, owner, await get_group(db, group_id), user)
    return await get_user(db, user_id)
