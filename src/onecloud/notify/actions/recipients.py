"""Who may be told: active users who may see what the letter is about."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import actions as access
from onecloud.access.permissions import Verdict, decide
from onecloud.kernel.errors import NotFound
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.notify.rules import delivery as rules
from onecloud.workspaces.permits import place_of


async def refusal(
    db: AsyncSession, email: str, environment_id: int | None = None, chain_id: int | None = None
) -> str | None:
    """Why nothing about the chain (or the environment, or nothing in particular) is mailed to this address now.

    None when it is an active user's who may see it. Source: product facts 5.7.
    """
    person, why = await _person(db, email)
    if person is None or environment_id is None:
        return why
    if await may_see(db, person, environment_id, chain_id):
        return None
    return rules.hidden(email, is_chain=chain_id is not None)


async def may_see(db: AsyncSession, person: Principal, environment_id: int, chain_id: int | None) -> bool:
    """Whether a person may read the chain, or the environment; nobody may once the environment is gone."""
    try:
        place = await place_of(db, environment_id, chain_id)
    except NotFound:
        return False
    return decide(person.grants, person.is_admin, Level.READ, place) is Verdict.ALLOWED


async def reader(db: AsyncSession, email: str) -> Principal | None:
    """The active user of that email, with their rights."""
    return (await _person(db, email))[0]


async def _person(db: AsyncSession, email: str) -> tuple[Principal | None, str | None]:
    try:
        user = await access.user_by_email(db, email)
    except NotFound:
        return None, rules.outsider(email, known=False, active=False)
    return await access.principal_of(db, user.id, "system"), rules.outsider(email, known=True, active=not user.disabled)
