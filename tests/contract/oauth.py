"""What the tests of the OAuth endpoints share."""

from __future__ import annotations

import httpx2

from onecloud.tokens.format import TokenKind, token_text

TOKEN, REVOKE, INTROSPECT = "/oauth/token", "/oauth/revoke", "/oauth/introspect"
UNKNOWN_REFRESH = token_text(TokenKind.REFRESH, b"\x07" * 32)
UNKNOWN_ACCESS = token_text(TokenKind.ACCESS, b"\x07" * 32)


def is_never_stored(answer: httpx2.Response) -> bool:
    return answer.headers["Cache-Control"] == "no-store" and answer.headers["Pragma"] == "no-cache"


def error_of(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of a refusal that keeps to RFC 6749 5.2."""
    assert is_never_stored(answer)
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert set(body) == {"error", "error_description"}
    assert all(" " <= letter <= "~" and letter not in '"\\' for letter in body["error_description"])
    return answer.status_code, body["error"]
