"""The nouns of telling: a letter, its delivery, and how one try to send it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from onecloud.kernel.secret import Secret

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
    layout is made of it. With an `environment_id` only users get it who may read the chain (without a `chain_id`:
    the environment); `run_id` and `chain_id` alone are for the list of deliveries. A second letter with the same
    `dedupe_key` is not queued. A letter with a `fault` is never sent: it stands in the list with that sentence.
    """

    to: str
    subject: str
    text: str
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    dedupe_key: str | None = None
    run_id: int | None = None
    chain_id: int | None = None
    environment_id: int | None = None
    kind: Kind = "mail"
    sealed_address: str | None = field(default=None, repr=False)
    fault: str | None = None


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


# --- what happened, and whom a chain wants told ---

Status: TypeAlias = Literal["started", "succeeded", "warned", "errored", "stopped", "paused"]
DigestKind: TypeAlias = Literal["none", "hourly", "daily"]
Frequency: TypeAlias = Literal["daily", "weekly", "monthly"]


@dataclass(frozen=True, slots=True)
class Happening:
    """What became of a run, or of one command of it (`command` is its name, "" for the run as a whole).

    `message` is the result's own text, secrets masked. Times are UTC.
    """

    status: Status
    chain_id: int
    chain: str
    workspace: str
    environment: str
    environment_id: int
    run_id: int
    at: datetime
    command: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification of a chain with its templates resolved; texts have their secrets masked by whoever resolved them.

    `to` are emails; one text may hold several, parted by commas, semicolons or blanks. `faults` are sentences about
    what could not be resolved: they stand in the letter, and if there is nobody left to write to, in the list of
    deliveries.
    """

    to: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    apprise: Secret | None = None
    apprise_text: str = ""
    digest: DigestKind = "none"
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a digest or a summary goes to. `digest` tells equal recipients: the email, or the address's keyed hash."""

    kind: Kind
    shown: str
    digest: str
    sealed_address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a digest that is being collected."""

    recipient: Recipient
    every: DigestKind
    due_at: datetime
    status: Status
    title: str
    place: str
    environment_id: int
    chain_id: int
    run_id: int
    at: datetime
    dedupe_key: str


@dataclass(frozen=True, slots=True)
class RunCounts:
    """How the runs of an environment ended in a span of time."""

    succeeded: int = 0
    warned: int = 0
    errored: int = 0
    stopped: int = 0

    @property
    def runs(self) -> int:
        """All of them."""
        return self.succeeded + self.warned + self.errored + self.stopped


@dataclass(frozen=True, slots=True)
class Summary:
    """A subscription: how an environment's runs went, told to one recipient again and again."""

    id: int
    environment_id: int
    environment: str
    workspace: str
    recipient: Recipient
    frequency: Frequency
    next_at: datetime
    created_at: datetime
