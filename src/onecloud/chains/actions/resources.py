"""What needs to know which chains use a file: the counters, and refusing to take a used file away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import uses_store
from onecloud.chains.uses import used_by
from onecloud.kernel.errors import Conflict, Problem
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.resources import actions as resources
from onecloud.resources.model import Resource

SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Use:
    """A chain that refers to a file: in its draft, in the version that runs, or in both."""

    chain_id: int
    chain_name: str
    environment_id: int
    environment_name: str
    in_draft: bool
    in_published: bool


async def uses_by_name(db: AsyncSession, workspace_id: int) -> Mapping[str, Sequence[Use]]:
    """The chains that refer to each of the workspace's files, by chain id; files that nothing uses are left out.

    Source: product facts 2.17.
    """
    found: defaultdict[str, list[Use]] = defaultdict(list)
    for chain in await uses_store.candidates(db, workspace_id):
        draft = used_by(chain.draft)
        published = used_by(chain.published) if chain.published is not None else frozenset[str]()
        for name in draft | published:
            found[name].append(
                Use(
                    chain.chain_id,
                    chain.name,
                    chain.environment_id,
                    chain.environment_name,
                    name in draft,
                    name in published,
                )
            )
    return found


async def uses_of(db: AsyncSession, resource: Resource) -> Sequence[Use]:
    """The chains that refer to the file."""
    return (await uses_by_name(db, resource.workspace_id)).get(resource.name, ())


async def change_resource(
    db: AsyncSession, caller: Principal | None, resource_id: int, name: str | None, description: str | None
) -> Resource:
    """Give the resource another name or description; None keeps what it has.

    Raises: Forbidden; NotFound; Invalid; Conflict when the name is taken, or chains refer to the old one.
    """
    resource = await resources.locked(db, caller, resource_id, Level.WRITE)
    if name is not None and name != resource.name:
        _refuse_used(resource, await uses_of(db, resource), "renamed")
    wanted_name = resource.name if name is None else name
    wanted_description = resource.description if description is None else description
    return await resources.rename(db, caller, resource, wanted_name, wanted_description)


async def remove_resource(db: AsyncSession, caller: Principal | None, resource_id: int) -> Resource:
    """Take the resource away with every version. Runs under way keep what they began with.

    Raises: Forbidden; NotFound; Conflict `resource.in_use` naming the chains. Source: product facts 2.17.
    """
    resource = await resources.locked(db, caller, resource_id, Level.CREATE)
    _refuse_used(resource, await uses_of(db, resource), "deleted")
    await resources.remove(db, caller, resource)
    return resource


def _refuse_used(resource: Resource, uses: Sequence[Use], what: str) -> None:
    if not uses:
        return
    named = ", ".join(f"`{use.chain_name}` in {use.environment_name}" for use in uses[:SHOWN])
    more = f" and {len(uses) - SHOWN} more" if len(uses) > SHOWN else ""
    chains = "a chain uses" if len(uses) == 1 else f"{len(uses)} chains use"
    raise Conflict(
        "resource.in_use",
        f"`{resource.name}` cannot be {what}, {chains} it: {named}{more}. Take it out there first, and publish.",
        problems=tuple(
            Problem(
                f"{use.environment_name} / {use.chain_name}",
                f"uses it in its {' and its '.join(_places(use))}.",
                "Take it out there.",
            )
            for use in uses
        ),
    )


def _places(use: Use) -> list[str]:
    draft = ["draft"] if use.in_draft else []
    return draft + (["published version"] if use.in_published else [])
