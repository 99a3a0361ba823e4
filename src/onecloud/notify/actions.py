"""Queueing letters, and an administrator's view of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import actions as activity
from onecloud.activity.rules import cursor_id, page_size
from onecloud.infra.crypto import Keyring
from onecloud.infra.db import after_commit
from onecloud.kernel.errors import Invalid, Malformed, NotFound, Problem
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret
from onecloud.notify import rules, store
from onecloud.notify.model import DEDUPE_KEY_MOST, DELIVERY_STATES, Delivery, DeliveryState, Letter
from onecloud.notify.wake import rouse

PURPOSE: Final = "notify.address"


async def queue(db: AsyncSession, letters: Sequence[Letter]) -> int:
    """Queue letters within the caller's transaction: they are sent if and when it commits, at least once each.

    Gives how many were new: a letter whose `dedupe_key` is known already is left out, so that a step that is done
    again tells nobody twice. Nothing here fails because mail is not set up or a recipient does not exist: that shows
    in the list of deliveries. A double delivery is possible when a server dies between sending and noting it.

    Raises: ValueError for a `dedupe_key` over 200 characters.
    """
    if not letters:
        return 0
    for letter in letters:
        if len(letter.dedupe_key or "") > DEDUPE_KEY_MOST:
            raise ValueError(f"the dedupe key {letter.dedupe_key!r} has more than {DEDUPE_KEY_MOST} characters")
    added = await store.add(db, [rules.clean(letter) for letter in letters])
    if added:
        after_commit(db, rouse)
    return added


def to_service(keys: Keyring, address: Secret, letter: Letter) -> Letter:
    """The letter as one to an Apprise address, which is sealed here; what lists show of it is its scheme.

    Raises: Invalid for what is no Apprise address.
    """
    shown, sealed = sealed_address(keys, address)
    return Letter(
        to=shown,
        subject=letter.subject,
        text=letter.text,
        dedupe_key=letter.dedupe_key,
        run_id=letter.run_id,
        chain_id=letter.chain_id,
        kind="apprise",
        sealed_address=sealed,
    )


def sealed_address(keys: Keyring, address: Secret) -> tuple[str, str]:
    """How lists show an Apprise address, and the address sealed.

    Raises: Invalid for what is no Apprise address.
    """
    plain = address.reveal().strip()
    if fault := rules.address_fault(plain):
        raise Invalid("notify.address", fault, problems=(Problem("apprise", fault),))
    return rules.masked_address(plain, keys.digest(plain, PURPOSE)), keys.seal(plain, PURPOSE)


async def deliveries(
    db: AsyncSession, state: str | None, cursor: str | None, limit: int
) -> tuple[list[Delivery], str | None]:
    """A page of deliveries, newest first, of all states or of one, and the cursor of the next page.

    Raises: Malformed for a state, a cursor or a limit that cannot be.
    """
    size, before = page_size(limit), cursor_id(cursor)
    found = await store.page(db, _state(state), before, size + 1)
    return found[:size], str(found[size - 1].id) if len(found) > size else None


def _state(text: str | None) -> DeliveryState | None:
    for state in DELIVERY_STATES:
        if state == text:
            return state
    if text is not None:
        raise Malformed(
            "delivery.state", f"`state` is not one of {', '.join(get_args(DeliveryState))}; leave it out for all."
        )
    return None


async def retry(db: AsyncSession, owner: Principal, delivery_id: int) -> Delivery:
    """Try a delivery that failed, or was given up, again at once and for as long as a new one.

    Raises: NotFound; Conflict when it was sent or is being sent.
    """
    found = await store.find(db, delivery_id, lock=True)
    if found is None:
        raise NotFound("delivery.not_found", f"There is no delivery {delivery_id}.")
    rules.check_retry(delivery_id, found.state)
    await store.queue_again(db, delivery_id)
    await activity.record(
        db, key="delivery.retry", owner=owner, trackable_type="Delivery", trackable_id=str(delivery_id)
    )
    after_commit(db, rouse)
    again = await store.find(db, delivery_id)
    assert again is not None
    return again
