"""Setting connections, and opening one for a command that runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import actions as activity
from onecloud.connections import rules, store
from onecloud.connections.model import Connection, ConnectionFields, OpenConnection
from onecloud.connector.command import Connector
from onecloud.connectors import registry
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Conflict, Invalid, NotFound, Problem
from onecloud.kernel.jsonvalue import Json, as_object, dump, parse
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.variables.language import near
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.permits import permit_workspace

PURPOSE: Final = "connection"


async def open_connection(
    db: AsyncSession,
    keys: Keyring,
    environment_id: int,
    name: str,
    *,
    connectors: Mapping[str, Connector] | None = None,
) -> OpenConnection:
    """The connection ready for use in the environment. `connectors` defaults to the installed ones.

    Raises: NotFound when no connection of that name is enabled there; Invalid when its connector is not installed
    or no longer takes its properties; KeyUnusable when its secrets were sealed under a key that is gone.
    """
    found = await store.enabled(db, environment_id, name)
    if found is None:
        names = await store.connectors_by_name(db, environment_id)
        sentence = f"No connection named `{name}` is enabled in this environment. {near(name, names.keys())}"
        raise NotFound("connection.not_enabled", sentence)
    connector_id, properties, sealed = found
    connector = rules.connector_of(registry() if connectors is None else connectors, connector_id)
    secrets = as_object(parse(keys.unseal(sealed, PURPOSE)))
    form = connector.properties
    if form is None:
        raise Invalid("connection.invalid", f"{connector.title} no longer takes a connection; remove `{name}`.")
    try:
        filled = form.model_validate(rules.merged(properties, secrets))
    except ValidationError:
        problems = rules.form_problems(form, properties, secrets)
        told = problems[0].sentence() if problems else "its properties are refused."
        raise Invalid(
            "connection.invalid",
            f"{connector.title} no longer takes the connection `{name}`: {told}",
            problems=tuple(problems),
        ) from None
    return OpenConnection(connector_id, filled, rules.secret_texts(secrets))


async def connectors_by_name(db: AsyncSession, environment_id: int) -> dict[str, str]:
    """Which connections a chain of this environment may name, and the connector of each."""
    return await store.connectors_by_name(db, environment_id)


async def list_connections(db: AsyncSession, workspace_id: int) -> list[Connection]:
    """The workspace's connections by name; secrets are told by name only."""
    return await store.connections_of(db, workspace_id)


async def put_connection(
    db: AsyncSession,
    keys: Keyring,
    owner: Principal | None,
    workspace_id: int,
    fields: ConnectionFields,
    *,
    connectors: Mapping[str, Connector] | None = None,
) -> bool:
    """Make the connection of that name, or change it; False when it was the same already.

    Raises: Forbidden; NotFound without such a workspace; Invalid with every problem; Conflict when another writer
    makes the same name at this moment.
    """
    await workspaces.get_workspace(db, workspace_id)
    # A connection with secrets that stay could be pointed at another address: `write` is not enough.
    permit_workspace(owner, Level.ADMIN, workspace_id)
    connector = rules.connector_of(registry() if connectors is None else connectors, fields.connector)
    rules.check_name(fields)
    found = await store.for_update(db, workspace_id, fields.name)
    kept: dict[str, Json] = {}
    if found and found[0].connector == fields.connector:
        kept = as_object(parse(keys.unseal(found[1], PURPOSE)))
    secrets = rules.merged(kept, fields.secrets)
    rules.check(connector, fields, secrets)
    known = {environment.id for environment in await workspaces.list_environments(db, workspace_id)}
    if unknown := sorted(fields.environment_ids - known):
        problem = Problem("environments", f"There is no environment {unknown[0]} in this workspace.")
        raise Invalid("connection.invalid", problem.message, problems=(problem,))
    after = Connection(
        id=found[0].id if found else 0,
        workspace_id=workspace_id,
        name=fields.name,
        description=fields.description,
        connector=fields.connector,
        properties=dict(fields.properties),
        secret_names=tuple(sorted(secrets)),
        environment_ids=fields.environment_ids,
    )
    if found and after == found[0] and secrets == kept:
        return False
    connection_id = await _save(db, after, keys.seal(dump(secrets), PURPOSE))
    await activity.record(
        db,
        key="connection.update" if found else "connection.create",
        owner=owner,
        trackable_type="Connection",
        trackable_id=str(connection_id),
        recipient_type="Workspace",
        recipient_id=str(workspace_id),
        parameters={"name": fields.name, "connector": fields.connector},
    )
    return True


async def _save(db: AsyncSession, connection: Connection, sealed: str) -> int:
    if connection.id:
        await store.change(db, connection, sealed)
        return connection.id
    try:
        return await store.add(db, connection, sealed)
    except IntegrityError as error:
        sentence = f"The connection `{connection.name}` was just made by somebody else; try again."
        raise Conflict("connection.name_taken", sentence) from error
