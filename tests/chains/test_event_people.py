"""The events Approval and Runtime File Upload as chains declare them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from onecloud.chains.events import EVENTS
from onecloud.chains.events.approval import ApprovalInputs, approval_request
from onecloud.chains.events.upload import UploadInputs, upload_request
from onecloud.connector.context import FileRef

FILE = {"kind": "file", "name": "a.csv", "blob": "runs/1/a.csv", "size_bytes": 1, "media_type": "text/csv"}


def test_an_approval_is_asked_as_it_is_written() -> None:
    inputs = ApprovalInputs.model_validate(
        {
            "title": "Close the month",
            "approvers": "bob@x.com, Runtime User",
            "requesters": ["ada@x.com"],
            "type": "flat",
            "due_days": "0.5",
            "attachments": FILE,
        }
    )
    request = approval_request(inputs)
    assert request.approvers == ("bob@x.com", "Runtime User")
    assert request.requesters == ("ada@x.com",)
    assert (request.type, request.due) == ("flat", timedelta(hours=12))
    assert request.attachments == (FileRef.model_validate(FILE),)
    many = approval_request(
        ApprovalInputs.model_validate({"title": "t", "approvers": "a", "attachments": [FILE, FILE]})
    )
    assert len(many.attachments) == 2


def test_an_upload_is_asked_as_it_is_written() -> None:
    inputs = UploadInputs.model_validate({"title": "Figures", "endings": "csv, xlsx", "max_files": 2})
    request = upload_request(inputs)
    assert request.people == ("Runtime User",)
    assert (request.endings, request.most_files, request.due) == ((".csv", ".xlsx"), 2, timedelta(days=7))


@pytest.mark.parametrize(
    "faulty",
    [
        {"title": "", "approvers": "a"},
        {"title": "t"},
        {"title": "t", "approvers": "a", "due_days": 0},
        {"title": "t", "approvers": "a", "due_days": 401},
        {"title": "t", "approvers": "a", "type": "any"},
        {"title": "t", "approvers": "a", "attachments": "a.csv"},
        {"title": "t", "approvers": "a", "attachments": [FILE] * 21},
    ],
)
def test_faulty_inputs_of_an_approval_are_refused(faulty: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ApprovalInputs.model_validate(faulty)


def test_both_events_declare_how_they_end() -> None:
    for name in ("approval", "file_upload"):
        assert [(code.code, code.means) for code in EVENTS[name].exit_codes] == [
            (0, "success"),
            (1, "error"),
            (2, "error"),
            (3, "error"),
        ]
