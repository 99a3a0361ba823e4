"""What makes a zip archive safe to unpack: judged from its directory, before a byte is written."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
from pathlib import Path
from typing import Final

from onecloud.connector import CommandFailed
from onecloud.connectors.files.endings import ERROR

_END_BYTES: Final = 22  # of the end record, without its comment of up to 65,535 bytes
# An entry of the directory has 46 bytes and a name; a kilobyte leaves room for long names and extra fields.
_ENTRY_BYTES: Final = 1024


def check_directory_size(path: Path, max_entries: int) -> None:
    """Refuse an archive whose directory is far too large, before `zipfile` reads it into memory whole.

    Raises: CommandFailed (exit code 1).
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        start = max(0, size - _END_BYTES - 0xFFFF)
        file.seek(start)
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + _END_BYTES:
            return  # no zip file: zipfile says so
        (directory,) = struct.unpack_from("<L", tail, at + 12)
        if directory == 0xFFFFFFFF and at >= 20:  # ZIP64: the true size is in a record that the locator points at
            (record,) = struct.unpack_from("<Q", tail, at - 12)
            file.seek(min(record, size))
            head = file.read(56)
            if len(head) == 56:
                (directory,) = struct.unpack_from("<Q", head, 40)
    if directory > max_entries * _ENTRY_BYTES:
        raise _too_many(max_entries)


def checked_members(archive: zipfile.ZipFile, max_entries: int, max_total_bytes: int) -> list[zipfile.ZipInfo]:
    """The files of an archive, without its folders.

    Raises: CommandFailed (exit code 1) when one name, link or size is unsafe; then nothing of it may be unpacked.
    """
    members = archive.infolist()
    if len(members) > max_entries:
        raise _too_many(max_entries)
    total = sum(member.file_size for member in members)
    if total > max_total_bytes:
        message = f"The archive unpacks to {total:,} bytes, and {max_total_bytes:,} are allowed. "
        raise _refused(message + "Raise the largest total size if that is right.")
    seen: set[str] = set()
    files: list[zipfile.ZipInfo] = []
    for member in members:
        fault = _fault(member) or ("is in it twice" if member.filename in seen else "")
        if fault:
            raise _refused(f"The archive is refused: {member.filename!r} {fault}.")
        seen.add(member.filename)
        if not member.is_dir():
            files.append(member)
    return files


def _fault(member: zipfile.ZipInfo) -> str:
    """What is wrong with an entry, or nothing."""
    name = member.orig_filename
    parts = re.split(r"[/\\]", name)
    kind = stat.S_IFMT(member.external_attr >> 16)
    if "\0" in name or not name:
        return "has a name that no file can have"
    if parts[0] == "" or re.match(r"[A-Za-z]:", name):
        return "has an absolute name"
    if ".." in parts:
        return "leaves its folder with `..`"
    if "\\" in name:
        return "has a backslash in its name"
    if kind == stat.S_IFLNK:
        return "is a link"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is neither a file nor a folder"
    if member.flag_bits & 0x1:
        return "is encrypted"
    return ""


def _too_many(max_entries: int) -> CommandFailed:
    return _refused(f"The archive has more than {max_entries:,} entries. Raise the most entries if that is right.")


def _refused(message: str) -> CommandFailed:
    return CommandFailed(ERROR.code, message, retryable=False)
