"""The API access page: enable, choose the life of access tokens, see what there is, revoke everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.rules import not_for_the_api
from onecloud.activity.actions import record
from onecloud.infra.crypto import Keyring
from onecloud.infra.db import database_now
from onecloud.kernel.errors import Conflict, NotFound
from onecloud.kernel.principal import Principal
from onecloud.tokens import rules, store
from onecloud.tokens.actions.pair import digests_of, new_client_id, new_pair
from onecloud.tokens.model import AccessToken, Application, Issued, RefreshToken
from onecloud.tokens.rules import TokenPolicy


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows: the live application and its current tokens, of which only hints are known.

    A revoked token is None; an expired one is shown with its end. `refresh_expires_at` is the earlier of its limits.
    """

    application: Application | None
    access: AccessToken | None
    refresh: RefreshToken | None
    days: int
    max_days: int

    @property
    def refresh_expires_at(self) -> datetime | None:
        """When the refresh token ends if nobody refreshes."""
        if self.refresh is None:
            return None
        return min(self.refresh.grant.idle_expires_at, self.refresh.grant.expires_at)


async def enable(
    db: AsyncSession, keys: Keyring, policy: TokenPolicy, caller: Principal, days: int | None = None
) -> Issued:
    """Give the caller an API application and its first pair of tokens, seen only now.

    Raises: Invalid for a number of days that is not allowed; Forbidden when the caller may not use the API (any
    more); Conflict when the caller's access is enabled already.
    Source: product facts 9.1.
    """
    chosen = rules.chosen_days(days, policy)
    found = await store.person(db, caller.user_id)
    if found is None or not rules.may_own(found[0]):
        raise not_for_the_api()
    person, now = found
    ends = rules.lifetimes(now, chosen, policy)
    application = await store.add_application(
        db, user_id=person.user_id, client_id=new_client_id(), days=chosen, now=now
    )
    if application is None:
        raise Conflict(
            "api_access.enabled",
            "API access is enabled already. Revoke it first: that ends its tokens, and then new ones can be made.",
        )
    pair = new_pair(ends.access_expires_at)
    family_id = await store.add_family(db, application=application, epoch=person.access_epoch, ends=ends, now=now)
    await store.add_pair(db, family_id=family_id, generation=1, pair=pair, digests=digests_of(keys, pair), now=now)
    await _tell(db, "api_application.create", caller, application, {"access_token_days": chosen})
    return Issued(application.client_id, pair, now)


async def change_settings(db: AsyncSession, policy: TokenPolicy, caller: Principal, days: int) -> Overview:
    """Choose the life of the access tokens to come, from the next refresh on; the present one keeps its end.

    Raises: Invalid; NotFound when API access is not enabled.
    """
    chosen = rules.chosen_days(days, policy)
    application = await store.live_application(db, caller.user_id)
    if application is None or not await store.change_days(db, application.id, chosen):
        raise NotFound("api_access.disabled", "API access is not enabled. Enable it, then change its settings.")
    parameters = {"access_token_days": chosen, "before": application.access_token_days}
    await _tell(db, "api_application.update", caller, application, parameters)
    return await overview(db, policy, caller)


async def revoke(db: AsyncSession, caller: Principal) -> None:
    """End the caller's API access with every token of it; nothing happens when there is none."""
    application = await store.live_application(db, caller.user_id)
    if application is not None and await store.revoke_application(db, application.id, await database_now(db)):
        await _tell(db, "api_application.revoke", caller, application, {})


async def overview(db: AsyncSession, policy: TokenPolicy, caller: Principal) -> Overview:
    """What there is to see of the caller's API access."""
    application = await store.live_application(db, caller.user_id)
    if application is None:
        return Overview(None, None, None, rules.chosen_days(None, policy), policy.max_days)
    access = await store.newest_access_token(db, application.id)
    refresh = await store.newest_refresh_token(db, application.id)
    return Overview(
        application=application,
        access=access[0] if access and rules.is_shown(access[0], access[1]) else None,
        refresh=refresh[0] if refresh and rules.grant_is_shown(refresh[0].grant, refresh[1]) else None,
        days=application.access_token_days,
        max_days=policy.max_days,
    )


async def _tell(
    db: AsyncSession, key: str, caller: Principal, application: Application, parameters: dict[str, int]
) -> None:
    await record(
        db,
        key=key,
        owner=caller,
        trackable_type="ApiApplication",
        trackable_id=str(application.id),
        recipient_type="User",
        recipient_id=str(application.user_id),
        parameters={"client_id": application.client_id, **parameters},
    )
