"""What the OAuth endpoints share: reading a request with a limit, and answering every refusal in OAuth's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from onecloud.kernel.errors import Limited, Unavailable
from onecloud.tokens.limits import OAuthLimits
from onecloud.tokens.model import OAuthRefusal, Origin
from onecloud.tokens.oauth_form import FORM_TYPE, JSON_TYPE, MAX_BODY_BYTES, Fields, read_fields, too_large
from onecloud.tokens.shapes import OAuthErrorOut

Part = TypeVar("Part")

NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Refused(Exception):
    """A request that is refused before the database was asked: nothing of it need be remembered."""

    def __init__(self, refusal: OAuthRefusal) -> None:
        super().__init__(refusal.error)
        self.refusal = refusal


def accepted(part: Part | OAuthRefusal) -> Part:
    """The part of a request.

    Raises: Refused when it is a refusal.
    """
    if isinstance(part, OAuthRefusal):
        raise Refused(part)
    return part


def limits_of(request: Request) -> OAuthLimits:
    """The application's counts, made at the first request."""
    state = request.app.state
    if not isinstance(getattr(state, "oauth_limits", None), OAuthLimits):
        state.oauth_limits = OAuthLimits()
    limits: OAuthLimits = state.oauth_limits
    return limits


def origin_of(request: Request) -> Origin:
    """Where a request came from."""
    return Origin.of(request.client.host if request.client else "", request.headers.get("user-agent", ""))


async def fields_of(request: Request) -> Fields:
    """The parameters of a request, of a body that is never read beyond its limit.

    Raises: Refused.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Refused(too_large())
    kind = request.headers.get("content-type")
    return accepted(read_fields(kind, bytes(body), list(request.query_params.keys())))


async def answered(request: Request, work: Callable[[], Awaitable[Response | OAuthRefusal]]) -> Response:
    """The answer of `work`; a refusal, a full count or a silent database answered in OAuth's words.

    A guess (a token or client that was never known) is counted against the address.
    """
    limits, ip = limits_of(request), origin_of(request).ip
    try:
        limits.check_address(ip)
        try:
            outcome = await work()
        except Refused as refused:
            outcome = refused.refusal
        if isinstance(outcome, Response):
            return outcome
        if outcome.guessed:
            limits.note_guess(ip)
        return refuse(outcome)
    except Limited as error:
        wait_s = round(error.retry_after.total_seconds())
        return refuse(OAuthRefusal("slow_down", error.message, 429, retry_after_s=wait_s))
    except (Unavailable, OperationalError, NoConnection):
        return refuse(
            OAuthRefusal(
                "temporarily_unavailable",
                "The server cannot do this now; repeat the same request shortly.",
                503,
                retry_after_s=5,
            )
        )


def refuse(refusal: OAuthRefusal) -> Response:
    """The answer of a refusal. Source: RFC 6749 5.2."""
    headers = dict(NO_STORE)
    if refusal.challenge is not None:
        headers["WWW-Authenticate"] = refusal.challenge
    if refusal.retry_after_s is not None:
        headers["Retry-After"] = str(refusal.retry_after_s)
    body = OAuthErrorOut(error=refusal.error, error_description=refusal.description)
    return JSONResponse(body.model_dump(), refusal.status, headers)


def only_post() -> Response:
    """The answer to every other method. Source: RFC 6749 3.2, RFC 9110 15.5.6."""
    refusal = OAuthRefusal("invalid_request", "This address takes POST only.", 405)
    answer = refuse(refusal)
    answer.headers["Allow"] = "POST"
    return answer


def documented(fields: dict[str, str], required: list[str], statuses: tuple[int, ...]) -> dict[str, Any]:
    """What the OpenAPI document says of an endpoint whose body we read ourselves; `fields` are name → meaning."""
    schema = {
        "type": "object",
        "properties": {name: {"type": "string", "description": meaning} for name, meaning in fields.items()},
        "required": required,
    }
    content = {FORM_TYPE: {"schema": schema}, JSON_TYPE: {"schema": schema}}
    return {
        "openapi_extra": {"requestBody": {"required": True, "content": content}},
        "responses": {status: {"model": OAuthErrorOut} for status in statuses},
    }
