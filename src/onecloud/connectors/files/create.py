"""Create File: a text becomes a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import Field

from onecloud.connector import (
    MULTILINE,
    Command,
    CommandFailed,
    Context,
    FileRef,
    Inputs,
    Outputs,
    Stop,
    TextOrJson,
    safe_name,
)
from onecloud.connector.fields import TextEncoding
from onecloud.connectors.files.endings import DISK, ERROR, SUCCESS, on_disk


class CreateInputs(Inputs):
    """What to write, and how."""

    text: TextOrJson = Field(
        default="",
        title="Text",
        description="The content of the file. A list or an object is written as JSON.",
        examples=["Period 2024-01"],
        json_schema_extra=MULTILINE,
    )
    name: str = Field(default="file.txt", min_length=1, title="File name", description="The name of the new file.")
    encoding: TextEncoding = Field(
        default="utf-8",
        title="Encoding",
        description="How letters become bytes; utf-8-sig begins with a byte order mark, as some spreadsheets want it.",
    )
    line_end: Literal["keep", "lf", "crlf"] = Field(
        default="keep", title="Line ends", description="Leave line ends alone, or make them all LF or all CRLF."
    )


class CreateOutputs(Outputs):
    """The new file."""

    file: FileRef = Field(title="File", description="The new file.")
    size_bytes: int = Field(title="Size in bytes", description="How large the file is.")


def _write(_stop: Stop, path: Path, text: str, inputs: CreateInputs) -> None:
    if inputs.line_end != "keep":
        text = text.replace("\r\n", "\n")
        text = text.replace("\n", "\r\n") if inputs.line_end == "crlf" else text
    try:
        path.write_bytes(text.encode(inputs.encoding))
    except UnicodeEncodeError as error:
        letter = text[error.start]
        message = f"{inputs.encoding} has no {letter!r} (character {error.start + 1}). Choose utf-8."
        raise CommandFailed(ERROR.code, message, retryable=False) from error


async def run(ctx: Context, inputs: CreateInputs) -> CreateOutputs:
    """Write the text into a new file of the store."""
    text = inputs.text if isinstance(inputs.text, str) else json.dumps(inputs.text, ensure_ascii=False, indent=2)
    path = ctx.workdir / "created"
    await on_disk(ctx, _write, path, text, inputs)
    file = await ctx.save_file(path, safe_name(inputs.name))
    return CreateOutputs(file=file, size_bytes=file.size_bytes)


COMMAND = Command(
    id="create",
    title="Create File",
    description="Makes a text file that later commands can use.",
    inputs=CreateInputs,
    outputs=CreateOutputs,
    run=run,
    exit_codes=(SUCCESS, ERROR, DISK),
)
