"""When a letter is tried again, who may get it, and which files fit into it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from onecloud.kernel.errors import Conflict
from onecloud.notify.model import Attachment, Claimed, DeliveryState, NotSent, Retrying, Sent, Settled, TryOutcome


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


def hidden(email: str, *, is_chain: bool) -> str:
    """Why nothing about this is mailed to a user who may not see it."""
    what = "chain" if is_chain else "environment"
    return (
        f"The user {email} may not see the {what}, so nothing about it is sent to them. Give one of their groups the "
        f"permission `read` on the {what}, or take the address out of the notification."
    )


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
