"""Revoking one token by whoever's client holds it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity.actions import record
from onecloud.infra.crypto import Keyring
from onecloud.kernel.secret import Secret
from onecloud.tokens import rules, store
from onecloud.tokens.actions.pair import REFRESH_PURPOSE
from onecloud.tokens.actions.verification import ACCESS_PURPOSE
from onecloud.tokens.format import TokenKind, hint, kind_of
from onecloud.tokens.model import AccessToken, OAuthRefusal, Origin, RefreshToken, RevokedBecause
from onecloud.tokens.oauth_form import unknown_client


async def revoke_token(
    db: AsyncSession, keys: Keyring, client_id: str, token: Secret, origin: Origin
) -> OAuthRefusal | None:
    """End a token for its own client; None when it is dead now, also when it never lived.

    A refresh token, also a spent one, takes its whole family with it; an access token leaves its refresh token alive.
    Source: RFC 7009 2.
    """
    text = token.reveal()
    if not await store.client_exists(db, client_id):
        return unknown_client()
    match kind_of(text):
        case TokenKind.ACCESS:
            found = await store.access_token(db, keys.digests(text, ACCESS_PURPOSE))
        case TokenKind.REFRESH:
            found = await store.refresh_token(db, keys.digests(text, REFRESH_PURPOSE))
        case None:
            found = None
    if found is None:
        return None
    held, now = found
    if held.grant.client_id != client_id:
        return rules.invalid_grant("This token was issued to another client.")
    if isinstance(held, AccessToken):
        ended = await store.revoke_access_token(db, held.id, now)
    else:
        ended = await store.revoke_family(db, held.grant.family_id, RevokedBecause.CLIENT, now)
    if ended:
        await _tell(db, held, origin)
    return None


async def _tell(db: AsyncSession, held: AccessToken | RefreshToken, origin: Origin) -> None:
    access = isinstance(held, AccessToken)
    await record(
        db,
        key="access_token.revoke" if access else "token_family.revoke",
        owner=None,
        trackable_type="AccessToken" if access else "TokenFamily",
        trackable_id=str(held.id if access else held.grant.family_id),
        recipient_type="User",
        recipient_id=str(held.grant.owner.user_id),
        parameters={
            "client_id": held.grant.client_id,
            "token": hint(TokenKind.ACCESS if access else TokenKind.REFRESH, held.last4),
            "ip": origin.ip,
            "agent": origin.agent,
        },
    )
