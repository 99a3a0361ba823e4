"""Refreshing: a refresh token is spent once, by one atomic step, and what comes back a second time ends its family."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity.actions import record
from onecloud.infra.crypto import Keyring
from onecloud.infra.db import database_now
from onecloud.kernel.secret import Secret
from onecloud.tokens import rules, store
from onecloud.tokens.actions.pair import REFRESH_PURPOSE, digests_of, new_pair, open_pair, seal_pair
from onecloud.tokens.format import TokenKind, hint, kind_of
from onecloud.tokens.model import Issued, OAuthRefusal, Origin, RefreshToken, RevokedBecause
from onecloud.tokens.oauth_form import unknown_client
from onecloud.tokens.rules import TokenPolicy


@dataclass(frozen=True, slots=True)
class RefreshAsked:
    """One refresh request; `idempotency_key` is empty when the client sent none."""

    client_id: str
    refresh_token: Secret
    origin: Origin
    idempotency_key: str = field(default="", repr=False)


async def refresh(db: AsyncSession, keys: Keyring, policy: TokenPolicy, asked: RefreshAsked) -> Issued | OAuthRefusal:
    """A new pair for a refresh token that was never used, or the same pair for the same request once more.

    A refusal is given back as a value: the revocation that it may have caused must be committed with it.
    Source: RFC 6749 6, RFC 9700 4.14.2.
    """
    text = asked.refresh_token.reveal()
    if kind_of(text) is not TokenKind.REFRESH:
        return rules.invalid_grant("This is not a refresh token; check that it was copied whole.", guessed=True)
    digests = keys.digests(text, REFRESH_PURPOSE)
    # Twice at most: whoever loses the race for the generation finds on the second look who won it.
    for _ in range(2):
        found = await store.refresh_token(db, digests)
        if found is None:
            return await _unknown(db, asked.client_id)
        token, now = found
        if asked.client_id != token.grant.client_id and not await store.client_exists(db, asked.client_id):
            return unknown_client()
        verdict = rules.judge_refresh(token, asked.client_id, now, policy, keyed=bool(asked.idempotency_key))
        match verdict:
            case rules.Spend(ends):
                issued = await _spend(db, keys, policy, asked, token, ends, now)
                if issued is not None:
                    return issued
            case rules.Retry(seals):
                for seal, keyed in seals:
                    pair = open_pair(keys, seal, text, asked.idempotency_key if keyed else "")
                    if pair is not None:
                        return Issued(token.grant.client_id, pair, now)
                return await _end_family(db, asked, token, now)
            case rules.Reuse():
                return await _end_family(db, asked, token, now)
            case OAuthRefusal():
                return verdict
    return rules.invalid_grant("This refresh token can no longer be used.")


async def _spend(
    db: AsyncSession,
    keys: Keyring,
    policy: TokenPolicy,
    asked: RefreshAsked,
    token: RefreshToken,
    ends: rules.Lifetimes,
    now: datetime,
) -> Issued | None:
    """The new pair, or None when another request was first."""
    grant, spent = token.grant, asked.refresh_token.reveal()
    first = await store.raise_generation(
        db, family_id=grant.family_id, generation=token.generation, ends=ends, origin=asked.origin, now=now
    )
    if not first:
        return None
    pair = new_pair(ends.access_expires_at)
    await store.add_pair(
        db,
        family_id=grant.family_id,
        generation=token.generation + 1,
        pair=pair,
        digests=digests_of(keys, pair),
        now=now,
    )
    await store.mark_spent(
        db,
        token=token,
        now=now,
        keyed_seal=seal_pair(keys, pair, spent, asked.idempotency_key) if asked.idempotency_key else None,
        open_seal=seal_pair(keys, pair, spent, "") if policy.retry_s else None,
    )
    return Issued(grant.client_id, pair, now)


async def _end_family(db: AsyncSession, asked: RefreshAsked, token: RefreshToken, now: datetime) -> OAuthRefusal:
    """Revoke the family of a spent token that came back, and tell the administrator what was cut off and from where.

    Source: RFC 9700 4.14.2.
    """
    grant = token.grant
    if await store.revoke_family(db, grant.family_id, RevokedBecause.REUSE, now):
        await record(
            db,
            key="token_family.reuse",
            owner=None,
            trackable_type="TokenFamily",
            trackable_id=str(grant.family_id),
            recipient_type="User",
            recipient_id=str(grant.owner.user_id),
            parameters={
                "client_id": grant.client_id,
                "shown_by_client": asked.client_id,
                "ip": asked.origin.ip,
                "agent": asked.origin.agent,
                "last_refresh_ip": grant.refreshed_ip,
                "last_refresh_agent": grant.refreshed_agent,
                "shown_token": hint(TokenKind.REFRESH, token.last4),
                "cut_off": await _current_hints(db, token),
            },
        )
    return rules.invalid_grant(rules.SPENT_MESSAGE)


async def _current_hints(db: AsyncSession, token: RefreshToken) -> list[str]:
    """What may be shown of the tokens that lived until now."""
    access, refresh = await store.current_last4(db, token.grant.family_id)
    return [hint(TokenKind.ACCESS, access), hint(TokenKind.REFRESH, refresh)]


async def _unknown(db: AsyncSession, client_id: str) -> OAuthRefusal:
    if not await store.client_exists(db, client_id):
        return unknown_client()
    return rules.invalid_grant("This refresh token is not known.", guessed=True)


async def forget_retries(db: AsyncSession) -> int:
    """Wipe sealed pairs whose window has long passed; gives how many. To be called about once a minute."""
    return await store.wipe_seals_before(db, await database_now(db) - rules.SEALS_KEPT)
