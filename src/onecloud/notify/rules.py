"""Decisions of telling, in values: when to try again, who may be told, what fits into a mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from onecloud.kernel.errors import Conflict
from onecloud.kernel.secret import MASK
from onecloud.notify.model import (
    Attachment,
    Claimed,
    DeliveryState,
    Letter,
    NotSent,
    Retrying,
    Sent,
    Settled,
    TryOutcome,
)

SUBJECT_MOST: Final = 250  # characters; a longer one is shown in full at the top of the text
TO_MOST: Final = 320  # characters; the column's width
TEXT_MOST: Final = 500_000  # characters of one letter's text
REASON_MOST: Final = 600  # characters of a foreign server's answer that are worth keeping
SECRET_PART_LEAST: Final = 4  # a shorter piece of an address (a port, a flag) is no secret, and masks every word

_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_BREAKS: Final = re.compile(r"\r\n?|\u2028|\u2029|\x85|\x0b|\x0c")
# What mail goes by is `email`; the others would put a message on the screen or into the log of the server itself.
REFUSED_SCHEMES: Final = frozenset(
    {"mailto", "mailtos", "dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"}
)


def pause_before(next_attempt: int, retrying: Retrying) -> timedelta:
    """How long to wait before a try; the second one is 2. Each pause is twice the one before, up to the longest."""
    doublings = min(max(next_attempt - 2, 0), 32)  # beyond, the longest pause has long been reached
    return min(retrying.first_pause * 2**doublings, retrying.longest_pause)


def settle(claimed: Claimed, outcome: TryOutcome, retrying: Retrying, now: datetime) -> Settled:
    """What becomes of a delivery after a try. The last try is made at the very end of the time that there is."""
    match outcome:
        case Sent():
            return Settled("sent", None, None)
        case NotSent(reason, final=True):
            return Settled("given_up", None, reason)
        case NotSent(reason):
            if now >= claimed.give_up_at:
                tries = "once" if claimed.attempt == 1 else f"{claimed.attempt} times"
                return Settled("given_up", None, f"{reason} Given up after trying {tries}.")
            next_try = min(now + pause_before(claimed.attempt + 1, retrying), claimed.give_up_at)
            return Settled("failed", next_try, reason)


def check_retry(delivery_id: int, state: DeliveryState) -> None:
    """Let a delivery be tried again at once.

    Raises: Conflict when it was sent, or is being sent at this moment.
    """
    if state == "sent":
        raise Conflict("delivery.sent", f"The delivery {delivery_id} was sent already.")
    if state == "sending":
        raise Conflict(
            "delivery.sending", f"The delivery {delivery_id} is being sent at this moment; look again shortly."
        )


def outsider(email: str, *, known: bool, active: bool) -> str | None:
    """Why nothing is mailed to this address; None when it is a user's who may be told."""
    if not known:
        return (
            f"{email} is not the email of a user of this server, and notifications go to users only. "
            "Add the person as a user, or take the address out of the notification."
        )
    if not active:
        return f"The user {email} is disabled, so nothing is sent to them. Enable the user, or notify somebody else."
    return None


def attachable(
    files: Sequence[tuple[Attachment, int | None]], most_bytes: int
) -> tuple[tuple[Attachment, ...], tuple[str, ...]]:
    """Which files go along, and a sentence for each that does not: nothing is left out silently.

    Each file comes with its size as it is stored now, None when it is gone. In order, each is taken while all
    together stay within `most_bytes`.
    """
    taken: list[Attachment] = []
    notes: list[str] = []
    total = 0
    for file, size in files:
        if size is None:
            notes.append(f"The file {file.name} is not attached: it is no longer stored.")
        elif total + size > most_bytes:
            beside = f", and {shown_size(total)} are attached already" if total else ""
            notes.append(
                f"The file {file.name} is not attached: it has {shown_size(size)}{beside}; the attachments of a mail "
                f"may have {shown_size(most_bytes)} in total. Zip the file in the chain before it is attached, or "
                "fetch it from the run's page."
            )
        else:
            taken.append(file)
            total += size
    return tuple(taken), tuple(notes)


def shown_size(size_bytes: int) -> str:
    """A size as people read it. Rounded up, so that a file over a limit never seems to be just at it."""
    if size_bytes < 1024:
        return f"{size_bytes} bytes"
    unit, shown = (1024, "KB") if size_bytes < 1024 * 1024 else (1024 * 1024, "MB")
    tenths = -(-size_bytes * 10 // unit)
    return f"{tenths // 10}.{tenths % 10} {shown}" if tenths % 10 else f"{tenths // 10} {shown}"


def one_line(text: str) -> str:
    """Text as one line that a header can hold: line breaks and control characters become blanks.

    This is what makes header injection impossible: no header is made of anything else.
    """
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def subject_line(subject: str) -> tuple[str, str]:
    """The subject for the header, and what has to stand above the text: the whole of one that is too long."""
    line = one_line(subject) or "(no subject)"
    return (line, "") if len(line) <= SUBJECT_MOST else (line[: SUBJECT_MOST - 1] + "…", line)


def plain_text(text: str) -> str:
    """Text with plain line ends, and without the control characters that no database and no mail can hold."""
    lines = _BREAKS.sub("\n", text)
    return "".join(letter for letter in lines if letter in "\n\t" or not is_control(letter))


def clean(letter: Letter) -> Letter:
    """The letter as it is stored: nothing in it can break a row or a header; a text over the limit ends by saying so.

    A layout made for a text that is too long is left out with what it shows: the shortened text gets its own.
    """
    text, page = plain_text(letter.text), letter.html
    if len(text) > TEXT_MOST:
        text = (
            f"{text[:TEXT_MOST]}\n\n[The text goes on: it has {len(text)} characters, a notification takes "
            f"{TEXT_MOST}. Write long results to a file and attach that.]"
        )
        page = None
    to = one_line(letter.to)
    return replace(
        letter,
        to=to if len(to) <= TO_MOST else to[: TO_MOST - 1] + "…",  # no address is that long: it is refused when sent
        subject=one_line(letter.subject),
        text=text,
        html=None if page is None else plain_text(page),
        attachments=tuple(replace(file, name=file_name(file.name)) for file in letter.attachments),
    )


def is_control(letter: str) -> bool:
    """Whether a character is a control character, or half of a pair that no encoding can hold."""
    return letter < " " or "\x7f" <= letter <= "\x9f" or "\ud800" <= letter <= "\udfff"


def file_name(name: str) -> str:
    """A name for an attachment: one line, without folders."""
    last = one_line(name).replace("\\", "/").rsplit("/", 1)[-1].strip()
    return last if last not in ("", ".", "..") else "file"


def scheme_of(address: str) -> str | None:
    """The scheme of an Apprise address such as `slack`; None when the text is no address."""
    found = _SCHEME.match(address.strip())
    return found.group(1).lower() if found else None


def address_fault(address: str) -> str | None:
    """What is wrong with an Apprise address, as far as its letters tell; None when nothing is."""
    scheme = scheme_of(address)
    if scheme is None:
        return "This is no Apprise address: one begins with a scheme, as in slack://… or jsons://…"
    if scheme in REFUSED_SCHEMES:
        mend = "Use `email` for users of this server." if scheme.startswith("mailto") else "Use another service."
        return f"Addresses of the kind {scheme}:// are not taken here. {mend}"
    return None


def masked_address(address: str, fingerprint: str) -> str:
    """How lists show an Apprise address: its scheme, and enough of a keyed hash to tell two of them apart."""
    return f"{scheme_of(address) or 'address'}://{MASK} ({fingerprint[:6]})"


def secret_parts(address: str) -> frozenset[str]:
    """An address and each piece of it that may be a secret, to be masked in what a service answers."""
    pieces = re.split(r"[/:@?&=#,]+", address)
    return frozenset({address, *(piece for piece in pieces[1:] if len(piece) >= SECRET_PART_LEAST)})


def reason(text: str) -> str:
    """A foreign server's words as one line, cut where they stop to help (the cut is marked)."""
    line = one_line(text)
    return line if len(line) <= REASON_MOST else line[: REASON_MOST - 1] + "…"
