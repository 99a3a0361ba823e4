"""Resolved values of a run as plain JSON, and the secrets in them; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onecloud.connector.context import FileRef
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.secret import Secret, redact
from onecloud.variables.model import Resolved


def secrets_in(value: Resolved) -> set[str]:
    """Every secret text inside the value."""
    if isinstance(value, Secret):
        return {value.reveal()}
    if isinstance(value, Mapping):
        return {secret for item in value.values() for secret in secrets_in(item)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return {secret for item in value for secret in secrets_in(item)}
    return set()


def plain(value: Resolved) -> Json:
    """The value as JSON: secrets revealed, files as their references."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, FileRef):
        return value.model_dump()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def masked(value: Json, secrets: frozenset[str]) -> Json:
    """The value with secret texts replaced by dots."""
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, Mapping):
        return {key: masked(item, secrets) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [masked(item, secrets) for item in value]
    return value
