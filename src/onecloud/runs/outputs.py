"""Outputs of an attempt as a person may see them: values cut for the screen, the first lines of text files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from onecloud import connectors
from onecloud.connector.context import FileRef
from onecloud.infra.blobs import BlobMissing, Blobs
from onecloud.kernel.errors import NotFound
from onecloud.kernel.jsonvalue import Json, dump
from onecloud.kernel.secret import MASK
from onecloud.runs.facts import shown_outputs
from onecloud.runs.records import ResultRecord
from onecloud.runs.shapes import OutputOut, kind_of

SHOWN_CHARS: Final = 20_000
PREVIEW_BYTES: Final = 64 * 1024
TEXT_TYPES: Final = ("text/", "application/json", "application/xml", "application/yaml", "application/sql")


def outputs_out(blobs: Blobs, result: ResultRecord, command: str) -> list[OutputOut]:
    """The outputs of an attempt in the order of the command's outputs."""
    known = connectors.find_command(command)
    fields = {} if known is None else known.outputs.model_fields
    titles = {name: field.title or name.replace("_", " ").capitalize() for name, field in fields.items()}
    try:
        values = shown_outputs(blobs, result)
    except BlobMissing as missing:
        raise NotFound("output.gone", "The outputs of this result are no longer stored.") from missing
    return [
        _file(blobs, result, name, titles.get(name, name), FileRef.model_validate(value))
        if kind_of(value) == "file"
        else _value(name, titles.get(name, name), value)
        for name, value in values.items()
    ]


def _value(name: str, title: str, value: Json) -> OutputOut:
    text = value if isinstance(value, str) else dump(value)
    truncated = len(text) > SHOWN_CHARS
    return OutputOut(
        name=name,
        title=title,
        kind=kind_of(value),
        value=text[:SHOWN_CHARS] if truncated else value,
        truncated=truncated,
        masked=MASK in text,
        file_name=None,
        size_bytes=None,
        media_type=None,
        preview=None,
        url=None,
    )


def _file(blobs: Blobs, result: ResultRecord, name: str, title: str, file: FileRef) -> OutputOut:
    preview, truncated = _preview(blobs, file)
    return OutputOut(
        name=name,
        title=title,
        kind="file",
        value=None,
        truncated=truncated,
        masked=False,
        file_name=file.name,
        size_bytes=file.size_bytes,
        media_type=file.media_type,
        preview=preview,
        url=f"/api/v2/results/{result.id}/files/{quote(name)}",
    )


def _preview(blobs: Blobs, file: FileRef) -> tuple[str | None, bool]:
    """The first whole lines of a text file, and whether there is more; None for a file that is not text."""
    if not file.media_type.startswith(TEXT_TYPES):
        return None, False
    try:
        with blobs.existing(file.blob).open("rb") as stream:
            data = stream.read(PREVIEW_BYTES + 1)
    except (BlobMissing, ValueError):
        return None, False
    if b"\x00" in data:
        return None, False
    if len(data) <= PREVIEW_BYTES:
        return data.decode("utf-8", "replace"), False
    cut = data.rfind(b"\n", 0, PREVIEW_BYTES)
    return data[: cut + 1 if cut >= 0 else PREVIEW_BYTES].decode("utf-8", "replace"), True


def output_file(blobs: Blobs, outputs: Mapping[str, Json], name: str) -> tuple[FileRef, Path]:
    """The file of one output, and where it lies.

    Raises: NotFound when the output is no file, or the file is no longer stored.
    """
    value = outputs.get(name)
    if kind_of(value) != "file":
        raise NotFound("output.not_found", f"This result has no file output {name!r}.")
    file = FileRef.model_validate(value)
    try:
        return file, blobs.existing(file.blob)
    except (BlobMissing, ValueError) as missing:
        raise NotFound("output.gone", f"The file {file.name!r} is no longer stored.") from missing
