"""Reading JSON: a small value whole, a large array row by row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path as FilePath
from typing import IO, Any, Final, TypeAlias, cast

import ijson  # pyright: ignore[reportMissingTypeStubs] - wrapped here, and only here
from pydantic import JsonValue

from onecloud.connector import CommandFailed, Context, FileRef, Stop
from onecloud.connectors.json.paths import Path, array_prefix
from onecloud.connectors.json.text import as_floats

# A file of an earlier command, or JSON text, or the value itself.
Data: TypeAlias = FileRef | str | list[JsonValue] | dict[str, JsonValue]

_BOM: Final = b"\xef\xbb\xbf"
# Python needs about ten bytes of memory for a byte of JSON.
_GROWTH: Final = 10
_VALUES: Final = frozenset({"start_array", "start_map", "string", "number", "boolean", "null"})
_CHECK_EVERY: Final = 256
_AT_ONCE: Final = 1 << 20


def bad_json(error: Exception) -> CommandFailed:
    """The failure for a text that is no JSON."""
    reason = str(error).split("\n")[0]
    return CommandFailed(1, f"The data is not JSON: {reason}. JSON is read as UTF-8 text.", retryable=False)


def parsed(text: str | bytes, *, exact: bool) -> object:
    """The value of a JSON text; `exact` keeps fractions as decimals.

    Raises: CommandFailed (exit code 1).
    """
    try:
        if isinstance(text, bytes):
            text = text.removeprefix(_BOM).decode()
        return json.loads(text, parse_float=Decimal if exact else None)
    except (ValueError, RecursionError) as error:
        raise bad_json(error) from error


class _Checked:
    """A file that stops being read when its command is cancelled."""

    def __init__(self, stop: Stop, file: IO[bytes]) -> None:
        self._stop = stop
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises: Stopped."""
        self._stop.check()
        return self._file.read(size)


def load(stop: Stop, path: FilePath, limit_bytes: int, *, exact: bool) -> object:
    """The whole value of a file.

    Raises: CommandFailed (exit code 1) when it is no JSON, or too large for the command's memory.
    """
    size = path.stat().st_size
    if size > limit_bytes // _GROWTH:
        message = f"The JSON file has {size:,} bytes, and {limit_bytes // _GROWTH:,} are the most to be read whole. "
        message += "Give a path of names only (as in data.rows), followed while reading, or use Advanced Query."
        raise CommandFailed(1, message, retryable=False)
    if size <= _AT_ONCE:
        return parsed(path.read_bytes(), exact=exact)
    # json.loads would keep every other thread of this process from running until it is done.
    try:
        with path.open("rb") as file:
            _rewind(file)
            values = list(_items(stop, file, ""))
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise bad_json(error) from error
    return values[0] if exact else as_floats(values[0])


async def path_or_value(ctx: Context, data: Data, *, exact: bool) -> tuple[FilePath | None, object]:
    """The file to read, or the value that was given instead.

    Raises: CommandFailed (exit code 1) when a text is no JSON or the file is gone.
    """
    if isinstance(data, FileRef):
        return await ctx.open_file(data), None
    return None, parsed(data, exact=exact) if isinstance(data, str) else data


def rows_of(stop: Stop, path: FilePath | None, value: object, root: Path, limit_bytes: int) -> Iterator[object]:
    """The elements of the array that `root` leads to; an object there counts as an array of one.

    Large files are read row by row when the root is a plain path. Raises: CommandFailed (exit code 1).
    """
    prefix = array_prefix(root.text)
    rows = (
        _streamed(stop, path, prefix, root, limit_bytes)
        if path is not None and prefix is not None
        else _held(load(stop, path, limit_bytes, exact=True) if path is not None else value, root)
    )
    for number, row in enumerate(rows):
        if number % _CHECK_EVERY == 0:
            stop.check()
        yield row


def _held(value: object, root: Path) -> Iterator[object]:
    found = root.search(value)
    if isinstance(found, list):
        yield from cast("list[object]", found)
    elif isinstance(found, Mapping):
        yield cast("object", found)
    else:
        raise _nowhere(root, found is None)


def _streamed(stop: Stop, path: FilePath, prefix: str, root: Path, limit_bytes: int) -> Iterator[object]:
    try:
        with path.open("rb") as file:
            kind = _kind_at(stop, file, prefix)
            if kind not in {"start_array", "start_map"}:
                raise _nowhere(root, kind is None)
            if kind == "start_map":
                yield from _held(load(stop, path, limit_bytes, exact=True), root)
                return
            _rewind(file)
            yield from _items(stop, file, f"{prefix}.item" if prefix else "item")
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise bad_json(error) from error


def _items(stop: Stop, file: IO[bytes], prefix: str) -> Iterator[object]:
    items = cast("Callable[[_Checked, str], Iterator[object]]", cast("Any", ijson).items)
    return items(_Checked(stop, file), prefix)


def _kind_at(stop: Stop, file: IO[bytes], prefix: str) -> str | None:
    """What stands first at a place: the name of ijson's event, or None when the file has no such place."""
    _rewind(file)
    parse = cast("Callable[[_Checked], Iterator[tuple[str, str, object]]]", cast("Any", ijson).parse)
    events = parse(_Checked(stop, file))
    return next((event for place, event, _ in events if place == prefix and event in _VALUES), None)


def _rewind(file: IO[bytes]) -> None:
    file.seek(0)
    if file.read(len(_BOM)) != _BOM:
        file.seek(0)


def _nowhere(root: Path, missing: bool) -> CommandFailed:  # noqa: FBT001
    what = "leads nowhere" if missing else "leads to a single value and not to an array or an object"
    return CommandFailed(1, f"The path to root {root.text!r} {what} in this JSON. Check its names.", retryable=False)
