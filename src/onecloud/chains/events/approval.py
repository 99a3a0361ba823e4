"""The event Approval: people are asked to accept or reject. Source: product facts 2.12."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from onecloud.approvals.model import (
    DUE_DAYS_MOST,
    EXPIRED,
    GRANTED,
    REFUSED,
    RUNTIME_USER,
    UNASKED,
    ApprovalRequest,
)
from onecloud.approvals.rules import names_in
from onecloud.chains.events.spec import EventSpec
from onecloud.connector.command import ExitCode
from onecloud.connector.context import FileRef
from onecloud.connector.fields import MULTILINE, Inputs, Outputs

ATTACHMENTS_MOST = 20

# Emails as a comma-separated text or as a list.
People = Annotated[str, Field(max_length=20_000)] | list[str]
Days = Annotated[float, Field(gt=0, le=DUE_DAYS_MOST)]


class ApprovalInputs(Inputs):
    """What is to be approved, and by whom."""

    title: str = Field(min_length=1, max_length=200, title="Title", description="What is asked, in one line.")
    approvers: People = Field(
        title="Approvers",
        description=f"Who decides: emails of users, in order. `{RUNTIME_USER}` stands for whoever started the run.",
    )
    type: Literal["sequential", "flat", "single"] = Field(
        "sequential",
        title="Approval type",
        description="sequential: one after another; flat: all at once, and all must accept; single: one approver.",
    )
    due_days: Days = Field(
        7,
        title="Due in (days)",
        description="Time to answer: of each approver when sequential, of all together when flat. 0.5 is half a day.",
    )
    requesters: People = Field(
        "",
        title="Requesters",
        description=f"Who is told the result: emails of users; `{RUNTIME_USER}` stands for whoever started the run.",
    )
    details: str = Field(
        "",
        max_length=20_000,
        title="Details",
        description="What approvers need to know.",
        json_schema_extra=MULTILINE,
    )
    attachments: FileRef | Annotated[list[FileRef], Field(max_length=ATTACHMENTS_MOST)] = Field(
        default_factory=list[FileRef], title="Attachments", description="Files of the run that go with the request."
    )


def approval_request(inputs: ApprovalInputs) -> ApprovalRequest:
    """The inputs as the question that the engine asks."""
    files = inputs.attachments
    return ApprovalRequest(
        title=inputs.title,
        details=inputs.details,
        approvers=names_in(inputs.approvers),
        requesters=names_in(inputs.requesters),
        type=inputs.type,
        due=timedelta(days=inputs.due_days),
        attachments=(files,) if isinstance(files, FileRef) else tuple(files),
    )


class AnswerOut(Outputs):
    """One answer."""

    approver: str = Field(title="Approver", description="Email of who answered.")
    name: str = Field(title="Name", description="Their name.")
    verdict: Literal["accept", "reject"] = Field(title="Verdict", description="What they decided.")
    comment: str = Field(title="Comment", description="What they said beside it; may be empty.")
    at: str = Field(title="At", description="When, in UTC.")
    via: Literal["web", "mail", "api"] = Field(title="Via", description="How the answer came in.")


class ApprovalOutputs(Outputs):
    """How it was decided."""

    status: Literal["approved", "rejected", "expired"] = Field(title="Status", description="What it came to.")
    approver: str = Field(title="Approver", description="Email of whose answer decided; empty when it expired.")
    comment: str = Field(title="Comment", description="Comment of that answer; may be empty.")
    answers: list[AnswerOut] = Field(title="Answers", description="Every answer, in the order in which they came.")


APPROVAL = EventSpec(
    "approval",
    "Approval",
    "Asks people to accept or reject and waits for them; the wait holds no thread and survives a restart.",
    ApprovalInputs,
    ApprovalOutputs,
    (
        ExitCode(GRANTED, "success", "Approved"),
        ExitCode(REFUSED, "error", "Rejected"),
        ExitCode(UNASKED, "error", "Could not be asked"),
        ExitCode(EXPIRED, "error", "Expired"),
    ),
)
