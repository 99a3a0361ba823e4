"""Digests whose time has come become letters."""

from __future__ import annotations

import hashlib

from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.notify.actions.queueing import queue
from onecloud.notify.model import Letter
from onecloud.notify.rules import digests as rules
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
            entries = [entry for _, entry in taken]
            recipient, public_url = entries[-1].recipient, ground.settings.public_url
            whose = hashlib.sha256(recipient_digest.encode()).hexdigest()[:40]
            letter = Letter(
                to=recipient.shown,
                subject=rules.subject(entries),
                text=rules.plain(entries, public_url),
                html=rules.page(entries, public_url) if recipient.kind == "mail" else None,
                dedupe_key=f"digest/{every}/{taken[-1][0]}/{whose}",
                kind=recipient.kind,
                sealed_address=recipient.sealed_address,
            )
            queued += await queue(db, [letter])
    return queued
