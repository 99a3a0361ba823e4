"""The permissions of groups, with their objects looked up: what is asked for must exist, what is shown has a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import actions as access
from onecloud.access.rules import edition
from onecloud.access.store import permissions as stored
from onecloud.chains import store as chains
from onecloud.kernel.errors import Invalid, Problem
from onecloud.kernel.permission import Grants, Level, Place
from onecloud.kernel.principal import Principal
from onecloud.people.model import Asked, Given, Named
from onecloud.workspaces import store as workspaces


async def permissions_of(db: AsyncSession, group_id: int) -> tuple[list[Named], str]:
    """What the group may do, the workspaces first, and the mark of this state.

    Raises: NotFound.
    """
    grants = await access.permissions_of(db, group_id)
    return await _named(db, grants.items()), edition(grants)


async def set_permissions(
    db: AsyncSession, caller: Principal | None, group_id: int, asked: Sequence[Asked], *, seen: str | None
) -> tuple[list[Named], str]:
    """Make these the group's permissions. `seen` is the mark of what the caller has read; None insists.

    Raises: NotFound; Invalid with one Problem per object that is not there or named twice; Stale; Conflict.
    """
    grants = await access.set_permissions(db, caller, group_id, await _grants(db, asked), edition=seen)
    return await _named(db, grants.items()), edition(grants)


async def give(
    db: AsyncSession, caller: Principal | None, group_id: int, asked: Asked | None, *, take: Asked | None = None
) -> list[Named]:
    """Give the group one permission in the place of the one it has on that object, or take one away.

    Raises: NotFound; Invalid when there is no such object; Conflict.
    """
    grants = dict(await access.permissions_of(db, group_id))
    grants |= await _grants(db, [] if asked is None else [asked])
    for place in await _grants(db, [] if take is None else [take]):
        grants.pop(place, None)
    after = await access.set_permissions(db, caller, group_id, grants)
    return await _named(db, after.items())


async def page_of_permissions(db: AsyncSession, *, group_id: int | None, offset: int, limit: int) -> list[Given]:
    """A page by number of what groups (or one) may do. Source: product facts 9.4.

    Raises: NotFound without such a group.
    """
    if group_id is not None:
        await access.get_group(db, group_id)
    found = await stored.page_of_permissions(db, group_id=group_id, offset=offset, limit=limit)
    groups = await stored.groups_with(db, [permission.id for permission in found])
    named = await _named(db, [(permission.place, permission.level) for permission in found])
    return [
        Given(permission.id, name, tuple(groups[permission.id])) for permission, name in zip(found, named, strict=True)
    ]


async def _named(db: AsyncSession, grants: Iterable[tuple[Place, Level]]) -> list[Named]:
    told = list(grants)
    wanted = {kind: [p.object_id for p, _ in told if p.kind == kind] for kind in ("workspace", "environment", "chain")}
    names = {
        "workspace": await workspaces.workspace_names_of(db, wanted["workspace"]),
        "environment": await workspaces.environment_names_of(db, wanted["environment"]),
        "chain": await chains.names_of(db, wanted["chain"]),
    }
    return [Named(place, names[place.kind].get(place.object_id, ""), level) for place, level in told]


async def _grants(db: AsyncSession, asked: Sequence[Asked]) -> Grants:
    """The asked permissions on objects with their parents.

    Raises: Invalid.
    """
    wanted = {kind: [a.object_id for a in asked if a.kind == kind] for kind in ("workspace", "environment", "chain")}
    in_environment = await chains.environments_of(db, wanted["chain"])
    in_workspace = await workspaces.workspaces_of(db, [*wanted["environment"], *in_environment.values()])
    there = set(await workspaces.workspace_names_of(db, wanted["workspace"]))

    def place(one: Asked) -> Place | None:
        match one.kind:
            case "workspace":
                return Place(one.object_id) if one.object_id in there else None
            case "environment":
                above = in_workspace.get(one.object_id)
                return None if above is None else Place(above, one.object_id)
            case _:
                environment = in_environment.get(one.object_id)
                return None if environment is None else Place(in_workspace[environment], environment, one.object_id)

    grants: dict[Place, Level] = {}
    problems: list[Problem] = []
    for number, one in enumerate(asked):
        found = place(one)
        if found is None:
            problems.append(Problem(f"permissions[{number}]", f"There is no {one.kind} {one.object_id}."))
        elif found in grants:
            mend = "Give one level; the highest includes the others."
            problems.append(Problem(f"permissions[{number}]", f"The {one.kind} {one.object_id} is named twice.", mend))
        else:
            grants[found] = one.level
    if problems:
        sentence = " ".join(problem.sentence() for problem in problems[:5])
        raise Invalid("user_group.permissions", sentence, problems=tuple(problems))
    return grants
