"""Workspace resources as frozen values. Source: product facts 2.17."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Content:
    """What one version holds, and under which key the file store has it.

    `is_text` says whether the bytes are UTF-8 without NUL, so that an editor can show them.
    """

    blob: str
    sha256: str
    size_bytes: int
    is_text: bool


@dataclass(frozen=True, slots=True)
class Version:
    """One content of a resource, never changed afterwards. `number` counts from 1 within the resource."""

    id: int
    resource_id: int
    number: int
    content: Content
    comment: str
    created_by: int | None  # None: the command line
    created_by_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of a workspace. `version` is the newest, which is the one in force."""

    id: int
    workspace_id: int
    name: str
    description: str
    created_at: datetime
    version: Version


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version as it comes in."""

    content: Content
    comment: str = ""
