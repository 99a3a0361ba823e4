"""Connections as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from onecloud.kernel.jsonvalue import Json


@dataclass(frozen=True, slots=True)
class Connection:
    """A configured connector as lists show it; `secret_names` says which secrets are set, never what they are."""

    id: int
    workspace_id: int
    name: str
    description: str
    connector: str
    properties: Mapping[str, Json]
    secret_names: tuple[str, ...]
    environment_ids: frozenset[int]


@dataclass(frozen=True, slots=True, repr=False)
class ConnectionFields:
    """What a person may set of a connection.

    `properties` is stored readable, `secrets` sealed; together they are the connector's form. A secret that is not
    given again stays while the connector stays; None removes it. `environment_ids`: where it may be used.
    """

    name: str
    connector: str
    description: str = ""
    properties: Mapping[str, Json] = field(default_factory=dict[str, Json])
    secrets: Mapping[str, Json] = field(default_factory=dict[str, Json])
    environment_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class OpenConnection:
    """A connection ready for a command: the connector's own model, and every secret text for masking logs."""

    connector_id: str
    properties: BaseModel
    secrets: frozenset[str]
