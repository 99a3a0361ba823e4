"""Finds the users whom a chain names."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import actions as access
from onecloud.access.model import User
from onecloud.access.rules import full_name
from onecloud.approvals.model import RUNTIME_USER, Person
from onecloud.approvals.rules import is_runtime_user
from onecloud.kernel.errors import NotFound, Problem


def person_of(user: User) -> Person:
    """A user as somebody who is asked."""
    return Person(user.id, user.email, full_name(user.first_name, user.last_name, user.email))


async def named(
    db: AsyncSession, names: Sequence[str], started_by: int | None, where: str
) -> tuple[tuple[Person, ...], list[Problem]]:
    """The users of these emails, each once, and what is wrong with the others."""
    found: dict[int, Person] = {}
    problems: list[Problem] = []
    for name in names:
        user = await _user(db, name, started_by)
        if isinstance(user, Problem):
            problems.append(Problem(where, user.message, user.mend))
        else:
            found.setdefault(user.id, person_of(user))
    return tuple(found.values()), problems


async def _user(db: AsyncSession, name: str, started_by: int | None) -> User | Problem:
    try:
        if not is_runtime_user(name):
            user = await access.user_by_email(db, name)
        elif started_by is not None:
            user = await access.get_user(db, started_by)
        else:
            return Problem("", f"{RUNTIME_USER} is named, and nobody started this run.", "Name a user by email.")
    except NotFound:
        return Problem("", f"{name} is not the email of a user of this server.", "Add the person as a user first.")
    if user.disabled:
        return Problem("", f"The user {user.email} is disabled.", "Enable the user, or name somebody else.")
    return user
