"""Reading an answer: as a value while it is small and text, as a file when it is not."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from email.message import Message
from pathlib import Path
from typing import IO, Final

import httpx2
from pydantic import JsonValue

from onecloud.connector import CommandFailed, Context, FileRef, safe_name
from onecloud.connectors.http.failures import ERROR
from onecloud.connectors.http.shapes import RequestInputs, RequestOutputs

_CHUNK_BYTES: Final = 1 << 18
_EXCERPT_BYTES: Final = 1 << 14
_EXCERPT_CHARS: Final = 500
_TEXT: Final = re.compile(
    r"text/|application/(json|xml|javascript|x-www-form-urlencoded|x-ndjson|yaml|sql)|.*\+(json|xml)"
)


async def excerpt(response: httpx2.Response) -> str:
    """The beginning of a refusal's body in one line, for the message; empty when it is no text."""
    read = bytearray()
    async for chunk in response.aiter_bytes(_EXCERPT_BYTES):
        read += chunk
        if len(read) >= _EXCERPT_BYTES:
            break
    if not _is_text(response):
        return ""
    text = " ".join(bytes(read).decode(_charset(response), errors="replace").split())
    return text if len(text) <= _EXCERPT_CHARS else text[:_EXCERPT_CHARS] + "…"


async def outputs_of(ctx: Context, response: httpx2.Response, inputs: RequestInputs) -> RequestOutputs:
    """Read the whole answer.

    Raises: CommandFailed (exit code 1) when it is longer than allowed, or no text where a value is asked for.
    """
    path = ctx.workdir / "response"
    content, size = await _read(ctx, response, inputs, path)
    text = None if content is None else _decoded(response, content)
    if content is not None and text is None:
        if inputs.response == "value":
            message = f"The answer is {_media_type(response)} and no text. Ask for a file."
            raise CommandFailed(ERROR.code, message, retryable=False)
        path.write_bytes(content)
    file: FileRef | None = None
    if text is None:
        file = await ctx.save_file(path, safe_name(inputs.response_name or _name(response)), _media_type(response))
    return RequestOutputs(
        status_code=response.status_code,
        headers=dict(response.headers),
        text=text or "",
        json_body=_json(ctx, response, text) if text else None,
        file=file,
        size_bytes=size,
        url=str(response.url.copy_with(userinfo=b"")),
    )


async def _read(ctx: Context, response: httpx2.Response, inputs: RequestInputs, path: Path) -> tuple[bytes | None, int]:
    """The body when it fits a value, or None when it is in the file at `path`; and its size."""
    kept = bytearray()
    size = 0
    with ExitStack() as open_files:
        file: IO[bytes] | None = open_files.enter_context(path.open("xb")) if inputs.response == "file" else None
        async for chunk in response.aiter_bytes(_CHUNK_BYTES):
            size += len(chunk)
            if size > inputs.max_response_bytes:
                message = f"The answer is longer than {inputs.max_response_bytes:,} bytes, the largest answer allowed."
                raise CommandFailed(ERROR.code, message, retryable=False)
            if file is None and size <= inputs.value_limit_bytes:
                kept += chunk
                continue
            if inputs.response == "value":
                message = f"The answer is longer than {inputs.value_limit_bytes:,} bytes, the largest value. "
                raise CommandFailed(ERROR.code, message + "Ask for a file.", retryable=False)
            if file is None:
                file = open_files.enter_context(path.open("xb"))
                await ctx.in_thread(file.write, bytes(kept))
            await ctx.in_thread(file.write, chunk)
        return (None if file else bytes(kept)), size


def _media_type(response: httpx2.Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower() or "application/octet-stream"


def _is_text(response: httpx2.Response) -> bool:
    return "content-type" not in response.headers or _TEXT.match(_media_type(response)) is not None


def _charset(response: httpx2.Response) -> str:
    return response.charset_encoding or "utf-8"


def _decoded(response: httpx2.Response, content: bytes) -> str | None:
    """The text, or None when it is none. An empty body is an empty text, whatever its type."""
    if content and not _is_text(response):
        return None
    try:
        return content.decode(_charset(response))
    except (UnicodeDecodeError, LookupError):
        return None


def _json(ctx: Context, response: httpx2.Response, text: str) -> JsonValue:
    if "json" not in _media_type(response):
        return None
    try:
        value: JsonValue = json.loads(text)
    except ValueError as error:
        ctx.log(f"The answer calls itself JSON and is none: {error}")
        return None
    return value


def _name(response: httpx2.Response) -> str:
    """The name that the server gives, else the last part of the address."""
    head = Message()
    head["Content-Disposition"] = response.headers.get("content-disposition", "")
    return head.get_filename() or response.url.path.rstrip("/") or "response"
