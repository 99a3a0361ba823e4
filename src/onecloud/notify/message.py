"""A letter as a mail message (RFC 5322): every header is one clean line, text and HTML say the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final
from urllib.parse import urlsplit

from onecloud.notify import layout
from onecloud.notify.model import Letter
from onecloud.notify.rules import texts

_MEDIA_TYPE: Final = re.compile(r"(application|audio|image|text|video)/([a-z0-9][a-z0-9.+-]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A file whose bytes go along."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """What surrounds a letter. `sender` is `Name <address>` or an address; `message_id` is without its brackets."""

    sender: str
    message_id: str
    list_id: str
    date: datetime


def compose(envelope: Envelope, letter: Letter, parts: Sequence[Part] = (), notes: Sequence[str] = ()) -> EmailMessage:
    """The message to one recipient; `notes` are sentences about what could not go along.

    Raises: ValueError when sender or recipient is no mail address.
    """
    subject, whole_subject = texts.subject_line(letter.subject)
    text = texts.plain_text(letter.text)
    if whole_subject:
        text = f"{whole_subject}\n\n{text}"
    page = letter.html or layout.letter(texts.one_line(letter.subject), texts.plain_text(letter.text))
    message = EmailMessage(policy=SMTP.clone(utf8=not _ascii_local(letter.to)))
    message["Subject"] = subject
    message["From"] = address(envelope.sender)
    message["To"] = address(letter.to)
    message["Date"] = format_datetime(envelope.date)
    message["Message-ID"] = f"<{envelope.message_id}>"
    # RFC 3834: no vacation notice answers this.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["List-Id"] = f"OneCloud notifications <{envelope.list_id}>"
    message.set_content("\n\n".join([text.rstrip("\n"), *notes]) + "\n", cte="quoted-printable")
    message.add_alternative(layout.with_notes(page, notes), subtype="html", cte="quoted-printable")
    for part in parts:
        found = _MEDIA_TYPE.fullmatch(part.media_type)
        main, sub = found.groups() if found else ("application", "octet-stream")
        message.add_attachment(part.data, maintype=main, subtype=sub, filename=texts.file_name(part.name))
    return message


def address(text: str) -> Address:
    """`Name <local@domain>` or `local@domain` as a header's address, the domain in ASCII.

    Raises: ValueError.
    """
    name, plain = parseaddr(texts.one_line(text))
    local, at, domain = plain.rpartition("@")
    if not (local and at and domain):
        raise ValueError(f"{texts.one_line(text)!r} is no mail address; write it as name@example.com")
    try:
        return Address(name, local, ascii_domain(domain))
    except UnicodeError as error:
        raise ValueError(f"the domain {domain!r} is no domain name") from error


def ascii_domain(domain: str) -> str:
    """A domain as mail servers know it.

    Raises: UnicodeError.
    """
    return domain if domain.isascii() else domain.encode("idna").decode("ascii")


def _ascii_local(to: str) -> bool:
    return to.rpartition("@")[0].isascii()


def list_id(public_url: str, sender: str) -> str:
    """What filters know our mail by (RFC 2919): the server's name, or the domain that it sends from."""
    host = urlsplit(public_url).hostname or address(sender).domain
    return f"notifications.{host}"
