"""Whom a chain or a command tells about its results, and in which words; pure. Source: product facts 5.7."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import ConfigDict, Field

from onecloud.notify.model import DigestKind, Status

STRICT = ConfigDict(extra="forbid", strict=True)
Template = Annotated[str, Field(max_length=4000)]


@dataclass(frozen=True, slots=True)
class EmailNotice:
    """A mail to users of the server. It always says what happened where, and links to the run."""

    __pydantic_config__ = STRICT

    to: Annotated[
        tuple[Template, ...],
        Field(
            strict=False,
            min_length=1,
            max_length=50,
            description="Emails of users who may see the chain; references may stand for one or several.",
        ),
    ]
    subject: Annotated[str, Field(max_length=1000, description="Subject; else the chain's name and its result.")] = ""
    text: Annotated[
        str, Field(max_length=100_000, description="Text above the facts; outputs are inserted by reference.")
    ] = ""
    attach: Annotated[
        tuple[Template, ...],
        Field(
            strict=False,
            max_length=20,
            description="Files that go along: references to file outputs, 10 MB in all.",
        ),
    ] = ()


@dataclass(frozen=True, slots=True)
class NotificationSpec:
    """One notification of a chain or of a command: when, to whom, and what."""

    __pydantic_config__ = STRICT

    on: Annotated[
        tuple[Status, ...], Field(strict=False, min_length=1, max_length=6, description="Results that are told.")
    ] = ("errored",)
    email: Annotated[EmailNotice | None, Field(description="A mail to users.")] = None
    apprise: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=4000,
            description="Apprise address of a channel: a reference to an encrypted variable, since it is a secret.",
        ),
    ] = None
    apprise_text: Annotated[
        str, Field(max_length=100_000, description="Text of the message to `apprise`; else that of the mail.")
    ] = ""
    digest: Annotated[
        DigestKind,
        Field(description="Tell at once (`none`), or collect one line for each into an hourly or a daily digest."),
    ] = "none"
