"""The event Runtime File Upload: a person is asked for files. Source: product facts 2.12."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from onecloud.approvals.model import EXPIRED, GRANTED, REFUSED, RUNTIME_USER, UNASKED
from onecloud.approvals.rules import names_in
from onecloud.approvals.uploads.model import FILES_MOST, UploadRequest
from onecloud.approvals.uploads.rules import endings_in
from onecloud.chains.events.approval import Days, People
from onecloud.chains.events.spec import EventSpec
from onecloud.connector.command import ExitCode
from onecloud.connector.context import FileRef
from onecloud.connector.fields import MULTILINE, Inputs, Outputs

# Endings of file names as a comma-separated text or as a list.
Endings = Annotated[str, Field(max_length=2_000)] | list[str]


class UploadInputs(Inputs):
    """Which files are asked for, and of whom."""

    title: str = Field(min_length=1, max_length=200, title="Title", description="What is asked for, in one line.")
    people: People = Field(
        RUNTIME_USER,
        title="People",
        description=f"Who is asked: emails of users; the first who has all files completes it for everybody. "
        f"`{RUNTIME_USER}` stands for whoever started the run.",
    )
    details: str = Field(
        "",
        max_length=20_000,
        title="Details",
        description="What people need to know to find the right files.",
        json_schema_extra=MULTILINE,
    )
    due_days: Days = Field(7, title="Due in (days)", description="Time to upload. 0.5 is half a day.")
    endings: Endings = Field(
        "", title="Allowed endings", description="Endings of file names, such as `.csv, .xlsx`. Empty: any file."
    )
    max_files: int = Field(
        10, ge=1, le=FILES_MOST, title="Number of files", description="How many files may be given at most."
    )


def upload_request(inputs: UploadInputs) -> UploadRequest:
    """The inputs as the question that the engine asks."""
    return UploadRequest(
        title=inputs.title,
        details=inputs.details,
        people=names_in(inputs.people),
        endings=endings_in(inputs.endings),
        most_files=inputs.max_files,
        due=timedelta(days=inputs.due_days),
    )


class UploadOutputs(Outputs):
    """What was given."""

    status: Literal["completed", "declined", "expired"] = Field(title="Status", description="What it came to.")
    files: list[FileRef] = Field(title="Files", description="Every file, in the order in which they came.")
    file: FileRef | None = Field(title="File", description="The first file.")
    by: str = Field(title="By", description="Email of who completed or declined it; empty when it expired.")
    comment: str = Field(title="Comment", description="What they said beside it; may be empty.")


UPLOAD = EventSpec(
    "file_upload",
    "Runtime File Upload",
    "Asks people to upload files for the nodes that follow, and waits for them.",
    UploadInputs,
    UploadOutputs,
    (
        ExitCode(GRANTED, "success", "Uploaded"),
        ExitCode(REFUSED, "error", "Declined"),
        ExitCode(UNASKED, "error", "Could not be asked"),
        ExitCode(EXPIRED, "error", "Expired"),
    ),
)
