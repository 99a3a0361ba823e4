"""The nouns of telling: a letter, its delivery, and how one try to send it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["mail", "apprise"]

# `failed` is tried again; `given_up` is not, unless an administrator says so.
DeliveryState: TypeAlias = Literal["queued", "sending", "sent", "failed", "given_up"]
DELIVERY_STATES: Final[tuple[DeliveryState, ...]] = ("queued", "sending", "sent", "failed", "given_up")

DEDUPE_KEY_MOST: Final = 200  # characters; the column's width


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the file store that goes along with a mail, under the name that the reader sees."""

    blob: str
    name: str
    size_bytes: int
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be told to one recipient: what other rooms give to `notify.actions.queue`.

    `to` is a user's email. For an Apprise address it is the masked form that lists show, and `sealed_address` holds
    the address itself: `notify.actions.to_service` makes such a letter. `text` is plain text; without `html` a
    layout is made of it. A second letter with the same `dedupe_key` is not queued.
    """

    to: str
    subject: str
    text: str
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    dedupe_key: str | None = None
    run_id: int | None = None
    chain_id: int | None = None
    kind: Kind = "mail"
    sealed_address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A letter on its way, as an administrator sees it. `next_try_at` is None once nothing more will happen."""

    id: int
    kind: Kind
    to: str
    subject: str
    attachments: tuple[Attachment, ...]
    state: DeliveryState
    attempts: int
    next_try_at: datetime | None
    last_error: str | None
    chain_id: int | None
    run_id: int | None
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process sends now. `attempt` is the number of this try, and the fence of its result."""

    id: int
    attempt: int
    give_up_at: datetime
    created_at: datetime
    letter: Letter


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiving server or service took the letter."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """It did not, and why, in a sentence without secrets. `final`: trying again cannot help."""

    reason: str
    final: bool = False


TryOutcome: TypeAlias = Sent | NotSent


@dataclass(frozen=True, slots=True)
class Retrying:
    """How long and how often a letter is tried."""

    first_pause: timedelta
    longest_pause: timedelta
    give_up_after: timedelta


@dataclass(frozen=True, slots=True)
class Settled:
    """What a try makes of its delivery."""

    state: DeliveryState
    next_try_at: datetime | None
    last_error: str | None
