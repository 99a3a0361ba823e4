"""Compare-and-set of drafts: a change says which revision it was made from, and is refused when that is over."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import store
from onecloud.chains.model import Draft
from onecloud.kernel.errors import Stale


async def match(db: AsyncSession, draft: Draft, revision: int) -> None:
    """Accept a change that was made from this revision of the (locked) draft.

    Raises: Stale telling who saved meanwhile and when, with the revision there is now.
    """
    if draft.revision == revision:
        return
    person = (await store.people(db, [draft.saved_by])).get(draft.saved_by or 0)
    by = "the command line" if person is None else person.name
    at = draft.updated_at.isoformat(" ", "seconds").removesuffix("+00:00")
    raise Stale(
        "chain.draft_changed",
        f"The draft is at revision {draft.revision} and not {revision}: it was saved by {by} at {at} UTC. "
        "Read it again and bring your changes into it; nothing of either was lost.",
        current=draft.revision,
    )
