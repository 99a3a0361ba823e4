"""Whose access token this is: one indexed SELECT, and nothing written.

Of somebody who is no administrator a second one brings what their groups give them.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.store import grants_of
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Unauthenticated
from onecloud.kernel.permission import NO_GRANTS
from onecloud.kernel.principal import Principal
from onecloud.tokens import rules, store
from onecloud.tokens.format import TokenKind, kind_of
from onecloud.tokens.model import SCOPES, Authenticated

ACCESS_PURPOSE: Final = "access-token"


async def authenticate(db: AsyncSession, keys: Keyring, text: str) -> Authenticated:
    """The owner of a live access token.

    A word that is no token, or has a wrong checksum, is refused without asking the database.
    Raises: Unauthenticated with the code `token.invalid`, `token.expired` or `token.revoked`.
    """
    kind = kind_of(text)
    if kind is TokenKind.REFRESH:
        raise Unauthenticated("token.invalid", "This is a refresh token; send the access token.")
    found = await store.access_token(db, keys.digests(text, ACCESS_PURPOSE)) if kind else None
    if found is None:
        raise Unauthenticated("token.invalid", "This access token is not known; check that it was copied whole.")
    token, now = found
    problem = rules.access_problem(token, now)
    if problem is not None:
        raise problem
    grant = token.grant
    owner = grant.owner
    return Authenticated(
        principal=Principal(
            user_id=owner.user_id,
            email=owner.email,
            name=owner.name,
            is_admin=owner.is_admin,
            via="token",
            credential_id=token.id,
            scopes=SCOPES,
            grants=NO_GRANTS if owner.is_admin else await grants_of(db, owner.user_id),
            may_use_api=owner.may_use_api,
        ),
        token_id=token.id,
        family_id=grant.family_id,
        client_id=grant.client_id,
        at=now,
        expires_at=token.expires_at,
    )
