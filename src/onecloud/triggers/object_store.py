"""What lies in a watched folder of an object store, by fsspec. Everything here blocks, and runs in a thread."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final

import fsspec  # pyright: ignore[reportMissingTypeStubs] - it has none

from onecloud.connector import Stop
from onecloud.kernel.errors import Problem
from onecloud.triggers.appearing import CannotLook, Seen
from onecloud.triggers.model import FileWatch

# What stores call the mark of a version, and the time of writing; the first that is there counts.
MARKS: Final = ("ETag", "etag", "md5Hash", "version_id", "LastModified", "last_modified", "updated", "mtime", "created")
TIMES: Final = ("LastModified", "last_modified", "updated", "mtime", "created")


def is_address(folder: str) -> bool:
    """Whether a folder is one of an object store, such as `s3://bucket/in`."""
    return "://" in folder


def address_problem(watch: FileWatch, stores: Sequence[str]) -> Problem | None:
    """The fault of a folder of an object store: it must be within one that the operator has opened."""
    folder = watch.folder.rstrip("/")
    outside = ".." in folder.split("/") or not any(
        folder == one.rstrip("/") or folder.startswith(one.rstrip("/") + "/") for one in stores
    )
    if not outside:
        return None
    listed = f"({', '.join(stores)})" if stores else "(there are none)"
    message = f"`{watch.folder}` is in none of the folders of object stores that may be watched {listed}."
    return Problem("source.folder", message, "More are opened by the setting ONECLOUD_WATCH_STORES.")


def look_in_store(watch: FileWatch, stop: Stop, most: int) -> dict[str, Seen]:
    """The files that match, by their whole address, at most one more than `most`.

    Raises: CannotLook.
    """
    fs, base = _opened(watch.folder)
    wild = watch.pattern.split("/")
    try:
        fs.invalidate_cache()  # else it answers with what it saw before
        listed: list[Mapping[str, Any]]
        listed = list(fs.find(base, detail=True).values()) if len(wild) > 1 else fs.ls(base, detail=True)
    except FileNotFoundError as fault:
        # Stores have no folders: one without a file is not there, and is empty all the same. Its bucket must be there.
        bucket, _, inside = str(base).strip("/").partition("/")
        if inside and fs.exists(bucket):
            return {}
        raise CannotLook(f"There is no folder `{watch.folder}`. Make it, or name another one.") from fault
    except Exception as fault:  # each store has errors of its own
        raise CannotLook(f"The folder `{watch.folder}` cannot be read ({type(fault).__name__}).") from fault
    found: dict[str, Seen] = {}
    for facts in listed:
        stop.check()
        inner = str(facts["name"]).strip("/").removeprefix(str(base).strip("/")).strip("/")
        if facts.get("type") == "file" and inner and fits(inner.split("/"), wild):
            seen = _seen(fs, facts)
            found[seen.path] = seen
            if len(found) > most:
                break
    return found


def _opened(folder: str) -> tuple[Any, str]:
    opener: Any = fsspec
    try:
        fs, base = opener.core.url_to_fs(folder)
    except (ImportError, ValueError) as fault:
        kind = folder.partition("://")[0]
        raise CannotLook(f"This server cannot read `{kind}://`: {fault}. Install its fsspec package.") from fault
    except Exception as fault:  # wrong credentials, no network: each store has errors of its own
        raise CannotLook(f"`{folder}` cannot be opened ({type(fault).__name__}).") from fault
    return fs, base


def fits(parts: Sequence[str], wild: Sequence[str]) -> bool:
    """Whether a path fits a pattern, by the rule that file commands have."""
    if not wild:
        return not parts
    here, rest = wild[0], wild[1:]
    if not parts or (parts[0].startswith(".") and not here.startswith(".")):
        return False
    if here == "**":
        return fits(parts, rest or ["*"]) or (len(parts) > 1 and fits(parts[1:], wild))
    return fnmatchcase(parts[0], here) and fits(parts[1:], rest)


def _seen(fs: Any, facts: Mapping[str, Any]) -> Seen:
    path, size = str(fs.unstrip_protocol(facts["name"])), int(facts.get("size") or 0)
    mark = next((str(facts[name]) for name in MARKS if facts.get(name)), "")
    folder, _, name = path.rpartition("/")
    return Seen(
        path=path,
        version=f"{size}:{hashlib.sha256(mark.encode()).hexdigest()[:32]}",
        name=name,
        folder=folder,
        size_bytes=size,
        changed_at=_moment(next((facts[name] for name in TIMES if facts.get(name)), None)),
    )


def _moment(value: Any) -> datetime | None:
    """When a file was written, if the store says so in a form that is understood."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
