"""The nouns of an upload: what is asked for, the files that came, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from onecloud.approvals.model import Ask, Origin, Person
from onecloud.connector.context import FileRef

UploadState: TypeAlias = Literal["open", "completed", "declined", "expired", "cancelled"]

FILES_MOST: Final = 100
ENDINGS_MOST: Final = 50
NAME_MOST: Final = 200  # characters of a file's name; file systems take 255 bytes


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """What a chain asks for. `people` are emails or `Runtime User`; without `endings` any file will do."""

    title: str
    details: str
    people: tuple[str, ...]
    endings: tuple[str, ...] = ()
    most_files: int = 10
    due: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One file that was given, by whom and when."""

    id: int
    file: FileRef
    by: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """A request for files and how it stands. `by` has completed or declined it; `text` says so in a sentence."""

    id: int
    ask: Ask
    origin: Origin
    title: str
    details: str
    people: tuple[Person, ...]
    endings: tuple[str, ...]
    most_files: int
    due_at: datetime
    files: tuple[UploadedFile, ...]
    state: UploadState
    opened_at: datetime
    settled_at: datetime | None = None
    by: Person | None = None
    comment: str = ""
    text: str = ""
