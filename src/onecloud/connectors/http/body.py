"""The body of a request, sent a piece at a time: a large file is never in memory, and a redirect can send it again."""

from __future__ import annotations

import json
import mimetypes
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from onecloud.connector import Context, FileRef, local_file
from onecloud.connectors.http.shapes import Fields, FilePart, RequestInputs, Scalar

_CHUNK_BYTES: Final = 1 << 20


class Pieces:
    """Bytes and files, one after the other; every iteration begins anew."""

    def __init__(self, ctx: Context, parts: list[bytes | Path]) -> None:
        self._ctx = ctx
        self._parts = parts
        self.length = sum(len(part) if isinstance(part, bytes) else part.stat().st_size for part in parts)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
                continue
            with part.open("rb") as file:
                while chunk := await self._ctx.in_thread(file.read, _CHUNK_BYTES):
                    yield chunk


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent, and its media type; no content for a request without a body."""

    content: bytes | Pieces | None
    content_type: str

    def headers(self) -> dict[str, str]:
        """The headers that describe the body."""
        if self.content is None:
            return {}
        length = len(self.content) if isinstance(self.content, bytes) else self.content.length
        return {"Content-Type": self.content_type, "Content-Length": str(length)}


async def body_of(ctx: Context, inputs: RequestInputs) -> Body:
    """The body that the inputs describe.

    Raises: CommandFailed (exit code 1) when a file is missing or not allowed.
    """
    given = inputs.content_type
    if inputs.body_text is not None:
        return Body(inputs.body_text.encode(), given or "text/plain; charset=utf-8")
    if inputs.body_json is not None:
        return Body(json.dumps(inputs.body_json, ensure_ascii=False).encode(), given or "application/json")
    if inputs.body_file is not None:
        path, name = await local_file(ctx, inputs.body_file)
        return Body(Pieces(ctx, [path]), given or _media_type(inputs.body_file, name))
    if inputs.body_files:
        return await _multipart(ctx, inputs.body_form, inputs.body_files)
    if inputs.body_form:
        content = urlencode(list(pairs(inputs.body_form))).encode()
        return Body(content, given or "application/x-www-form-urlencoded")
    return Body(None, "")


def pairs(fields: Fields) -> Iterator[tuple[str, str]]:
    """Names and values as text: a list repeats its name, null is left out, booleans are `true` and `false`."""
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                yield name, _text(item)


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _media_type(file: FileRef | str, name: str) -> str:
    known = file.media_type if isinstance(file, FileRef) else mimetypes.guess_type(name)[0]
    return known or "application/octet-stream"


async def _multipart(ctx: Context, form: Fields, files: list[FilePart]) -> Body:
    """Source: RFC 7578; names are quoted as HTML says, multipart/form-data encoding algorithm."""
    boundary = secrets.token_hex(16)
    parts: list[bytes | Path] = []
    for name, value in pairs(form):
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'
        parts.append(f"{head}{value}\r\n".encode())
    for item in files:
        path, name = await local_file(ctx, item.file)
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(item.field)}"; '
        head += f'filename="{_quoted(item.name or name)}"\r\n'
        media_type = _line(item.media_type) or _media_type(item.file, name)
        parts += [f"{head}Content-Type: {media_type}\r\n\r\n".encode(), path, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return Body(Pieces(ctx, parts), f"multipart/form-data; boundary={boundary}")


def _quoted(name: str) -> str:
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _line(text: str) -> str:
    return "".join(text.splitlines())
