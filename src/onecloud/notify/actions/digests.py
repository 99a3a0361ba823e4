"""Digests whose time has come become letters."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.notify.actions.queueing import queue
from onecloud.notify.actions.recipients import may_see, reader, refusal
from onecloud.notify.model import Entry, Letter
from onecloud.notify.rules import digests as rules
from onecloud.notify.rules.delivery import hidden
from onecloud.notify.store import digests as store


async def send_digests(ground: Ground) -> int:
    """Queue the digests that are due, each in a transaction of its own; gives how many."""
    async with ground.database.reading() as db:
        now = await database_now(db)
        groups = await store.groups_due(db, now)
    queued = 0
    for recipient_digest, every in groups:
        async with ground.database.transaction() as db:
            taken = await store.take(db, recipient_digest, every, now)
            if not taken:  # another server was first
                continue
            whose = hashlib.sha256(recipient_digest.encode()).hexdigest()[:40]
            letter = await _letter(db, [entry for _, entry in taken], ground.settings.public_url)
            queued += await queue(db, [replace(letter, dedupe_key=f"digest/{every}/{taken[-1][0]}/{whose}")])
    return queued


async def _letter(db: AsyncSession, entries: Sequence[Entry], public_url: str) -> Letter:
    """The digest of these lines, without those about chains that a user may not see by now."""
    recipient = entries[-1].recipient
    if recipient.kind == "mail":
        visible = await _visible(db, recipient.shown, entries)
        if not visible:
            first = entries[0]
            fault = await refusal(db, recipient.shown, first.environment_id, first.chain_id)
            fault = fault or hidden(recipient.shown, is_chain=True)  # the right may have come back at this moment
            return Letter(recipient.shown, rules.subject(entries), rules.plain(entries, public_url), fault=fault)
        entries = visible
    return Letter(
        to=recipient.shown,
        subject=rules.subject(entries),
        text=rules.plain(entries, public_url),
        html=rules.page(entries, public_url) if recipient.kind == "mail" else None,
        kind=recipient.kind,
        sealed_address=recipient.sealed_address,
    )


async def _visible(db: AsyncSession, email: str, entries: Sequence[Entry]) -> list[Entry]:
    person = await reader(db, email)
    if person is None:
        return []
    chains = {(entry.environment_id, entry.chain_id) for entry in entries}
    seen = {chain for chain in chains if await may_see(db, person, *chain)}
    return [entry for entry in entries if (entry.environment_id, entry.chain_id) in seen]
