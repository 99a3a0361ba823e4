"""Workspaces and environments on the wire of API v2."""

from __future__ import annotations

from pydantic import BaseModel

from onecloud.workspaces.model import Environment, Workspace


class EnvironmentBrief(BaseModel):
    """An environment in a list of workspaces."""

    id: str
    name: str
    description: str
    color: str
    position: int
    chains_count: int


class WorkspaceOut(BaseModel):
    """A workspace with its environments in their order."""

    id: str
    name: str
    description: str
    environments: list[EnvironmentBrief]


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


def brief(environment: Environment) -> EnvironmentBrief:
    """The environment as lists show it."""
    return EnvironmentBrief(
        id=str(environment.id),
        name=environment.name,
        description=environment.description,
        color=environment.color,
        position=environment.position,
        chains_count=environment.chains_count,
    )


def workspace_out(workspace: Workspace, environments: list[Environment]) -> WorkspaceOut:
    """The workspace as lists show it."""
    return WorkspaceOut(
        id=str(workspace.id),
        name=workspace.name,
        description=workspace.description,
        environments=[brief(environment) for environment in environments],
    )


def environment_out(environment: Environment, workspace: Workspace) -> EnvironmentOut:
    """The environment as its own page shows it."""
    return EnvironmentOut(
        **brief(environment).model_dump(),
        workspace=WorkspaceBrief(id=str(workspace.id), name=workspace.name),
    )
