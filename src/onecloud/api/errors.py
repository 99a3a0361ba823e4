"""Every error as an answer: one table from kinds to statuses, one body for v1, one (RFC 9457) for everything else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from onecloud.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Limited,
    Malformed,
    NotFound,
    OneCloudError,
    Problem,
    Stale,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unconditional,
)
from onecloud.tokens.rules import bearer_challenge

log = structlog.get_logger()

STATUS: Final[Mapping[type[OneCloudError], int]] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Stale: 412,
    TooLarge: 413,
    Invalid: 422,
    Unconditional: 428,
    Limited: 429,
    Unavailable: 503,
}

TITLES: Final[Mapping[int, str]] = {
    400: "The request cannot be read",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Not possible now",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Wrong content type",
    422: "Not valid",
    428: "Say what was changed",
    429: "Too many requests",
    500: "Internal error",
    503: "Not available now",
}

V1: Final = "/api/v1/"


def is_v1(path: str) -> bool:
    """Whether an answer to this path has v1's error body."""
    return path.startswith(V1)


def status_of(error: OneCloudError) -> int:
    """The HTTP status of an error's kind."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def answer(
    path: str,
    status: int,
    code: str,
    detail: str,
    request_id: str,
    problems: Iterable[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """An error body: `{error, error_description}` on v1 (its documented shape), a problem document elsewhere."""
    head = {"Cache-Control": "no-store", **(headers or {})}
    if is_v1(path):
        return JSONResponse({"error": code, "error_description": detail}, status, head)
    body: dict[str, Any] = {
        "type": f"/help/errors#{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id,
        "problems": [{"where": p.where, "message": p.message, "mend": p.mend} for p in problems],
    }
    return JSONResponse(body, status, head, media_type="application/problem+json")


def error_answer(path: str, error: OneCloudError, request_id: str) -> JSONResponse:
    """The answer to an expected error."""
    status = status_of(error)
    headers: dict[str, str] = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = bearer_challenge()
    if isinstance(error, Stale) and error.current is not None:
        headers["ETag"] = f'"{error.current}"'
    if isinstance(error, Limited | Unavailable):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after.total_seconds())))
    detail = error.message
    if is_v1(path) and error.problems:  # v1 has no list of problems, so its sentence holds them
        detail = " ".join(problem.sentence() for problem in error.problems)
    return answer(path, status, error.code, detail, request_id, error.problems, headers)


def request_id_of(request: Request) -> str:
    """The id that this request has in the log."""
    return str(getattr(request.state, "request_id", ""))


def install(app: FastAPI) -> None:
    """Let the application answer every error through this file."""

    async def expected(request: Request, error: Exception) -> JSONResponse:
        return error_answer(request.url.path, cast(OneCloudError, error), request_id_of(request))

    async def unreadable(request: Request, error: Exception) -> JSONResponse:
        faults = cast(RequestValidationError, error).errors()
        problems = tuple(_problem(fault) for fault in faults)
        not_json = any(fault["type"] == "json_invalid" for fault in faults)
        found: OneCloudError = (
            Malformed("request.malformed", "The body is not JSON. " + problems[0].sentence(), problems=problems)
            if not_json
            else Invalid("request.invalid", " ".join(p.sentence() for p in problems), problems=problems)
        )
        return error_answer(request.url.path, found, request_id_of(request))

    async def foreign(request: Request, error: Exception) -> JSONResponse:
        error = cast(HTTPException, error)
        codes = {404: "route.not_found", 405: "route.method_not_allowed"}
        detail = {
            404: f"There is nothing at {request.url.path}.",
            405: f"{request.method} is not possible here; see the header Allow.",
        }.get(error.status_code, str(error.detail))
        code = codes.get(error.status_code, "request.refused")
        return answer(request.url.path, error.status_code, code, detail, request_id_of(request), headers=error.headers)

    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request.failed", path=request.url.path, exc_info=error)
        request_id = request_id_of(request)
        detail = f"The server met a fault of its own. Its log tells more under the request id {request_id}."
        return answer(request.url.path, 500, "server.fault", detail, request_id)

    app.add_exception_handler(OneCloudError, expected)
    app.add_exception_handler(RequestValidationError, unreadable)
    app.add_exception_handler(HTTPException, foreign)
    app.add_exception_handler(Exception, unexpected)


def _problem(fault: Any) -> Problem:
    """One fault of validation; the value itself is left out, since it may be secret."""
    where = ".".join(str(step) for step in fault["loc"])
    message = str(fault["msg"]).rstrip(".") + "."
    if fault["type"] == "json_invalid":
        context: dict[str, Any] = fault.get("ctx") or {}
        reason = context.get("error", "")
        return Problem("body", f"{reason} at character {fault['loc'][-1]}.", "Send valid JSON.")
    return Problem(where, message)
