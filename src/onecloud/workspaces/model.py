"""Workspaces and environments as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

# One installation serves one company. Source: product facts 2.2 (every workspace carries a `company_id`).
COMPANY_ID: Final = 1


@dataclass(frozen=True, slots=True)
class Workspace:
    """Container of environments, variables and connections.

    `external_id` is the id of an associated workspace in another product; "" when there is none.
    """

    id: int
    company_id: int
    external_id: str
    name: str
    description: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Environment:
    """A stage in the life of chains, such as DEV or PROD.

    `position` orders the environments of a workspace from 0; `color` is `#RRGGBB`; `chains_count` is a stored counter.
    """

    id: int
    workspace_id: int
    name: str
    description: str
    position: int
    color: str
    chains_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class WorkspaceFields:
    """What a person may set of a workspace."""

    name: str
    description: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentFields:
    """What a person may set of an environment. An empty color takes the next one of a fixed row."""

    name: str
    description: str = ""
    color: str = ""
