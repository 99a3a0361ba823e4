"""API v1: workspaces, environments, chains and commands to read.

One or two SELECTs per request and a ready answer: clients poll these. An id of the wire may be any text, so one that
names nothing is 404, not a wrong type.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BeforeValidator

from onecloud.api.v1 import shapes
from onecloud.api.v1.schedules import schedules_of
from onecloud.api.v1.shapes import exact_time, refusals, respond
from onecloud.chains import actions as chains
from onecloud.chains import model as chain_model
from onecloud.infra.http import Caller, Reading
from onecloud.kernel.errors import NotFound
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.variables import actions as variables
from onecloud.variables.model import Shown
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces import model as workspace_model
from onecloud.workspaces.permits import permit_chain, permit_environment
from onecloud.workspaces.rules import LARGEST_ID, row_id

router = APIRouter(prefix="/api/v1/metadata")

WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,40}", re.ASCII)

# A drop-down's choice is text; the contract's own examples are `string` and `file`. Source: product facts 2.14.
DATA_TYPES: Final = {"text": "string", "dropdown": "string", "number": "number", "boolean": "boolean", "date": "date"}


def _plain_number(value: object) -> object:
    """Only digits: not `1.0`, ` 1` or `1_0`, which a lenient reader would take for numbers too."""
    if isinstance(value, str) and WHOLE_NUMBER.fullmatch(value) is None:
        raise ValueError("must be a whole number, such as 66")
    return value


WholeNumber = Annotated[int | None, BeforeValidator(_plain_number)]


@router.get(
    "/workspace",
    operation_id="getWorkspaces",
    tags=["workspace"],
    response_model=shapes.WorkspacesResponse,
    responses=refusals(),
)
async def get_workspaces(db: Reading, caller: Caller) -> Response:
    """The workspaces that the caller may see."""
    found = await variables.list_workspaces(db, caller)
    return respond(shapes.WorkspacesResponse(data=[_workspace(workspace, shown) for workspace, shown in found]))


@router.get(
    "/workspace/{workspace_id}",
    operation_id="getWorkspace",
    tags=["workspace"],
    response_model=shapes.WorkspaceResponse,
    responses=refusals(404),
)
async def get_workspace(db: Reading, caller: Caller, workspace_id: str) -> Response:
    """One workspace with its variables."""
    found = await variables.get_workspace(db, caller, _row("workspace", workspace_id))
    return respond(shapes.WorkspaceResponse(data=_workspace(*found)))


@router.get(
    "/workspace/{workspace_id}/environment",
    operation_id="getEnvironments",
    tags=["environment"],
    response_model=shapes.EnvironmentsResponse,
    responses=refusals(404),
)
async def get_environments(db: Reading, caller: Caller, workspace_id: str) -> Response:
    """The environments of a workspace in their order, with the variables as they are there."""
    found = await variables.list_environments(db, caller, _row("workspace", workspace_id))
    return respond(shapes.EnvironmentsResponse(data=[_environment(environment, shown) for environment, shown in found]))


@router.get(
    "/workspace/{workspace_id}/environment/{environment_id}",
    operation_id="getEnvironment",
    tags=["environment"],
    response_model=shapes.EnvironmentResponse,
    responses=refusals(404),
)
async def get_environment(db: Reading, caller: Caller, workspace_id: str, environment_id: str) -> Response:
    """One environment of a workspace, with the variables as they are there."""
    workspace, environment = _row("workspace", workspace_id), _row("environment", environment_id)
    found = await variables.get_environment(db, caller, workspace, environment)
    return respond(shapes.EnvironmentResponse(data=_environment(*found)))


@router.get(
    "/environment/{environment_id}/chain",
    operation_id="getChains",
    tags=["chain"],
    response_model=shapes.ChainsEnvironmentResponse,
    responses=refusals(404),
)
async def get_chains(db: Reading, caller: Caller, environment_id: str) -> Response:
    """The chains of an environment in short."""
    environment = _row("environment", environment_id)
    await permit_environment(db, caller, Level.SEE, environment)
    found = await chains.list_short(db, caller, environment)
    if not found:
        await workspaces.get_environment(db, environment)
    return respond(shapes.ChainsEnvironmentResponse(data=[_short(chain) for chain in found]))


@router.get(
    "/environment/{environment_id}/chain/{chain_id}",
    operation_id="getChain",
    tags=["chain"],
    response_model=shapes.ChainResponse,
    responses=refusals(404),
)
async def get_chain(db: Reading, caller: Caller, environment_id: str, chain_id: str) -> Response:
    """One chain in full."""
    return respond(shapes.ChainResponse(data=chain_out(*await _chain_in(db, caller, environment_id, chain_id))))


@router.get(
    "/environment/{environment_id}/chain/{chain_id}/command",
    operation_id="getCommands",
    tags=["chain"],
    response_model=shapes.CommandsResponse,
    responses=refusals(404),
)
async def get_commands(db: Reading, caller: Caller, environment_id: str, chain_id: str) -> Response:
    """The commands of the chain as published; none before the first publish."""
    chain, version = await _chain_in(db, caller, environment_id, chain_id)
    return respond(shapes.CommandsResponse(data=_commands(chain.id, version.definition) if version else []))


@router.get(
    "/chains/search",
    operation_id="searchChains",
    tags=["chain"],
    response_model=shapes.ChainsResponse,
    responses=refusals(422),
)
async def search_chains(
    db: Reading,
    caller: Caller,
    workspace_id: Annotated[WholeNumber, Query(description="Chains of this workspace.")] = None,
    external_workspace_id: Annotated[
        str | None, Query(description="Chains of workspaces with this id elsewhere.")
    ] = None,
    environment_id: Annotated[WholeNumber, Query(description="Chains of this environment.")] = None,
    name: Annotated[str | None, Query(description="Chains whose name contains this text, in any case.")] = None,
    parallel_execution_enabled: Annotated[
        bool | None, Query(description="Chains of which several runs may (or may not) be under way at once.")
    ] = None,
) -> Response:
    """Chains in full that fit every condition given."""
    numbers = [number for number in (workspace_id, environment_id) if number is not None]
    possible = all(0 <= number <= LARGEST_ID for number in numbers) and external_workspace_id != ""
    # No stored text holds NUL, and PostgreSQL does not take one even to compare.
    if not possible or "\x00" in f"{name}{external_workspace_id}":
        return respond(shapes.ChainsResponse(data=[]))
    found = await chains.search_chains(
        db,
        caller,
        workspace_id=workspace_id,
        external_workspace_id=external_workspace_id,
        environment_id=environment_id,
        name=name,
        concurrency=parallel_execution_enabled,
    )
    return respond(shapes.ChainsResponse(data=[chain_out(chain, version) for chain, version in found]))


def _row(kind: str, wire_id: str) -> int:
    """The row that the caller asks for; 404 for a text that can name none."""
    row = row_id(wire_id)
    if row is None:
        raise NotFound(f"{kind}.not_found", f"There is no {kind} {wire_id}.")
    return row


async def _chain_in(
    db: Reading, caller: Principal, environment_id: str, chain_id: str
) -> tuple[chain_model.Chain, chain_model.Version | None]:
    environment = _row("environment", environment_id)
    chain, version = await chains.with_published(db, _row("chain", chain_id))
    await permit_chain(db, caller, Level.READ, chain.environment_id, chain.id)
    if chain.environment_id != environment:
        raise NotFound("chain.not_found", f"There is no chain {chain_id} in the environment {environment_id}.")
    return chain, version


def _variable(shown: Shown) -> shapes.Variable:
    return shapes.Variable(
        key=shown.key, label=shown.label, defaultValue=shown.default, value=shown.value, encrypted=shown.encrypted
    )


def _workspace(workspace: workspace_model.Workspace, shown: list[Shown]) -> shapes.Workspace:
    return shapes.Workspace(
        id=str(workspace.id),
        company_id=str(workspace.company_id),
        external_id=workspace.external_id,
        name=workspace.name,
        description=workspace.description,
        variables=[_variable(variable) for variable in shown],
    )


def _environment(environment: workspace_model.Environment, shown: list[Shown]) -> shapes.Environment:
    return shapes.Environment(
        id=str(environment.id),
        name=environment.name,
        description=environment.description,
        position=environment.position,
        color=environment.color,
        chains_count=environment.chains_count,
        variables=[_variable(variable) for variable in shown],
        settings=shapes.EnvironmentSettings(color=environment.color),
        created_at=exact_time(environment.created_at),
        updated_at=exact_time(environment.updated_at),
    )


def _short(chain: chain_model.Chain) -> shapes.EnvironmentChain:
    return shapes.EnvironmentChain(
        id=str(chain.id),
        internal_id=chain.id,
        name=chain.name,
        description=chain.description,
        created_at=exact_time(chain.created_at),
        updated_at=exact_time(chain.updated_at),
    )


def chain_out(chain: chain_model.Chain, version: chain_model.Version | None) -> shapes.Chain:
    """A chain in full; its inputs and schedules are those that are published."""
    inputs = version.definition.inputs if version else ()
    return shapes.Chain(
        id=str(chain.id),
        internal_id=chain.id,
        name=chain.name,
        description=chain.description,
        created_at=exact_time(chain.created_at),
        updated_at=exact_time(chain.updated_at),
        disabled=chain.disabled,
        concurrency_enabled=chain.allow_concurrent_runs,
        runtime_inputs=[
            shapes.RuntimeInput(
                vuid=f"data.chain.{chain_model.input_id(chain.id, asked.name)}", data_type=DATA_TYPES[asked.type]
            )
            for asked in inputs
        ],
        schedules=schedules_of(version.definition.schedules, version.published_at) if version else [],
    )


def _commands(chain_id: int, definition: chain_model.Definition) -> list[shapes.Command]:
    leading: dict[str, str] = {}  # the first link that leads to each node
    for link in definition.links:
        leading.setdefault(link.target, chain_model.link_id(chain_id, link))
    return [
        shapes.Command(
            id=chain_model.node_id(chain_id, node.key),
            link_id=leading.get(node.key, ""),
            name=node.name or node.key,
            description=node.description,
        )
        for node in definition.nodes
    ]
