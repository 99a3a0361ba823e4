"""What the fields of commands share: the two base models, hints for the form, and a type or two."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, JsonValue

from onecloud.connector.context import FileRef

# A hint for the form that is derived from the schema: this text has several lines.
MULTILINE: Final[dict[str, JsonValue]] = {"x-widget": "multiline"}

# A file of an earlier command, or the path of a file in the folders that file commands may use.
FileOrPath: TypeAlias = FileRef | str

# Text; a list or an object counts too and becomes JSON text.
TextOrJson: TypeAlias = str | list[JsonValue] | dict[str, JsonValue]

# How the characters of a text file are stored; utf-8-sig begins with a byte order mark, as some spreadsheets want it.
TextEncoding: TypeAlias = Literal["utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-1"]


class Inputs(BaseModel):
    """Base of a command's inputs and of a connection's properties.

    A number may stand where text is wanted (a reference may give one); a field that does not exist is refused;
    the refused value is not repeated in the error, since it may be a secret.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, hide_input_in_errors=True)


class Outputs(BaseModel):
    """Base of a command's outputs."""

    model_config = ConfigDict(frozen=True, extra="forbid")
