"""How a request can go wrong: exit codes, and sentences that name the server and the mend."""

from __future__ import annotations

import ssl
from typing import Final

import httpx2

from onecloud.connector import CommandFailed, ExitCode
from onecloud.kernel.secret import redact

SUCCESS: Final = ExitCode(0, "success", "Success")
ERROR: Final = ExitCode(1, "error", "Wrong inputs, or an answer that is too long")
CLIENT_ERROR: Final = ExitCode(2, "error", "The server refused (4xx)")
SERVER_ERROR: Final = ExitCode(3, "error", "The server failed (5xx)")
NO_ANSWER: Final = ExitCode(4, "error", "No answer")
SIGN_IN: Final = ExitCode(5, "error", "Sign-in refused (401, 403, 407)")
EXIT_CODES: Final = (SUCCESS, ERROR, CLIENT_ERROR, SERVER_ERROR, NO_ANSWER, SIGN_IN)

# What a second try may well change: timeouts, too early, too many requests.
_PASSING: Final = frozenset({408, 425, 429})
_LASTING: Final = frozenset({501, 505})


def shown(url: httpx2.URL) -> str:
    """The address for logs and messages: without user, password and query, which may hold secrets."""
    return str(url.copy_with(userinfo=b"", query=None, fragment=None))


def refused(method: str, url: httpx2.URL, status: int, excerpt: str) -> CommandFailed:
    """The failure that a status code means."""
    said = f" It said: {excerpt}" if excerpt else ""
    what = f"{method} {shown(url)} was answered with {status}."
    if status in {401, 403, 407}:
        message = f"{what} Check the user, the password or the token, and what they may do.{said}"
        return CommandFailed(SIGN_IN.code, message, retryable=False)
    if status >= 500:
        return CommandFailed(SERVER_ERROR.code, f"{what}{said}", retryable=status not in _LASTING)
    return CommandFailed(CLIENT_ERROR.code, f"{what}{said}", retryable=status in _PASSING)


def unanswered(method: str, url: httpx2.URL, error: Exception, secrets: frozenset[str]) -> CommandFailed:
    """The failure that an exception of the client means."""
    place = f"{method} {shown(url)}"
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        message = f"{place}: the address must begin with http:// or https:// and name a server."
        return CommandFailed(ERROR.code, message, retryable=False)
    if _is_distrust(error):
        message = f"{place}: the server's certificate is not trusted. Put its CA certificate into the connection."
        return CommandFailed(NO_ANSWER.code, message, retryable=False)
    if isinstance(error, httpx2.TimeoutException):
        waiting = "a connection" if isinstance(error, httpx2.ConnectTimeout | httpx2.PoolTimeout) else "an answer"
        return CommandFailed(NO_ANSWER.code, f"{place}: gave up waiting for {waiting}. Raise the timeout if need be.")
    reason = redact(str(error) or type(error).__name__, secrets)
    return CommandFailed(NO_ANSWER.code, f"{place}: no answer ({reason}). Check the address and that the server runs.")


def _is_distrust(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
