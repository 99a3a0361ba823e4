"""List File Content: the first lines of a text file, and how many there are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import Field

from onecloud.connector import Command, CommandFailed, Context, FileOrPath, Inputs, Outputs, Stop
from onecloud.connector.fields import TextEncoding
from onecloud.connectors.files.endings import DISK, ERROR, NOT_FOUND, SUCCESS, on_disk
from onecloud.connectors.files.places import one_source

# The lines become a value of the run: what is larger belongs into a file.
MAX_PREVIEW_CHARS: Final = 4_000_000
_CHUNK_CHARS: Final = 1 << 20


class ListContentInputs(Inputs):
    """Which lines of which file."""

    file: FileOrPath = Field(
        title="File",
        description="A file of an earlier command, or the path of a file in the allowed folders.",
        examples=["reports/sales.csv"],
    )
    preview_lines: int = Field(
        default=25, ge=0, le=100_000, title="Preview lines", description="How many lines to give."
    )
    offset: int = Field(default=0, ge=0, title="Offset", description="How many lines to pass over first.")
    encoding: TextEncoding = Field(
        default="utf-8", title="Encoding", description="How the bytes of the file become letters."
    )


class ListContentOutputs(Outputs):
    """The lines."""

    lines: list[str] = Field(title="Lines", description="The lines asked for, without their line ends.")
    text: str = Field(title="Text", description="The same lines as one text.")
    line_count: int = Field(title="Line count", description="How many lines the whole file has.")
    size_bytes: int = Field(title="Size in bytes", description="How large the file is.")


def _read(stop: Stop, path: Path, inputs: ListContentInputs) -> tuple[list[str], int]:
    """The lines asked for and the count of all; memory stays at the preview plus one piece."""
    wanted = range(inputs.offset, inputs.offset + inputs.preview_lines)
    lines: list[str] = []
    chars = count = 0
    unended = False  # the last line of a file need not end
    with path.open("r", encoding=inputs.encoding, newline=None) as file:
        while count < wanted.stop and (line := file.readline(MAX_PREVIEW_CHARS + 1)):
            stop.check()
            if count in wanted:
                chars += len(line)
                if chars > MAX_PREVIEW_CHARS:
                    raise _too_long()
                lines.append(line.removesuffix("\n"))
            unended = not line.endswith("\n")
            count += not unended
        while piece := file.read(_CHUNK_CHARS):
            stop.check()
            count += piece.count("\n")
            unended = not piece.endswith("\n")
    return lines, count + unended


def _too_long() -> CommandFailed:
    message = f"The lines asked for have more than {MAX_PREVIEW_CHARS:,} characters, the most that fits a value. "
    return CommandFailed(ERROR.code, message + "Ask for fewer lines, or hand on the file itself.", retryable=False)


async def run(ctx: Context, inputs: ListContentInputs) -> ListContentOutputs:
    """Read some lines, count all."""
    source = await one_source(ctx, inputs.file)
    lines, count = await on_disk(ctx, _read, source.path, inputs)
    ctx.log(f"{source.inner}: {count} lines")
    return ListContentOutputs(
        lines=lines, text="\n".join(lines), line_count=count, size_bytes=source.path.stat().st_size
    )


COMMAND = Command(
    id="list_content",
    title="List File Content",
    description="Gives the first lines of a text file, or some further down, and counts them all.",
    inputs=ListContentInputs,
    outputs=ListContentOutputs,
    run=run,
    exit_codes=(SUCCESS, ERROR, DISK, NOT_FOUND),
)
