"""What a webhook's request says, as the facts of its trigger; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl

from onecloud.kernel.errors import Malformed
from onecloud.kernel.jsonvalue import Json, parse
from onecloud.triggers.model import Happened

# Senders' ids of a delivery, in the order in which they count.
DELIVERY_IDS: Final = ("webhook-id", "idempotency-key", "x-github-delivery")
LONGEST_ID: Final = 200
# Credentials do not belong into the inputs of a run.
HIDDEN: Final = frozenset({"authorization", "cookie", "proxy-authorization", "webhook-signature"})
FORM: Final = "application/x-www-form-urlencoded"


def delivery_id(headers: Mapping[str, str]) -> str:
    """The sender's id of the request; empty when it gives none.

    Raises: Malformed when it is too long.
    """
    name = next((name for name in DELIVERY_IDS if headers.get(name)), "")
    found = headers.get(name, "")
    if len(found) > LONGEST_ID:
        raise Malformed("hook.delivery_id", f"`{name}` has {len(found)} characters. Use at most {LONGEST_ID}.")
    return found


def happened(headers: Mapping[str, str], query: Iterable[tuple[str, str]], body: bytes) -> Happened:
    """A request as something that happened. Header names are in small letters.

    Raises: Malformed when the body is not what its content type says.
    """
    identity = delivery_id(headers)
    facts: dict[str, Json] = {
        "body": _body(headers.get("content-type", ""), body),
        "query": _grouped(query),
        "headers": {name: value for name, value in headers.items() if name not in HIDDEN},
        "delivery_id": identity,
    }
    return Happened(f"delivery:{identity}" if identity else None, f"delivery {identity}" if identity else "", facts)


def _body(content_type: str, body: bytes) -> Json:
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("hook.body", "The body is not UTF-8 text. Send JSON, a form or text in UTF-8.") from None
    if media_type == FORM:
        try:
            return _grouped(parse_qsl(text, keep_blank_values=True, max_num_fields=1000))
        except ValueError as fault:
            raise Malformed("hook.body", f"The form cannot be read: {fault}. It may have 1000 fields.") from None
    if media_type != "application/json" and not media_type.endswith("+json"):
        return text
    if not text.strip():
        return None
    try:
        return parse(text)
    except (ValueError, RecursionError) as fault:
        raise Malformed("hook.body", f"The body is no JSON, which its content type says it is: {fault}.") from None


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, Json]:
    """Names with their values; one that comes several times has a list."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
