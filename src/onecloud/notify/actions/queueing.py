"""Queueing letters within other rooms' transactions: what runs, approvals and runners call."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.rules import normal_email
from onecloud.infra.crypto import Keyring
from onecloud.infra.db import after_commit
from onecloud.kernel.errors import Invalid, Problem
from onecloud.kernel.secret import Secret
from onecloud.notify.model import Entry, Happening, Letter, Notice, Recipient
from onecloud.notify.rules import addresses, digests, notices, texts
from onecloud.notify.store import deliveries as store
from onecloud.notify.store import digests as digest_store
from onecloud.notify.wake import rouse

PURPOSE: Final = "notify.address"
NOBODY: Final = "(nobody)"


async def queue(db: AsyncSession, letters: Sequence[Letter]) -> int:
    """Queue letters within the caller's transaction: they are sent if and when it commits, at least once each.

    Gives how many were new: a letter whose `dedupe_key` is known already is left out, so that a step that is done
    again tells nobody twice. Nothing here fails because of what a letter holds, because mail is not set up or because
    a recipient does not exist: that shows in the list of deliveries. A double delivery is possible when a server dies
    between sending and noting it.
    """
    if not letters:
        return 0
    added = await store.add(db, [texts.clean(letter) for letter in letters])
    if added:
        after_commit(db, rouse)
    return added


async def tell(
    db: AsyncSession, keys: Keyring, public_url: str, happening: Happening, fired: Sequence[Notice], occasion: str
) -> None:
    """Tell of what happened to a run or a command, within the transaction that writes it down.

    `fired` are the notifications that fire for the status (`rules.notices.fires`), templates resolved; an entry
    without `digest` is queued at once, one with it becomes a line of its recipients' next digest. `occasion` names
    this very happening, the same when the step is done again, such as `run/12/node/load/errored/turn/7`. Nothing
    fails because of what is in a notice.
    """
    await queue(
        db,
        [
            letter
            for index, notice in enumerate(fired)
            for letter in letters_for(keys, public_url, happening, notice, f"{occasion}/{index}")
            if notice.digest == "none" or letter.fault
        ],
    )
    await digest_store.add(
        db,
        [
            entry
            for index, notice in enumerate(fired)
            if notice.digest != "none"
            for entry in entries_for(keys, happening, notice, f"{occasion}/{index}")
        ],
    )


def letters_for(keys: Keyring, public_url: str, happening: Happening, notice: Notice, occasion: str) -> list[Letter]:
    """The letters of one notice, ready for `queue`; with nobody to write to, one that tells administrators why."""
    emails, notes = notices.recipients(notice)
    notes = (*notice.faults, *notes)
    link = notices.run_link(public_url, happening.run_id)
    letter = Letter(
        to=NOBODY,
        subject=notices.subject(happening, notice),
        text=notices.plain(happening, notice.text, link, notes),
        html=notices.page(happening, notice, link, notes),
        attachments=notice.attachments,
        run_id=happening.run_id,
        chain_id=happening.chain_id,
        environment_id=happening.environment_id,
    )
    letters = [replace(letter, to=email, dedupe_key=_key(occasion, normal_email(email))) for email in emails]
    if notice.apprise is not None:
        own = notice.apprise_text or notice.text
        message = replace(letter, text=notices.plain(happening, own, link, notes), html=None, attachments=())
        try:
            letters.append(to_service(keys, notice.apprise, replace(message, dedupe_key=_key(occasion, "apprise"))))
        except Invalid as fault:
            letters.append(replace(message, fault=fault.message, dedupe_key=_key(occasion, "fault")))
    if not letters or (notice.digest != "none" and notes):  # a digest has no room for what could not be resolved
        why = " ".join(notes) or "The notification names no recipient: its `to` came out empty. Name a user there."
        letters.append(replace(letter, fault=why, dedupe_key=_key(occasion, "nobody")))
    return letters


def entries_for(keys: Keyring, happening: Happening, notice: Notice, occasion: str) -> list[Entry]:
    """The lines of one notice in its recipients' digests; an address that cannot be used gives none."""
    assert notice.digest != "none"
    found = [Recipient("mail", email, normal_email(email)) for email in notices.recipients(notice)[0]]
    if notice.apprise is not None and addresses.address_fault(notice.apprise.reveal()) is None:
        found.append(service_recipient(keys, notice.apprise))
    return [
        Entry(
            recipient=replace(recipient, shown=texts.short(recipient.shown), digest=texts.short(recipient.digest)),
            every=notice.digest,
            due_at=digests.due_at(notice.digest, happening.at),
            status=happening.status,
            title=notices.title(happening),
            place=notices.place(happening),
            environment_id=happening.environment_id,
            chain_id=happening.chain_id,
            run_id=happening.run_id,
            at=happening.at,
            dedupe_key=_key(occasion, recipient.digest),
        )
        for recipient in found
    ]


def _key(occasion: str, recipient: str) -> str:
    return texts.fitting_key(f"{occasion}/{hashlib.sha256(recipient.encode(errors='replace')).hexdigest()[:40]}")


def to_service(keys: Keyring, address: Secret, letter: Letter) -> Letter:
    """The letter as one to an Apprise address, which is sealed here; what lists show of it is its scheme.

    Raises: Invalid for what is no Apprise address.
    """
    recipient = service_recipient(keys, address)
    return replace(
        letter,
        to=recipient.shown,
        html=None,
        attachments=(),
        kind="apprise",
        sealed_address=recipient.sealed_address,
    )


def service_recipient(keys: Keyring, address: Secret) -> Recipient:
    """The recipient that an Apprise address stands for: masked, sealed, and told apart by a keyed hash.

    Raises: Invalid for what is no Apprise address.
    """
    plain = address.reveal().strip()
    if fault := addresses.address_fault(plain):
        raise Invalid("notify.address", fault, problems=(Problem("apprise", fault),))
    digest = keys.digest(plain, PURPOSE)
    return Recipient("apprise", addresses.masked_address(plain, digest), digest, keys.seal(plain, PURPOSE))
