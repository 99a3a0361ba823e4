"""What comes in with requests about chains: ids, conditions, documents, states, and files of bounded size."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Final

from fastapi import Header, Request
from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import File, parse_options_header

from onecloud.chains.actions import named
from onecloud.chains.document import Parsed, invalid, parse_document, parse_value
from onecloud.chains.editing_shapes import DocumentIn
from onecloud.chains.moving_shapes import CreateIn
from onecloud.chains.package import MOST_FILE_BYTES, too_large
from onecloud.infra.conditional import etag, required_tag, seen_tag
from onecloud.kernel.errors import Invalid, Malformed, NotFound, Problem
from onecloud.workspaces import rules as places

REVISION: Final = re.compile(r"[0-9]{1,9}")
FORM_BYTES: Final = 100_000  # of a multipart body beside the file itself

IfMatch = Annotated[str | None, Header(description='Revision of the draft that this is about, such as `"7"`.')]


def chain_row(chain_id: str) -> int:
    """The row of a chain's id.

    Raises: NotFound for a text that can name none.
    """
    row = places.row_id(chain_id)
    if row is None:
        raise NotFound("chain.not_found", f"There is no chain {chain_id[:40]}.")
    return row


def environment_row(environment_id: str) -> int:
    """The row of an environment's id.

    Raises: NotFound for a text that can name none.
    """
    row = places.row_id(environment_id)
    if row is None:
        raise NotFound("environment.not_found", f"There is no environment {environment_id[:40]}.")
    return row


def revision_of(if_match: str | None) -> int:
    """The revision that a change was made from; a draft is never overwritten blindly.

    Raises: Unconditional without one; Malformed, also for `*`.
    """
    return _revision(required_tag(if_match))


def maybe_revision(if_match: str | None) -> int | None:
    """The revision that a request is about, if it says one.

    Raises: Malformed.
    """
    return None if if_match is None else _revision(seen_tag(if_match))


def _revision(tag: str | None) -> int:
    if tag is None or REVISION.fullmatch(tag) is None:
        raise Malformed("if_match.invalid", 'The header If-Match must be a revision of the draft, such as "7".')
    return int(tag)


def revision_tag(revision: int) -> dict[str, str]:
    """The header that names a draft's revision."""
    return etag(str(revision))


def parsed_of(body: DocumentIn) -> Parsed:
    """The chain of a body.

    Raises: Invalid `chain.document`.
    """
    if body.text is not None and body.document is None:
        return parse_document(body.text)
    if body.document is not None and body.text is None:
        return parse_value(body.document)
    raise invalid((Problem("body", "Give either `document` or `text`."),))


def new_chain_of(body: CreateIn) -> Parsed:
    """The chain that is to be made: its document under the given name, or nothing but a name.

    Raises: Invalid `chain.document`.
    """
    if body.name is None:
        return parsed_of(body)
    if body.text is None:
        return parse_value({"onecloud": 1, **(body.document or {}), "name": body.name})
    parsed = parsed_of(body)
    return replace(parsed, definition=named(parsed.definition, body.name))


async def uploaded_file(request: Request, field: str = "file") -> bytes:
    """The file of a multipart body; of a body over the limit nothing more is read.

    Raises: Malformed when there is no such file; Invalid `chain_file.too_large`.
    """
    limit = MOST_FILE_BYTES + FORM_BYTES
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:18]) > limit:
        raise too_large(int(declared[:18]))
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise _no_file(field)
    found: list[File] = []
    size = 0
    try:
        # In memory as a whole: it is small, and is taken apart right after.
        parser = FormParser(
            kind.decode(), None, found.append, boundary=options[b"boundary"], config={"MAX_MEMORY_FILE_SIZE": limit}
        )
        async for piece in request.stream():
            size += len(piece)
            if size > limit:
                raise too_large(size)
            parser.write(piece)
        parser.finalize()
    except FormParserError as fault:
        raise Malformed("request.malformed", "The multipart body cannot be read.") from fault
    file = next((one for one in found if one.field_name == field.encode()), None)
    if file is None:
        raise _no_file(field)
    file.file_object.seek(0)
    return file.file_object.read()


def _no_file(field: str) -> Malformed:
    return Malformed("request.malformed", f"Send the file as multipart/form-data in a field named `{field}`.")


def as_bad_request(fault: Invalid) -> Malformed:
    """The same refusal as a 400, where a contract has no other."""
    return Malformed(fault.code, fault.message, problems=fault.problems)
