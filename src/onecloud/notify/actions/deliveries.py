"""An administrator's view of deliveries."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import actions as activity
from onecloud.activity.rules import cursor_id, page_of, page_size
from onecloud.infra.db import after_commit
from onecloud.kernel.errors import Malformed, NotFound
from onecloud.kernel.principal import Principal
from onecloud.notify.model import DELIVERY_STATES, Delivery, DeliveryState
from onecloud.notify.rules import delivery as rules
from onecloud.notify.store import deliveries as store
from onecloud.notify.wake import rouse


async def deliveries(
    db: AsyncSession, state: str | None, cursor: str | None, limit: int
) -> tuple[list[Delivery], str | None]:
    """A page of deliveries, newest first, of all states or of one, and the cursor of the next page.

    Raises: Malformed for a state, a cursor or a limit that cannot be.
    """
    size, before = page_size(limit), cursor_id(cursor)
    found = await store.page(db, _state(state), before, size + 1)
    return page_of(found, size)


def _state(text: str | None) -> DeliveryState | None:
    for state in DELIVERY_STATES:
        if state == text:
            return state
    if text is not None:
        raise Malformed("delivery.state", f"`state` is not one of {', '.join(DELIVERY_STATES)}; leave it out for all.")
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
