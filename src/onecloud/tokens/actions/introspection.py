"""What a token is worth, told to its own owner only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.crypto import Keyring
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret
from onecloud.tokens import rules, store
from onecloud.tokens.actions.pair import REFRESH_PURPOSE
from onecloud.tokens.actions.verification import ACCESS_PURPOSE
from onecloud.tokens.format import TokenKind, kind_of
from onecloud.tokens.model import Grant


@dataclass(frozen=True, slots=True)
class Active:
    """Facts of a live token. Source: RFC 7662 2.2."""

    kind: TokenKind
    client_id: str
    user_id: int
    email: str
    issued_at: datetime
    expires_at: datetime


async def introspect(db: AsyncSession, keys: Keyring, caller: Principal, token: Secret) -> Active | None:
    """The facts of a live token of the caller; None for any other, so that nothing else can be learnt."""
    text = token.reveal()
    match kind_of(text):
        case TokenKind.ACCESS:
            found = await store.access_token(db, keys.digests(text, ACCESS_PURPOSE))
            if found is None or rules.access_problem(*found) is not None:
                return None
            held, kind, expires_at = found[0], TokenKind.ACCESS, found[0].expires_at
        case TokenKind.REFRESH:
            spendable = await store.refresh_token(db, keys.digests(text, REFRESH_PURPOSE))
            if spendable is None or not rules.refresh_is_live(*spendable):
                return None
            held, kind = spendable[0], TokenKind.REFRESH
            expires_at = min(held.grant.idle_expires_at, held.grant.expires_at)
        case None:
            return None
    return _facts(held.grant, kind, held.created_at, expires_at) if held.grant.owner.user_id == caller.user_id else None


def _facts(grant: Grant, kind: TokenKind, issued_at: datetime, expires_at: datetime) -> Active:
    return Active(kind, grant.client_id, grant.owner.user_id, grant.owner.email, issued_at, expires_at)
