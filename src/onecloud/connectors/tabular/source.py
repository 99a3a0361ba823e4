"""The fields by which a command takes a table from a file: what it is, how it is separated, what its columns hold."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field

from onecloud.connector import FileOrPath, Inputs

FileFormat: TypeAlias = Literal["auto", "csv", "tsv", "parquet", "json", "xlsx"]
Encoding: TypeAlias = Literal["utf-8", "utf-16", "windows-1252", "iso-8859-1"]
ColumnType: TypeAlias = Literal["text", "integer", "number", "float", "boolean", "date", "timestamp"]
ReadAs: TypeAlias = Literal["text", "detect"]

AUTO: Final = "auto"
SAME: Final = "same"
_NAMED: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}


def _delimiter(text: str) -> str:
    if text in {AUTO, SAME}:
        return text
    character = _NAMED.get(text, text)
    # A delimiter of more bytes is known to DuckDB and to nobody else; a quote or a line end is none.
    if len(character) != 1 or not character.isascii() or character in '"\r\n\0':
        names = ", ".join(_NAMED)
        raise ValueError(f"{text!r} is no delimiter: give one ASCII character other than a quote, or one of {names}")
    return character


def _known(text: str) -> str:
    if text == SAME:
        raise ValueError("'same' is for results only: give a character, or auto")
    return _delimiter(text)


def _chosen(text: str) -> str:
    if text == AUTO:
        raise ValueError("'auto' is for inputs only: give a character, or same")
    return _delimiter(text)


Delimiter: TypeAlias = Annotated[str, AfterValidator(_known)]
ResultDelimiter: TypeAlias = Annotated[str, AfterValidator(_chosen)]


class Source(Inputs):
    """A table in a file."""

    file: FileOrPath = Field(
        title="File",
        description="The table: a file of an earlier command, or a path in the files folder. "
        "A CSV file follows RFC 4180: one record a line, the same number of fields in each, quotes doubled.",
        examples=["orders.csv"],
    )
    format: FileFormat = Field(
        default="auto",
        title="Format",
        description="How the file is written. auto: by the ending of its name; without a known ending it is CSV.",
    )
    delimiter: Delimiter = Field(
        default=AUTO,
        title="Delimiter",
        description="What separates the fields of a CSV file: one character, or comma, semicolon, tab, pipe, space. "
        "auto: whichever of , ; tab | the first line holds most often outside quotes (tab for a TSV file).",
        examples=["auto", ";", "tab"],
    )
    encoding: Encoding = Field(
        default="utf-8", title="Encoding", description="How the characters of a CSV file are stored."
    )
    sheet: str = Field(
        default="", title="Sheet", description="Which sheet of an Excel workbook to read; empty: the first one."
    )


class TypedSource(Source):
    """A table in a file, with a say in its header and in what its columns hold."""

    has_header: bool = Field(
        default=True,
        title="Has a header",
        description="Whether the first row of a CSV file or sheet names the columns. Without: column1, column2, …",
    )
    column_types: ReadAs = Field(
        default="text",
        title="Column types",
        description="How to read the columns of a CSV file or sheet. text: every value stays as it is written, leading "
        "zeros too, and SQL casts where it counts. detect: a column all of whose values are written as numbers, ISO "
        "dates or true/false gets that type; a column with leading zeros stays text. An empty field is NULL.",
    )
    types: dict[str, ColumnType] = Field(
        default_factory=dict,
        title="Types",
        description="Types of single columns by name, before `column_types`. number is an exact decimal, float a "
        "binary one. A value that is not of its type fails the command, naming the line.",
        examples=[{"amount": "number", "booked_on": "date"}],
    )
