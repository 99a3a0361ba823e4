"""Reading a request to the OAuth endpoints: the form of RFC 6749 and the documented JSON body. Pure; no IO.

Both give the same: named text values, each at most once, empty ones left out. Source: RFC 6749 2.3, 3.1, 3.2.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import parse_qsl, unquote_plus

from onecloud.kernel.secret import Secret
from onecloud.tokens.model import OAuthRefusal
from onecloud.tokens.rules import CLIENT_CHALLENGE

MAX_BODY_BYTES: Final = 16 * 1024
MAX_KEY_LENGTH: Final = 255
FORM_TYPE: Final = "application/x-www-form-urlencoded"
JSON_TYPE: Final = "application/json"
# What these endpoints understand; anything else is ignored, as RFC 6749 3.2 asks.
KNOWN: Final = frozenset(
    {"grant_type", "client_id", "client_secret", "refresh_token", "scope", "token", "token_type_hint"}
)


@dataclass(frozen=True, slots=True, repr=False)
class Fields:
    """The parameters of one request; they may hold tokens and never show themselves."""

    values: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """One parameter; None when it is absent or was empty."""
        return self.values.get(name)


def invalid_request(description: str, status: int = 400) -> OAuthRefusal:
    """The refusal of a request that cannot be read."""
    return OAuthRefusal("invalid_request", description, status=status)


def too_large() -> OAuthRefusal:
    """The refusal of a body over the limit."""
    return invalid_request(f"The body is larger than {MAX_BODY_BYTES} bytes.", 413)


def media_type(content_type: str | None) -> str:
    """The media type without its parameters, in lower case; empty when there is none."""
    return (content_type or "").partition(";")[0].strip().lower()


def read_fields(content_type: str | None, body: bytes, query_names: Sequence[str]) -> Fields | OAuthRefusal:
    """The parameters of a request, or why it cannot be read.

    A parameter in the address is refused: addresses are logged (RFC 6749 2.3.1).
    """
    kind = media_type(content_type)
    if kind not in (FORM_TYPE, JSON_TYPE):
        return invalid_request(f"Send the body as {FORM_TYPE} or as {JSON_TYPE}.", 415)
    if KNOWN.intersection(query_names):
        return invalid_request("Send the parameters in the body, never in the address.")
    if len(body) > MAX_BODY_BYTES:
        return too_large()
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict") if kind == FORM_TYPE else _members(text)
    except (ValueError, RecursionError):
        return invalid_request("The body cannot be read: it is not what its Content-Type says, or not in UTF-8.")
    values: dict[str, str] = {}
    for name, value in pairs:
        if name not in KNOWN:
            continue
        if name in values:
            return invalid_request(f"The parameter {name} is given more than once.")
        if not isinstance(value, str):
            return invalid_request(f"The parameter {name} must be text.")
        values[name] = value
    return Fields({name: value for name, value in values.items() if value})


def _members(text: str) -> list[tuple[str, object]]:
    """The members of a JSON object in order, repeated ones included; null counts as empty.

    Raises: ValueError when the text is not a JSON object.
    """

    def keep(pairs: list[tuple[str, object]]) -> _Pairs:
        return _Pairs(pairs)

    value = cast(object, json.loads(text, object_pairs_hook=keep))
    if not isinstance(value, _Pairs):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error for every unreadable body
    return [(name, "" if member is None else member) for name, member in value.pairs]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """A JSON object as it was written."""

    pairs: list[tuple[str, object]]


# --- who the client is ---


@dataclass(frozen=True, slots=True)
class ClientClaim:
    """The client that a request says it comes from; `secret` is None when it showed none."""

    client_id: str
    secret: Secret | None


def client_claim(authorization: Sequence[str], fields: Fields) -> ClientClaim | OAuthRefusal:
    """The client of a request, from HTTP Basic or from the body, never from both.

    A bearer header is no client authentication and is passed over. Source: RFC 6749 2.3.1 and 3.2.1.
    """
    offered = [value for value in authorization if not value.lower().startswith("bearer ")]
    in_body, secret = fields.get("client_id"), fields.get("client_secret")
    if not offered:
        if in_body is None:
            return invalid_request("The parameter client_id is missing.")
        return ClientClaim(in_body, None if secret is None else Secret(secret))
    basic = _basic(offered[0]) if len(offered) == 1 else None
    if basic is None:
        return unknown_client("The Authorization header cannot be used here; send client_id in the body.")
    if secret is not None or in_body not in (None, basic.client_id):
        return invalid_request("Name the client in the Authorization header or in the body, not in both.")
    return basic


def _basic(header: str) -> ClientClaim | None:
    """Id and secret of a Basic header, each form-url-decoded."""
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        user, colon, password = text.partition(":")
        client_id, secret = unquote_plus(user, errors="strict"), unquote_plus(password, errors="strict")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return ClientClaim(client_id, Secret(secret) if secret else None) if colon and client_id else None


def check_public(claim: ClientClaim) -> OAuthRefusal | None:
    """Refuse a claim that cannot be of an application here: they are public clients and have no secret."""
    if claim.secret is not None:
        return unknown_client("API applications have no client secret; send client_id alone.")
    if not is_visible(claim.client_id) or len(claim.client_id) > MAX_KEY_LENGTH:
        return unknown_client()
    return None


def unknown_client(description: str = "No API application has this client_id.") -> OAuthRefusal:
    """The refusal of a client that is not known. Source: RFC 6749 5.2."""
    return OAuthRefusal("invalid_client", description, status=401, challenge=CLIENT_CHALLENGE, guessed=True)


# --- the Idempotency-Key header ---


def is_visible(text: str) -> bool:
    """Whether a text keeps to printable ASCII (RFC 6749 appendix A: VSCHAR)."""
    return all(" " <= letter <= "~" for letter in text)


def idempotency_key(headers: Sequence[str]) -> str | OAuthRefusal:
    """The request's Idempotency-Key; empty when there is none."""
    given = [value.strip() for value in headers if value.strip()]
    if len(given) > 1:
        return invalid_request("Send one Idempotency-Key, not several.")
    if given and (len(given[0]) > MAX_KEY_LENGTH or not is_visible(given[0])):
        return invalid_request(f"The Idempotency-Key must be 1 to {MAX_KEY_LENGTH} printable ASCII letters.")
    return given[0] if given else ""
