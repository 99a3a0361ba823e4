"""What is written when something happened: which notifications fire, to whom, and in which words."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from onecloud.notify import layout
from onecloud.notify.model import Happening, Notice, Status
from onecloud.notify.rules.texts import one_line

RECIPIENTS_MOST: Final = 50

_PARTING: Final = re.compile(r"[\s,;]+")


def fires(on: Collection[Status], status: Status) -> bool:
    """Whether a notification with these statuses is for this one."""
    return status in on


def recipients(notice: Notice) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The emails of a notice, each once in whatever spelling of upper and lower case, and sentences about the rest."""
    found: dict[str, str] = {}
    for text in notice.to:
        for email in _PARTING.split(text.strip()):
            if email:
                found.setdefault(email.lower(), email)
    emails = tuple(found.values())
    if len(emails) <= RECIPIENTS_MOST:
        return emails, ()
    note = (
        f"This notification names {len(emails)} recipients; {RECIPIENTS_MOST} is the limit, and the last "
        f"{len(emails) - RECIPIENTS_MOST} were not told. Notify fewer people, or a channel that they read."
    )
    return emails[:RECIPIENTS_MOST], (note,)


def title(happening: Happening) -> str:
    """What it happened to."""
    return one_line(f"{happening.chain} → {happening.command}" if happening.command else happening.chain)


def place(happening: Happening) -> str:
    """Where it happened."""
    return one_line(f"{happening.workspace} / {happening.environment}")


def subject(happening: Happening, notice: Notice) -> str:
    """The notice's own subject, or one that says it all."""
    return one_line(notice.subject) or one_line(f"[{happening.environment}] {title(happening)}: {happening.status}")


def facts(happening: Happening) -> list[tuple[str, str]]:
    """What everybody wants to know, in the order of asking."""
    rows = [("State", happening.status), ("Chain", one_line(happening.chain))]
    if happening.command:
        rows.append(("Command", one_line(happening.command)))
    rows += [("Environment", place(happening)), ("Run", str(happening.run_id)), ("Time", shown_time(happening.at))]
    if happening.message.strip():
        rows.append(("Message", one_line(happening.message)))
    return rows


def plain(happening: Happening, own: str, link: str, notes: Sequence[str] = ()) -> str:
    """The plain text: the chain's own words first, then the facts, then where to go."""
    lines = [f"{name}: {value}" for name, value in facts(happening)]
    blocks = [own.strip("\n"), "\n".join(lines), link, *notes]
    return "\n\n".join(block for block in blocks if block.strip())


def page(happening: Happening, notice: Notice, link: str, notes: Sequence[str] = ()) -> str:
    """The same as HTML."""
    parts = [layout.heading(title(happening)), layout.badge(happening.status)]
    if notice.text.strip():
        parts.append(layout.paragraphs(notice.text))
    parts += [layout.facts(facts(happening)[1:]), layout.button("Open the run", link)]
    footer = "You get this because a notification of the chain names you."
    return layout.with_notes(layout.document(subject(happening, notice), parts, footer), notes)


def run_link(public_url: str, run_id: int) -> str:
    """Where the run's page is; empty when the server does not know its own address."""
    return f"{public_url.rstrip('/')}/runs/{run_id}" if public_url else ""


def shown_time(at: datetime) -> str:
    """A moment as people read it, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
