"""Workspaces and environments on the wire of API v2."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, Field

from onecloud.access.permissions import permitted
from onecloud.kernel.permission import Place
from onecloud.kernel.principal import Principal
from onecloud.workspaces.model import Environment, Workspace

Permissions: TypeAlias = Annotated[
    list[str],
    Field(
        description="What the caller may do with it: of read, execute, write, create and admin, lowest first. Empty "
        "for what is only on the way to something that they may read."
    ),
]


class EnvironmentBrief(BaseModel):
    """An environment in a list of workspaces."""

    id: str
    name: str
    description: str
    color: str
    position: int
    chains_count: int
    permissions: Permissions


class WorkspaceOut(BaseModel):
    """A workspace with its environments in their order."""

    id: str
    name: str
    description: str
    environments: list[EnvironmentBrief]
    permissions: Permissions


class WorkspacePage(BaseModel):
    """A page of workspaces; `next_cursor` is null on the last one."""

    items: list[WorkspaceOut]
    next_cursor: str | None


class WorkspaceBrief(BaseModel):
    """Which workspace something is in."""

    id: str
    name: str


class EnvironmentOut(EnvironmentBrief):
    """One environment and the workspace it is in."""

    workspace: WorkspaceBrief


def brief(caller: Principal, environment: Environment) -> EnvironmentBrief:
    """The environment as lists show it."""
    return EnvironmentBrief(
        id=str(environment.id),
        name=environment.name,
        description=environment.description,
        color=environment.color,
        position=environment.position,
        chains_count=environment.chains_count,
        permissions=permitted(caller, Place(environment.workspace_id, environment.id)),
    )


def workspace_out(caller: Principal, workspace: Workspace, environments: list[Environment]) -> WorkspaceOut:
    """The workspace as lists show it."""
    return WorkspaceOut(
        id=str(workspace.id),
        name=workspace.name,
        description=workspace.description,
        environments=[brief(caller, environment) for environment in environments],
        permissions=permitted(caller, Place(workspace.id)),
    )


def environment_out(caller: Principal, environment: Environment, workspace: Workspace) -> EnvironmentOut:
    """The environment as its own page shows it."""
    return EnvironmentOut(
        **brief(caller, environment).model_dump(),
        workspace=WorkspaceBrief(id=str(workspace.id), name=workspace.name),
    )
