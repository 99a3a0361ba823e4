"""What the routes of approvals read and answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, Field

from onecloud.approvals.actions import may_edit
from onecloud.approvals.actions.finding import may
from onecloud.approvals.model import (
    DUE_DAYS_MOST,
    PEOPLE_MOST,
    Answered,
    Approval,
    ApprovalState,
    ApprovalType,
    Asked,
    Overdue,
    Person,
    Seat,
    Skipped,
    Verdict,
    Waiting,
    Way,
)
from onecloud.approvals.rules import is_turn_of, next_due
from onecloud.connector.context import FileRef
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal

StandingWord = Literal["waiting", "asked", "accepted", "rejected", "skipped", "overdue"]
Comment = Field("", max_length=20_000, description="What to say beside it; at most 5000 characters.")


class AskedPerson(BaseModel):
    """A user, as they were called when they were asked."""

    email: str
    name: str


class AttachmentOut(BaseModel):
    """A file that goes with the request; `number` counts from 1."""

    number: int
    name: str
    size_bytes: int
    media_type: str


class ApproverOut(BaseModel):
    """One approver and how they stand. `at` is since when; `due_at` until when they may answer, while asked."""

    number: int
    email: str
    name: str
    standing: StandingWord
    at: datetime | None
    due_at: datetime | None
    comment: str
    via: Way | None


class ApprovalBrief(BaseModel):
    """An approval in a list. `your_turn`: the caller's answer is waited for; `may_read_chain`: they may see its run."""

    id: str
    title: str
    type: ApprovalType
    state: ApprovalState
    text: str
    chain_id: str
    chain_name: str
    run_id: str
    requesters: list[AskedPerson]
    your_turn: bool
    may_read_chain: bool
    due_at: datetime | None
    opened_at: datetime
    settled_at: datetime | None


class ApprovalOut(ApprovalBrief):
    """An approval in full. `may_edit`: the caller may skip and add approvers and change the time."""

    details: str
    node_name: str
    due_days: float
    approvers: list[ApproverOut]
    attachments: list[AttachmentOut]
    may_edit: bool


class ApprovalPage(BaseModel):
    """Approvals, newest first."""

    items: list[ApprovalBrief]
    next_cursor: str | None


class AnswerIn(BaseModel):
    """Accept or reject."""

    verdict: Verdict
    comment: str = Comment


class ApprovalEdit(BaseModel):
    """What to change: approvers by number, users by email, and the time to answer, which counts from now."""

    skip: list[int] = Field(default_factory=list[int], max_length=PEOPLE_MOST)
    add: list[str] = Field(default_factory=list[str], max_length=PEOPLE_MOST)
    due_days: float | None = Field(None, gt=0, le=DUE_DAYS_MOST)


class LinkIn(BaseModel):
    """The token of a link."""

    token: str = Field(max_length=200)


class LinkAnswerIn(LinkIn):
    """The token of a link, and the answer."""

    verdict: Verdict
    comment: str = Comment


class LinkOut(BaseModel):
    """What a link asks, and whom."""

    title: str
    details: str
    chain_name: str
    requesters: list[AskedPerson]
    approver: AskedPerson
    type: ApprovalType
    opened_at: datetime
    due_at: datetime
    attachments: list[AttachmentOut]


class LinkAnswerOut(BaseModel):
    """What an answer by a link has made of the approval."""

    state: ApprovalState
    text: str


def person_out(person: Person) -> AskedPerson:
    """A person on the wire."""
    return AskedPerson(email=person.email, name=person.name)


def attachments_out(files: tuple[FileRef, ...]) -> list[AttachmentOut]:
    """Files on the wire."""
    return [
        AttachmentOut(number=number, name=file.name, size_bytes=file.size_bytes, media_type=file.media_type)
        for number, file in enumerate(files, 1)
    ]


def brief(approval: Approval, caller: Principal) -> ApprovalBrief:
    """An approval in a list."""
    return ApprovalBrief(
        id=str(approval.id),
        title=approval.title,
        type=approval.type,
        state=approval.state,
        text=approval.text,
        chain_id=str(approval.origin.chain_id),
        chain_name=approval.origin.chain_name,
        run_id=str(approval.ask.run_id),
        requesters=[person_out(person) for person in approval.requesters],
        your_turn=is_turn_of(approval, caller.user_id),
        may_read_chain=may(caller, Level.READ, approval.origin.chain),
        due_at=next_due(approval),
        opened_at=approval.opened_at,
        settled_at=approval.settled_at,
    )


def whole(approval: Approval, caller: Principal) -> ApprovalOut:
    """An approval in full."""
    return ApprovalOut(
        **dict(brief(approval, caller)),
        details=approval.details,
        node_name=approval.origin.node_name,
        due_days=approval.due / timedelta(days=1),
        approvers=[approver_out(seat) for seat in approval.seats],
        attachments=attachments_out(approval.attachments),
        may_edit=may_edit(caller, approval),
    )


def approver_out(seat: Seat) -> ApproverOut:
    """One approver on the wire."""
    word, at, due_at, comment, via = _standing(seat)
    return ApproverOut(
        number=seat.number,
        email=seat.person.email,
        name=seat.person.name,
        standing=word,
        at=at,
        due_at=due_at,
        comment=comment,
        via=via,
    )


def _standing(seat: Seat) -> tuple[StandingWord, datetime | None, datetime | None, str, Way | None]:
    match seat.standing:
        case Waiting():
            return "waiting", None, None, "", None
        case Asked(at, due_at):
            return "asked", at, due_at, "", None
        case Answered(verdict, comment, at, via):
            return "accepted" if verdict == "accept" else "rejected", at, None, comment, via
        case Skipped(at):
            return "skipped", at, None, "", None
        case Overdue(at):
            return "overdue", at, None, "", None


def link_out(approval: Approval, seat: Seat) -> LinkOut:
    """What a link asks; the seat is asked."""
    assert isinstance(seat.standing, Asked)
    return LinkOut(
        title=approval.title,
        details=approval.details,
        chain_name=approval.origin.chain_name,
        requesters=[person_out(person) for person in approval.requesters],
        approver=person_out(seat.person),
        type=approval.type,
        opened_at=approval.opened_at,
        due_at=seat.standing.due_at,
        attachments=attachments_out(approval.attachments),
    )
