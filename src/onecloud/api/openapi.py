"""What the published OpenAPI document says beyond the routes: errors everywhere, and how callers are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from onecloud.api.errors import TITLES, is_v1

METHODS: Final = frozenset({"get", "put", "post", "patch", "delete"})

PROBLEM: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "An error as RFC 9457 has it, with a stable code, the request's id and every problem found.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "where": {"type": "string"},
                    "message": {"type": "string"},
                    "mend": {"type": "string"},
                },
                "required": ["where", "message", "mend"],
            },
        },
    },
    "required": ["type", "title", "status", "code", "detail", "request_id", "problems"],
}

SINGLE_ERROR: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
    "required": ["error", "error_description"],
}


def describe(app: FastAPI) -> None:
    """Replace the application's OpenAPI by one that documents every error a route can give."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["ProblemDocument"] = dict(PROBLEM)
    schemas["SingleError"] = dict(SINGLE_ERROR)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An access token from Admin → API."},
        "session": {"type": "apiKey", "in": "cookie", "name": "oc_session", "description": "A signed-in browser."},
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in METHODS and path.startswith("/api/"):
                _describe(path, method, operation)
    return document


def _describe(path: str, method: str, operation: dict[str, Any]) -> None:
    v1 = is_v1(path)
    statuses = [401, 403, 422, 429] if v1 else [400, 401, 403, 422]
    if "{" in path:
        statuses.append(404)
    if method != "get":
        statuses += [400, 409]
    schema = "SingleError" if v1 else "ProblemDocument"
    media = "application/json" if v1 else "application/problem+json"
    for status in sorted(set(statuses)):
        operation["responses"][str(status)] = {
            "description": TITLES[status],
            "content": {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        }
    operation["security"] = [{"bearer": []}] if v1 else [{"session": []}, {"bearer": []}]
