"""The values of a loop's passes, in a file of JSON lines: one for each pass, whatever their number.

A line is `{"v": value}`, or `{"s": sealed}` when the value holds a secret.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final, cast

import ijson  # pyright: ignore[reportMissingTypeStubs] - it has none

from onecloud.infra.crypto import Keyring
from onecloud.kernel.jsonvalue import Json, as_object, dump, parse
from onecloud.kernel.secret import Secret
from onecloud.runs.values import plain, secrets_in
from onecloud.variables.model import Resolved

MOST_PASSES: Final = 1_000_000
EVERY: Final = 1000  # of so many lines one offset is kept, to begin in the middle
SEALED: Final = "iteration"
DELIMITERS: Final = ",;\t|"


class ItemsFault(Exception):
    """The values cannot be had; the text says why, with the limit and the mend."""


def write_items(path: Path, values: Iterable[Resolved], keys: Keyring) -> int:
    """Write the values into a new file; gives their number.

    Raises: ItemsFault.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for value in values:
            if count >= MOST_PASSES:
                raise ItemsFault(f"There are more than {MOST_PASSES} passes, the limit. Split the list.")
            if secrets_in(value):
                line: dict[str, Json] = {"s": keys.seal(dump(plain(value)), SEALED)}
            else:
                line = {"v": plain(value)}
            file.write(dump(line) + "\n")
            count += 1
    return count


def rows_of(path: Path) -> Iterator[dict[str, Json]]:
    """The rows of a CSV file with headers (texts by column), or of JSON lines, or of a JSON array of objects.

    Raises: ItemsFault naming the line.
    """
    try:
        with path.open("rb") as probe:
            first = probe.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if first == b"[":
            with path.open("rb") as stream:
                items = cast(Iterator[Any], ijson.items(stream, "item", use_float=True))
                for number, item in enumerate(items, 1):
                    yield _row(item, f"Item {number}")
        elif first == b"{":
            with path.open(encoding="utf-8-sig") as lines:
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        yield _row(parse(line), f"Line {number}")
        else:
            yield from _csv_rows(path)
    except UnicodeDecodeError as fault:
        raise ItemsFault("The file is not UTF-8 text. Convert it first.") from fault
    except (ValueError, ijson.JSONError) as fault:
        raise ItemsFault(f"The file cannot be read as JSON: {fault}.") from fault


def _row(value: Json, where: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise ItemsFault(f"{where} is not an object, so it is no row.")
    return dict(value)


def _csv_rows(path: Path) -> Iterator[dict[str, Json]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        head = stream.readline()
        stream.seek(0)
        delimiter = max(DELIMITERS, key=head.count)
        reader = csv.reader(stream, delimiter=delimiter)
        names = next(reader, None)
        if names is None:
            return
        if len(set(names)) < len(names):
            raise ItemsFault("The first line names a column twice. Give each column its own name.")
        try:
            for fields in reader:
                if not fields:
                    continue
                if len(fields) != len(names):
                    text = f"Line {reader.line_num} has {len(fields)} fields, the first line names {len(names)}."
                    raise ItemsFault(f"{text} Mend the file, or convert its delimiter first.")
                yield dict(zip(names, fields, strict=True))
        except csv.Error as fault:
            raise ItemsFault(f"Line {reader.line_num} cannot be read as CSV: {fault}.") from fault


class Items:
    """Reading the values again: in their order each costs one line, in the middle at most a thousand."""

    def __init__(self, path: Path, total: int, keys: Keyring) -> None:
        self.total: Final = total
        self._path = path
        self._keys = keys
        self._file: IO[bytes] | None = None
        self._next = 0
        self._offsets = [0]

    def __getitem__(self, index: int) -> Resolved:
        """The value of that pass, counted from 0."""
        file = self._file
        if file is None:
            file = self._file = self._path.open("rb")
        if index < self._next or index - self._next > EVERY:
            mark = min(index // EVERY, len(self._offsets) - 1)
            file.seek(self._offsets[mark])
            self._next = mark * EVERY
        line = b""
        while self._next <= index:
            if self._next % EVERY == 0 and self._next // EVERY == len(self._offsets):
                self._offsets.append(file.tell())
            line = file.readline()
            self._next += 1
        entry = as_object(parse(line))
        if "s" in entry:
            return Secret(self._keys.unseal(str(entry["s"]), SEALED))
        return entry["v"]

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
