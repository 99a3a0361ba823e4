"""`onecloud chain copy`, `promote` and `import`, and `export --package`: chains on their way to another place."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from onecloud.cli.chain_life import (
    AsJson,
    ChainName,
    Data,
    Environment,
    State,
    Workspace,
    find,
    saved_json,
    which,
    with_place,
)
from onecloud.cli.telling import OK, REFUSED, USAGE, refusable, tell
from onecloud.kernel.jsonvalue import Json, dump

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from onecloud.chains.actions import Order, Plan
    from onecloud.chains.model import Chain
    from onecloud.infra.http import Ground


def copy(
    chain: ChainName,
    name: Annotated[str, Parameter(help="Name of the copy.")],
    /,
    *,
    workspace: Workspace = None,
    environment: Environment = None,
    to: Annotated[str | None, Parameter(help="Environment of the copy; the same when left out.")] = None,
    of: State = "draft",
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Make a new chain with the content of this one, in an environment of the same workspace; it is not published."""
    state = which(of)

    async def work() -> int:
        from onecloud.chains import actions
        from onecloud.cli.ground import open_ground

        assert state is not None
        async with open_ground(data) as ground, ground.database.transaction() as db:
            found = await find(db, chain, workspace, environment)
            target = found.environment_id if to is None else await _beside(db, found, to)
            applied = await actions.copy(db, None, found.id, target, name, state)
        tell(name, applied.problems, "draft only: ")
        made = f"{found.name} is copied to {name} (chain {applied.chain.id}); publish it to run it."
        print(dump(saved_json(applied)) if json else made)
        return OK

    return _checked(state) or with_place(chain, workspace, environment) or refusable(chain, work, as_json=json)


def promote(
    chain: ChainName,
    to: Annotated[str, Parameter(help="Environment of the same workspace to promote it to.")],
    /,
    *,
    workspace: Workspace = None,
    environment: Environment = None,
    name: Annotated[str | None, Parameter(help="Name of the chain there; the same when left out.")] = None,
    of: State = "published",
    connection: Annotated[
        list[str] | None,
        Parameter(help="Connection to use there, as from=to, or from= for none; may be repeated.", negative=""),
    ] = None,
    take_secrets: Annotated[
        bool, Parameter(help="Replace values of encrypted variables that it has there.", negative="")
    ] = False,
    plan: Annotated[bool, Parameter(help="Only tell what it needs and would change.", negative="")] = False,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Put the chain's content into the draft of the chain of that name in another environment, or make that chain.

    It arrives unpublished. A connection that is not given is taken as the plan suggests: what the chain there uses in
    the same places, the connection of the same name, or the only one that fits.
    """
    state, mapping = which(of), _mapping(connection or [])

    async def work() -> int:
        from onecloud.chains import actions
        from onecloud.chains.actions import Order
        from onecloud.cli.ground import open_ground

        assert state is not None
        assert mapping is not None
        async with open_ground(data) as ground, ground.database.transaction() as db:
            found = await find(db, chain, workspace, environment)
            target = await _beside(db, found, to)
            order = Order(target, name or found.name, state, take_secrets=take_secrets)
            planned = await actions.plan(db, ground.keys, None, found.id, order)
            if plan:
                return _tell_plan(planned, as_json=json)
            applied = await actions.promote(db, ground.keys, None, found.id, _ordered(order, planned, mapping))
        tell(name or found.name, applied.problems, "draft only: ")
        done = f"{found.name} is promoted to {to} (chain {applied.chain.id}); publish it there to run it."
        print(dump(saved_json(applied)) if json else done)
        return OK

    if mapping is None:
        print("onecloud: write each --connection as from=to.", file=sys.stderr)
        return USAGE
    return _checked(state) or with_place(chain, workspace, environment) or refusable(chain, work, as_json=json)


def import_file(
    file: Annotated[Path, Parameter(help=".chain file.")],
    /,
    *,
    workspace: Annotated[str, Parameter(help="Name of the workspace.")],
    environment: Annotated[str, Parameter(help="Name of the environment.")],
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Make unpublished, disabled copies of every chain in a .chain file, all or none."""
    try:
        held = file.read_bytes()
    except OSError as error:
        print(f"onecloud: {file} cannot be read: {error.strerror}.", file=sys.stderr)
        return USAGE

    async def work() -> int:
        from onecloud.chains import actions
        from onecloud.cli.ground import open_ground
        from onecloud.workspaces import actions as workspaces

        async with open_ground(data) as ground:
            async with ground.database.reading() as reading:
                place = await workspaces.find_environment(reading, workspace, environment)
                now = await actions.may_import(reading, None, place.id)
            package = await actions.open_package(ground.keys, ground.settings, held, now)
            async with ground.database.transaction() as db:
                imported = await actions.import_package(db, ground.keys, None, place.id, package)
        for one in imported:
            tell(one.applied.chain.name, one.applied.problems, "draft only: ")
        if json:
            items: list[Json] = [{**saved_json(one.applied), "exported_name": one.was} for one in imported]
            print(dump({"chains": items}))
        else:
            for one in imported:
                print(f"{one.was} is imported as {one.applied.chain.name} (chain {one.applied.chain.id}), disabled.")
        return OK

    return refusable(str(file), work, as_json=json)


async def write_package(ground: Ground, chain_id: int, file: Path, *, as_json: bool) -> int:
    """Write a chain and those that it runs into a `.chain` file; gives the exit status.

    Raises: NotFound; Invalid `chain_file.…`.
    """
    from onecloud.chains import actions

    async with ground.database.snapshot() as db:
        exported = await actions.export_package(db, ground.keys, ground.settings, None, chain_id)
    if not _written(file, exported.data):
        return REFUSED
    async with ground.database.transaction() as db:
        await actions.tell_export(db, None, exported)
    names: list[Json] = [chain.name for chain in exported.chains]
    if as_json:
        print(dump({"file": str(file), "bytes": len(exported.data), "chains": names}))
    else:
        print(f"{file}: {', '.join(str(name) for name in names)}; good for 14 days.")
    return OK


def _written(file: Path, data: bytes) -> bool:
    try:
        file.write_bytes(data)
    except OSError as error:
        print(f"onecloud: {file} cannot be written: {error.strerror}.", file=sys.stderr)
        return False
    return True


def _checked(state: object) -> int:
    if state is not None:
        return OK
    print("onecloud: --of is draft, published, or a version's number.", file=sys.stderr)
    return USAGE


def _mapping(pairs: list[str]) -> dict[str, str | None] | None:
    """The connections of `from=to` texts; None when one has no `=`."""
    if not all("=" in pair and not pair.startswith("=") for pair in pairs):
        return None
    return {source: target or None for source, _, target in (pair.partition("=") for pair in pairs)}


async def _beside(db: AsyncSession, chain: Chain, environment: str) -> int:
    """The environment of that name in the chain's workspace.

    Raises: NotFound.
    """
    from onecloud.workspaces import actions as workspaces

    here = await workspaces.get_environment(db, chain.environment_id)
    workspace = await workspaces.get_workspace(db, here.workspace_id)
    return (await workspaces.find_environment(db, workspace.name, environment)).id


def _ordered(order: Order, planned: Plan, given: dict[str, str | None]) -> Order:
    """The order with the connections that were given, and for the others what the plan suggests."""
    from dataclasses import replace

    suggested = {need.name: need.suggested for need in planned.connections if need.suggested is not None}
    target = planned.target.draft
    return replace(
        order, connections={**suggested, **given}, target_revision=None if target is None else target.revision
    )


def _tell_plan(planned: Plan, *, as_json: bool) -> int:
    from onecloud.chains.diff import lines_of
    from onecloud.chains.moving_shapes import plan_out

    if as_json:
        print(plan_out(planned).model_dump_json())
        return OK
    target = planned.target
    what = "changes the draft of" if target.draft else "makes"
    print(f"Promoting {what} {target.name} in {target.environment.name}.")
    for need in planned.connections:
        print(f"connection {need.name}: {need.suggested or 'give one of ' + (', '.join(need.candidates) or 'none')}")
    for child in planned.children:
        if child.fixed and not child.published:
            print(f"runs {child.name}, which is {'not published' if child.in_target else 'missing'} there")
    for variable in planned.variables:
        if variable.empty:
            print(f"workspace variable {variable.name} has no value there")
        elif variable.same_as_source:
            print(f"workspace variable {variable.name} has the same value there")
    for file in planned.resources:
        if not file.exists:
            print(f"the file {file.name} is missing")
    for secret in planned.secrets:
        print(f"encrypted variable {secret.name} {'keeps its value there' if secret.in_target else 'comes along'}")
    for line in lines_of(planned.changes):
        print(line)
    tell(target.name, planned.checked.problems, "draft only: ")
    return OK
