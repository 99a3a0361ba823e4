"""Which files of a folder count now: what is new, what is still being written, what has been dealt with; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from onecloud.kernel.jsonvalue import Json
from onecloud.triggers.model import FileWatch, Happened

Event: TypeAlias = Literal["created", "changed"]


class CannotLook(Exception):
    """The folder cannot be looked at; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it is now. `version` changes whenever it is written."""

    path: str
    version: str
    name: str
    folder: str
    size_bytes: int
    changed_at: datetime | None  # None: its store does not say


@dataclass(frozen=True, slots=True)
class Known:
    """A file as it was seen before. `since` is when this version was first seen; `done`: nothing more comes of it."""

    path: str
    version: str
    since: datetime
    event: Event
    done: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the folder comes to: what to write down, what to forget, and what is ready to start a run."""

    new: list[Known] = field(default_factory=list[Known])
    changed: list[Known] = field(default_factory=list[Known])
    gone: list[str] = field(default_factory=list[str])
    ready: list[Known] = field(default_factory=list[Known])


def compare(
    known: Mapping[str, Known], seen: Mapping[str, Seen], watch: FileWatch, now: datetime, *, first: bool
) -> Look:
    """What has come of the folder since the last look; `first`: nobody has looked before.

    A file is ready when its version has stayed the same for the time that the trigger asks for: one that is still
    being written, or read in from elsewhere, gets another version again and again.
    """
    stable = timedelta(seconds=watch.stable_for_s)
    look = Look(gone=[path for path in known if path not in seen])
    for path in sorted(seen):
        before, version = known.get(path), seen[path].version
        if before is None:
            here = Known(path, version, now, "created", done=first and not watch.existing)
            look.new.append(here)
        elif before.version == version:
            here = before
        elif before.done:
            here = Known(path, version, now, "changed", done=not watch.changes)
            look.changed.append(here)
        else:
            here = replace(before, version=version, since=now)
            look.changed.append(here)
        if not here.done and now - here.since >= stable:
            look.ready.append(here)
    return look


def happened(seen: Seen, event: Event) -> Happened:
    """A file that is ready, as something that happened: once for each version."""
    facts: dict[str, Json] = {
        "path": seen.path,
        "name": seen.name,
        "folder": seen.folder,
        "size_bytes": seen.size_bytes,
        "changed_at": "" if seen.changed_at is None else seen.changed_at.isoformat(timespec="seconds"),
        "event": event,
    }
    return Happened(f"file:{seen.version}:{seen.path}", f"file {seen.path} {event}", facts)
