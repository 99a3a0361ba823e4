"""`onecloud admin group`: groups, who is in them and what they may do, on the data folder, also beside a server.

Exit status: 0 done, also when there was nothing to do; 1 refused; 2 wrong usage.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from cyclopts import App, Parameter

from onecloud.cli.admin import AsJson, Data, Email
from onecloud.cli.telling import OK, USAGE, refusable
from onecloud.kernel.jsonvalue import Json, dump

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from onecloud.access.model import Group, User
    from onecloud.kernel.permission import Level
    from onecloud.people.model import Asked, Named

app = App(name="group", help="Groups: list, create, delete, add and remove people, grant and revoke permissions.")

GroupName: TypeAlias = Annotated[str, Parameter(help="Name of the group.")]
WorkspaceName: TypeAlias = Annotated[str, Parameter(name="--workspace", help="Name of the workspace.")]
EnvironmentName: TypeAlias = Annotated[
    str | None, Parameter(name="--environment", help="Only this environment of the workspace.")
]
ChainName: TypeAlias = Annotated[str | None, Parameter(name="--chain", help="Only this chain of the environment.")]

WORDS: Final = ("read", "execute", "write", "create", "admin")


@app.command(name="list")
def list_groups(
    group: Annotated[str | None, Parameter(help="Only this group, with its members and permissions.")] = None,
    /,
    *,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """List the groups, or one with who is in it and what it may do."""

    async def work() -> int:
        from onecloud.access import actions
        from onecloud.cli.ground import open_ground
        from onecloud.people import permissions

        async with open_ground(data) as ground, ground.database.snapshot() as db:
            if group is None:
                found = await _every_group(db)
                print(dump([_as_json(one) for one in found]) if json else "\n".join(_line(one) for one in found))
                return OK
            one = await actions.find_group(db, group)
            members = await _every_member(db, one.id)
            held, _ = await permissions.permissions_of(db, one.id)
        if json:
            people: list[Json] = [{"id": str(user.id), "email": user.email} for user in members]
            print(dump({**_as_json(one), "members": people, "permissions": [_permission(named) for named in held]}))
            return OK
        print(_line(one))
        for user in members:
            print(f"  member\t{user.email}")
        for named in held:
            print(f"  {named.level.word}\t{named.place.kind} {named.name} ({named.place.kind} {named.place.object_id})")
        return OK

    return refusable(group or "", work, as_json=json)


@app.command
def create(
    group: GroupName,
    /,
    *,
    description: Annotated[str, Parameter(help="What the group is for.")] = "",
    api_access: Annotated[bool, Parameter(help="Members may hold API tokens.", negative="")] = False,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Make a group without members and permissions."""

    async def work() -> int:
        from onecloud.access import actions
        from onecloud.access.model import GroupFields
        from onecloud.cli.ground import open_ground

        async with open_ground(data) as ground, ground.database.transaction() as db:
            made = await actions.create_group(db, None, GroupFields(group, description, api_access))
        print(dump(_as_json(made)) if json else f"The group {made.name} is created (group {made.id}).")
        return OK

    return refusable(group, work, as_json=json)


@app.command
def delete(group: GroupName, /, *, data: Data = None, json: AsJson = False) -> int:
    """Delete a group with its memberships and permissions; the people stay."""

    async def work() -> int:
        from onecloud.access import actions
        from onecloud.cli.ground import open_ground

        async with open_ground(data) as ground, ground.database.transaction() as db:
            found = await actions.find_group(db, group)
            await actions.delete_group(db, None, found.id)
        print(dump({**_as_json(found), "deleted": True}) if json else f"The group {found.name} is deleted.")
        return OK

    return refusable(group, work, as_json=json)


@app.command
def add(group: GroupName, /, *, email: Email, data: Data = None, json: AsJson = False) -> int:
    """Put a person into a group."""
    return _membership(group, email, data, inside=True, as_json=json)


@app.command
def remove(group: GroupName, /, *, email: Email, data: Data = None, json: AsJson = False) -> int:
    """Take a person out of a group; what they hold through it is dead by their next request."""
    return _membership(group, email, data, inside=False, as_json=json)


@app.command
def grant(
    group: GroupName,
    level: Annotated[str, Parameter(help="read, execute, write, create or admin; each holds the ones before it.")],
    /,
    *,
    workspace: WorkspaceName,
    environment: EnvironmentName = None,
    chain: ChainName = None,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Give a group a level on a workspace, an environment or a chain, and on all that is in it.

    It takes the place of the level that the group has on the same object.
    """
    if level not in WORDS:
        return _usage(f"there is no level `{level}`; give one of {', '.join(WORDS)}")
    return _permit(group, level, (workspace, environment, chain), data, as_json=json)


@app.command
def revoke(
    group: GroupName,
    /,
    *,
    workspace: WorkspaceName,
    environment: EnvironmentName = None,
    chain: ChainName = None,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Take a group's level on a workspace, an environment or a chain; levels on what is around it or in it stay."""
    return _permit(group, None, (workspace, environment, chain), data, as_json=json)


def _membership(group: str, email: str, data: Data, *, inside: bool, as_json: bool) -> int:
    async def work() -> int:
        from onecloud.access import actions
        from onecloud.cli.ground import open_ground

        async with open_ground(data) as ground, ground.database.transaction() as db:
            before = await actions.find_group(db, group)
            user = await actions.user_by_email(db, email)
            change = actions.add_member if inside else actions.remove_member
            await change(db, None, before.id, user.id)
            after = await actions.get_group(db, before.id)
        changed = after.members_count != before.members_count
        if as_json:
            print(dump({**_as_json(after), "user_id": str(user.id), "email": user.email, "changed": changed}))
        elif changed:
            print(f"{user.email} is {'now' if inside else 'no longer'} in {after.name}.")
        else:
            print(f"{user.email} {'is in' if inside else 'was not in'} {after.name}{' already' if inside else ''}.")
        return OK

    return refusable(group, work, as_json=as_json)


def _permit(
    group: str, level: str | None, names: tuple[str, str | None, str | None], data: Data, *, as_json: bool
) -> int:
    if names[2] is not None and names[1] is None:
        return _usage("a chain is in an environment: give --environment with --chain")

    async def work() -> int:
        from onecloud.access import actions
        from onecloud.access.permissions import LEVELS
        from onecloud.cli.ground import open_ground
        from onecloud.people import permissions

        async with open_ground(data) as ground, ground.database.transaction() as db:
            found = await actions.find_group(db, group)
            before, _ = await permissions.permissions_of(db, found.id)
            asked = await _asked(db, names, LEVELS[level or "read"])
            if level is None:
                after = await permissions.give(db, None, found.id, None, take=asked)
            else:
                after = await permissions.give(db, None, found.id, asked)
        changed = before != after
        what = f"{asked.kind} {next(name for name in reversed(names) if name is not None)}"
        if as_json:
            print(dump({**_as_json(found), "permissions": [_permission(named) for named in after], "changed": changed}))
        elif level is None:
            print(f"{found.name} {'has no longer a' if changed else 'had no'} permission on the {what} itself.")
        else:
            print(f"{found.name} has {level} on the {what}{'' if changed else ' already'}.")
        return OK

    return refusable(group, work, as_json=as_json)


async def _asked(db: AsyncSession, names: tuple[str, str | None, str | None], level: Level) -> Asked:
    """The object of these names.

    Raises: NotFound listing the names there are.
    """
    from onecloud.chains import actions as chains
    from onecloud.people.model import Asked
    from onecloud.workspaces import actions as workspaces

    workspace, environment, chain = names
    if environment is None:
        return Asked("workspace", (await workspaces.find_workspace(db, workspace)).id, level)
    place = await workspaces.find_environment(db, workspace, environment)
    if chain is None:
        return Asked("environment", place.id, level)
    return Asked("chain", (await chains.find_chain(db, place.id, chain)).id, level)


async def _every_group(db: AsyncSession) -> list[Group]:
    from onecloud.access import actions
    from onecloud.activity.rules import PAGE_MOST

    found, cursor = await actions.list_groups(db, None, PAGE_MOST)
    while cursor is not None:
        page, cursor = await actions.list_groups(db, cursor, PAGE_MOST)
        found += page
    return found


async def _every_member(db: AsyncSession, group_id: int) -> list[User]:
    from onecloud.access import actions
    from onecloud.activity.rules import PAGE_MOST

    found, cursor = await actions.list_members(db, group_id, None, PAGE_MOST)
    while cursor is not None:
        page, cursor = await actions.list_members(db, group_id, cursor, PAGE_MOST)
        found += page
    return found


def _line(group: Group) -> str:
    marks = (("built in", group.is_default), ("API access", group.api_access))
    count = "1 member" if group.members_count == 1 else f"{group.members_count} members"
    return "\t".join((str(group.id), group.name, ", ".join([count, *(mark for mark, holds in marks if holds)])))


def _as_json(group: Group) -> dict[str, Json]:
    return {
        "id": str(group.id),
        "name": group.name,
        "description": group.description,
        "built_in": group.is_default,
        "api_access": group.api_access,
        "members_count": group.members_count,
    }


def _permission(named: Named) -> dict[str, Json]:
    return {
        "level": named.level.word,
        "object_type": named.place.kind,
        "object_id": str(named.place.object_id),
        "object_name": named.name,
    }


def _usage(sentence: str) -> int:
    print(f"onecloud: {sentence}.", file=sys.stderr)
    return USAGE
