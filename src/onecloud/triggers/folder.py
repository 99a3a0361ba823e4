"""What lies in a watched folder now. Everything here blocks, and runs in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePath
from stat import S_ISREG
from typing import Final

from onecloud.connector import CommandFailed, Stop
from onecloud.connector.folders import allowed_path
from onecloud.connectors.files.places import below
from onecloud.kernel.errors import Problem
from onecloud.triggers.appearing import CannotLook, Seen
from onecloud.triggers.model import FileWatch
from onecloud.triggers.object_store import address_problem, is_address, look_in_store

MOST_FILES: Final = 10_000


def place_problem(watch: FileWatch, folders: Sequence[Path], stores: Sequence[str] = ()) -> Problem | None:
    """The fault of where a trigger looks. The folder need not be there yet."""
    if is_address(watch.folder):
        if (problem := address_problem(watch, stores)) is not None:
            return problem
    else:
        try:
            allowed_path(watch.folder, folders)
        except CommandFailed as fault:
            mend = "More folders are opened by the setting ONECLOUD_FILE_ROOTS."
            return Problem("source.folder", fault.message, mend)
    parts = PurePath(watch.pattern).parts
    if ".." in parts or PurePath(watch.pattern).is_absolute() or "\x00" in watch.pattern:
        return Problem("source.pattern", "A pattern stays within its folder.", "Write it as `*.csv` or `**/*.csv`.")
    return None


def too_many() -> CannotLook:
    """The one sentence for a folder with too many files."""
    return CannotLook(
        f"More than {MOST_FILES} files match, the limit. Move away those that are done with, or make the pattern "
        "narrower."
    )


def look(watch: FileWatch, folders: Sequence[Path], stop: Stop, stores: Sequence[str] = ()) -> dict[str, Seen]:
    """The files that match, by the path that file commands take. What links lead out of the open folders is left out.

    Raises: CannotLook; CommandFailed when it is stopped.
    """
    problem = place_problem(watch, folders, stores)
    if problem is not None:
        raise CannotLook(problem.sentence())
    if is_address(watch.folder):
        stored = look_in_store(watch, stop, MOST_FILES)
        if len(stored) > MOST_FILES:
            raise too_many()
        return stored
    base = allowed_path(watch.folder, folders)
    if not base.is_dir():
        raise CannotLook(f"There is no folder `{watch.folder}`. Make it, or name another one.")
    found: dict[str, Seen] = {}
    try:
        for match in below(stop, base, watch.pattern):
            seen = _seen(match.path, folders)
            if seen is not None:
                found[seen.path] = seen
                if len(found) > MOST_FILES:
                    raise too_many()
    except OSError as fault:
        raise CannotLook(f"The folder `{watch.folder}` cannot be read: {fault.strerror}.") from fault
    return found


def _seen(path: Path, folders: Sequence[Path]) -> Seen | None:
    """One file; None for what is no file, is gone again, or lies elsewhere."""
    try:
        real = allowed_path(str(path), folders)
        facts = real.stat()
        path.name.encode("utf-8")  # a name in no text encoding cannot become a value
    except (CommandFailed, FileNotFoundError, UnicodeEncodeError):
        return None
    if not S_ISREG(facts.st_mode):
        return None
    return Seen(
        path=shown(path, folders),
        version=f"{facts.st_size}:{facts.st_mtime_ns}",
        name=path.name,
        folder=shown(path.parent, folders),
        size_bytes=facts.st_size,
        changed_at=datetime.fromtimestamp(facts.st_mtime_ns // 1000 / 1_000_000, UTC),
    )


def shown(path: Path, folders: Sequence[Path]) -> str:
    """A path as chains write it: from the files folder on, or whole when it is elsewhere."""
    home = folders[0].resolve()
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)
