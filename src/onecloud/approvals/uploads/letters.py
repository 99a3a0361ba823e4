"""The mail that asks somebody for files, as a value; pure."""

from __future__ import annotations

from onecloud.approvals.letters import way
from onecloud.approvals.model import Person
from onecloud.approvals.rules import moment
from onecloud.approvals.uploads.model import Upload
from onecloud.notify.model import Letter


def asking(asked: Upload, person: Person, public_url: str) -> Letter:
    """The mail to somebody who is asked for files."""
    parts = [
        f"A run of the chain {asked.origin.chain_name} waits for files from you.",
        asked.title,
        asked.details.strip(),
        f"Please upload them by {moment(asked.due_at)}.",
        *way(public_url, f"/uploads/{asked.id}", "Sign in and upload them here:", "Approvals"),
    ]
    return Letter(
        to=person.email,
        subject=f"Files asked: {asked.title}",
        text="\n\n".join(part for part in parts if part),
        dedupe_key=f"upload/{asked.id}/person/{person.user_id}",
        run_id=asked.ask.run_id,
        chain_id=asked.origin.chain_id,
    )
