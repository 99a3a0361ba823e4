"""One mail from its row to the mail server: its files and its message."""

from __future__ import annotations

from datetime import datetime

from onecloud.infra.blobs import BlobMissing, Blobs
from onecloud.infra.settings import Settings
from onecloud.notify import message, smtp
from onecloud.notify.model import Attachment, Claimed, NotSent, TryOutcome
from onecloud.notify.rules import delivery as rules

MEGABYTE = 1024 * 1024


def mail(
    server: smtp.MailServer,
    settings: Settings,
    blobs: Blobs,
    claimed: Claimed,
    now: datetime,
    conversation: smtp.Conversation,
) -> TryOutcome:
    """Send a claimed letter by mail. Blocking."""
    letter = claimed.letter
    taken, notes = rules.attachable(
        [(file, _size(blobs, file)) for file in letter.attachments], settings.mail_attachments_mb * MEGABYTE
    )
    try:
        parts = [message.Part(file.name, file.media_type, blobs.existing(file.blob).read_bytes()) for file in taken]
    except (BlobMissing, OSError) as error:  # it went between the two looks; the next try says so in the mail
        return NotSent(f"An attachment could not be read: {error}.")
    try:
        sender = message.address(server.sender)
        # The same for every try, so that mail programs can tell a copy.
        made = claimed.created_at.strftime("%Y%m%d%H%M%S%f")
        envelope = message.Envelope(
            sender=server.sender,
            message_id=f"delivery-{claimed.id}.{made}@{sender.domain}",
            list_id=message.list_id(settings.public_url, server.sender),
            date=now,
        )
    except ValueError as error:
        return NotSent(f"ONECLOUD_SMTP_FROM cannot be used: {error}.")
    try:
        composed = message.compose(envelope, letter, parts, notes)
    except ValueError as error:
        return NotSent(f"The mail cannot be written: {error}.", final=True)
    return smtp.send(server, composed, conversation)


def _size(blobs: Blobs, file: Attachment) -> int | None:
    try:
        return blobs.existing(file.blob).stat().st_size
    except (BlobMissing, ValueError, OSError):
        return None
