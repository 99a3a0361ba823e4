"""From a file as it came to a file that DuckDB reads as it is: UTF-8 CSV, Parquet or JSON, on this disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final, Literal, TypeAlias

from onecloud.connector import CommandFailed, Context, FileRef, Stop
from onecloud.connectors.tabular.dialect import Dialect, Header, read_dialect
from onecloud.connectors.tabular.source import AUTO, FileFormat, Source

Kind: TypeAlias = Literal["csv", "parquet", "json"]

_ENDINGS: Final[dict[str, FileFormat]] = {
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Opened:
    """A readable table: `label` is the file's name for people; `dialect` is None unless `kind` is csv."""

    label: str
    path: Path
    kind: Kind
    dialect: Dialect | None
    source: Source


async def local_path(ctx: Context, file: FileRef | str) -> tuple[Path, str]:
    """Where the file lies on this disk, and its name for people.

    Raises: CommandFailed (exit code 1) when there is no such file.
    """
    if isinstance(file, FileRef):
        return await ctx.open_file(file), file.name
    path = ctx.folder_path(file)
    if not path.is_file():
        raise CommandFailed(1, f"There is no file {file!r}.", retryable=False)
    return path, path.name


def format_of(source: Source, label: str) -> FileFormat:
    """The chosen format, or the one that the file's name tells; CSV when it tells none."""
    return _ENDINGS.get(PurePath(label).suffix.lower(), "csv") if source.format == AUTO else source.format


def opened(stop: Stop, source: Source, path: Path, label: str, scratch: Path, header: Header) -> Opened:
    """Make the file readable; a copy in `scratch` when it is a workbook or in another encoding. Blocks.

    Raises: CommandFailed (exit code 2) when the file is not what its format says.
    """
    chosen = format_of(source, label)
    match chosen:
        case "parquet" | "json":
            return Opened(label, path, chosen, None, source)
        case "xlsx":
            from onecloud.connectors.tabular.excel import sheet_to_csv  # its library is loaded for workbooks only

            delimiter = ","
            path = sheet_to_csv(stop, path, label, source.sheet, scratch / "sheet.csv")
        case _:
            delimiter = "\t" if chosen == "tsv" and source.delimiter == AUTO else source.delimiter
            if source.encoding != "utf-8":
                path = _as_utf8(stop, path, label, source.encoding, scratch / "utf8.csv")
    return Opened(label, path, "csv", read_dialect(path, label, delimiter, header), source)


def _as_utf8(stop: Stop, path: Path, label: str, encoding: str, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open(encoding=encoding, newline="") as old, target.open("w", encoding="utf-8", newline="") as new:
            while text := old.read(_CHUNK):
                stop.check()
                new.write(text)
    except UnicodeError as error:
        raise CommandFailed(
            2, f"{label} is not {encoding} ({error}). Choose another encoding.", retryable=False
        ) from error
    return target
