"""The mails that approvals send, as values; pure."""

from __future__ import annotations

from collections.abc import Sequence

from onecloud.approvals.model import Approval, Asked, Seat
from onecloud.approvals.rules import answers, listed, moment
from onecloud.connector.context import FileRef
from onecloud.notify.model import Attachment, Letter

NO_ADDRESS = (
    "This server does not know the address that it is reached by, so this mail has no link. An administrator sets "
    "ONECLOUD_PUBLIC_URL to change that."
)


def asking(approval: Approval, seat: Seat, public_url: str, path: str) -> Letter:
    """The mail to an approver who is asked now; `path` is their own signed link."""
    assert isinstance(seat.standing, Asked)
    names = [one.name for one in approval.requesters]
    who = f"{listed(names)} {'asks' if len(names) == 1 else 'ask'}" if names else "A run asks"
    parts = [
        f"{who} for your approval, in the chain {approval.origin.chain_name}.",
        approval.title,
        approval.details.strip(),
        f"Please answer by {moment(seat.standing.due_at)}.",
        *way(public_url, path, "To look at it and to accept or reject, open", "Approvals"),
    ]
    if public_url:
        parts.append(
            "The link is for you alone: whoever has it can answer in your name. Opening it answers nothing yet."
        )
    return Letter(
        to=seat.person.email,
        subject=f"Approval asked: {approval.title}",
        text="\n\n".join(part for part in parts if part),
        attachments=attached(approval.attachments),
        dedupe_key=f"approval/{approval.id}/seat/{seat.number}",
        run_id=approval.ask.run_id,
        chain_id=approval.origin.chain_id,
    )


def result(approval: Approval, public_url: str) -> list[Letter]:
    """The mails to the requesters when an approval has settled."""
    said = [
        f"{person.name} {'accepted' if given.verdict == 'accept' else 'rejected'} on {moment(given.at)}"
        + (f": {given.comment.strip()}" if given.comment.strip() else ".")
        for person, given in answers(approval)
    ]
    parts = [
        f"{approval.title} (chain {approval.origin.chain_name})",
        approval.text,
        "\n".join(said),
        *way(public_url, f"/approvals/{approval.id}", "The whole of it:", "Approvals"),
    ]
    return [
        Letter(
            to=person.email,
            subject=f"{approval.state.capitalize()}: {approval.title}",
            text="\n\n".join(part for part in parts if part),
            dedupe_key=f"approval/{approval.id}/result/{person.user_id}",
            run_id=approval.ask.run_id,
            chain_id=approval.origin.chain_id,
        )
        for person in approval.requesters
    ]


def way(public_url: str, path: str, words: str, page: str) -> list[str]:
    """How to come to the page: an address, or a hint where this server knows none of its own."""
    base = public_url.rstrip("/")
    return [f"{words} {base}{path}"] if base else [f"Open the page {page} in OneCloud.", NO_ADDRESS]


def attached(files: Sequence[FileRef]) -> tuple[Attachment, ...]:
    """Files of a run as attachments of a mail."""
    return tuple(Attachment(file.blob, file.name, file.size_bytes, file.media_type) for file in files)
