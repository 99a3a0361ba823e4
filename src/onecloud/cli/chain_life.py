"""`onecloud chain` through a chain's life: publish, versions, differences, restore, rename, switch, delete.

They work on the data folder, also beside a running server.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from onecloud.cli.telling import OK, USAGE, problems_json, refusable, tell
from onecloud.kernel.jsonvalue import Json, dump

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from onecloud.chains.actions import Which
    from onecloud.chains.model import Applied, Chain

ChainName: TypeAlias = Annotated[
    str, Parameter(help="Id of the chain, or its name with --workspace and --environment.")
]
Workspace: TypeAlias = Annotated[str | None, Parameter(help="Name of the workspace.")]
Environment: TypeAlias = Annotated[str | None, Parameter(help="Name of the environment.")]
Data: TypeAlias = Annotated[Path | None, Parameter(help="Data folder of the server; default ONECLOUD_DATA.")]
AsJson: TypeAlias = Annotated[bool, Parameter(help="Print the result as JSON.", negative="")]
Comment: TypeAlias = Annotated[str, Parameter(help="Comment of the publish.")]
Force: TypeAlias = Annotated[bool, Parameter(help="Do it although published chains run it.", negative="")]
State: TypeAlias = Annotated[str, Parameter(help="draft, published, or a version's number.")]

DIFFERENT = 3


def publish(
    chain: ChainName,
    /,
    *,
    workspace: Workspace = None,
    environment: Environment = None,
    comment: Comment = "",
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Make the draft the version that runs. A draft that was published already makes no new version."""

    async def work() -> int:
        from onecloud.chains import actions
        from onecloud.cli.ground import open_ground

        async with open_ground(data) as ground, ground.database.transaction() as db:
            found = await find(db, chain, workspace, environment)
            applied = await actions.publish(db, None, found.id, comment)
        assert applied.version is not None, "publishing gives a version"
        tell(chain, applied.notes, "note: ")
        number = applied.version.number
        if json:
            print(dump({**saved_json(applied), "version": number}))
        else:
            how = "published as" if applied.changed else "unchanged; it runs"
            print(f"{applied.chain.name} (chain {applied.chain.id}): {how} version {number}.")
        return OK

    return with_place(chain, workspace, environment) or refusable(chain, work, as_json=json)


def versions(
    chain: ChainName,
    /,
    *,
    workspace: Workspace = None,
    environment: Environment = None,
    limit: Annotated[int, Parameter(help="How many, newest first.")] = 50,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """List the versions of a chain, newest first; a star marks the one that runs."""
    if limit < 1:
        print("onecloud: --limit must be 1 or more.", file=sys.stderr)
        return USAGE

    async def work() -> int:
        from onecloud.chains import actions
        from onecloud.cli.ground import open_ground

        async with open_ground(data) as ground, ground.database.reading() as db:
            found = await find(db, chain, workspace, environment)
            held, listed, people = await actions.list_versions(db, None, found.id, None, limit)
        if json:
            items: list[Json] = [
                {
                    "version": version.number,
                    "comment": version.comment,
                    "published_at": version.published_at.isoformat(),
                    "published_by": people[version.published_by].name if version.published_by in people else None,
                    "runs": version.id == held.published_version_id,
                }
                for version in listed
            ]
            print(dump({"chain_id": str(held.id), "versions": items}))
            return OK
        for version in listed:
            mark = "*" if version.id == held.published_version_id else " "
            by = people[version.published_by].name if version.published_by in people else "command line"
            at = version.published_at.strftime("%Y-%m-%d %H:%M")
            print(f"{mark} {version.number:>4}  {at}  {by}" + (f"  {version.comment}" if version.comment else ""))
        return OK

    return with_place(chain, workspace, environment) or refusable(chain, work, as_json=json)


def diff(
    chain: ChainName,
    /,
    *,
    workspace: Workspace = None,
    environment: Environment = None,
    before: State = "published",
    after: State = "draft",
    exit_code: Annotated[bool, Parameter(help="End with status 3 when there are differences.", negative="")] = False,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Tell what differs between two states of a chain. Encrypted values are never shown."""
    old, new = which(before), which(after)

    async def work() -> int:
        from onecloud.chains import actions
        from onecloud.chains.diff import lines_of
        from onecloud.chains.editing_shapes import diff_out
        from onecloud.cli.ground import open_ground

        assert old is not None
        assert new is not None
        async with open_ground(data) as ground, ground.database.snapshot() as db:
            found = await find(db, chain, workspace, environment)
            compared = await actions.diff(db, ground.keys, None, found.id, old, new)
        if json:
            print(diff_out(*compared).model_dump_json())
        else:
            for line in lines_of(compared[2]):
                print(line)
        return DIFFERENT if exit_code and compared[2] else OK

    if old is None or new is None:
        print("onecloud: a state is draft, published, or a version's number.", file=sys.stderr)
        return USAGE
    return with_place(chain, workspace, environment) or refusable(chain, work, as_json=json)


def restore(
    chain: ChainName,
    version: Annotated[int, Parameter(help="Number of the version.")],
    /,
    *,
    workspace: Workspace = None,
    environment: Environment = None,
    publish: Annotated[bool, Parameter(help="Publish it as well.", negative="")] = False,
    comment: Comment = "",
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Make the draft what an earlier version was; with --publish it runs again, as a new version."""

    async def work() -> int:
        from onecloud.chains import actions
        from onecloud.cli.ground import open_ground

        async with open_ground(data) as ground, ground.database.transaction() as db:
            found = await find(db, chain, workspace, environment)
            view = await actions.read_draft(db, None, found.id)
            applied = await actions.restore(db, None, found.id, version, view.draft.revision)
            published = await actions.publish(db, None, found.id, comment) if publish else None
        number = published.version.number if published and published.version else None
        tell(chain, applied.problems, "draft only: ")
        if json:
            print(dump({**saved_json(applied), "version": number}))
        else:
            done = "is restored" if applied.changed else "is as it was already"
            what = f" and runs as version {number}" if number else "; publish it to run it"
            print(f"{applied.chain.name} (chain {applied.chain.id}): the draft of version {version} {done}{what}.")
        return OK

    return with_place(chain, workspace, environment) or refusable(chain, work, as_json=json)


def rename(
    chain: ChainName,
    name: Annotated[str, Parameter(help="The new name.")],
    /,
    *,
    workspace: Workspace = None,
    environment: Environment = None,
    force: Force = False,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Give a chain another name. Refused while published chains run it by its name, unless with --force."""

    async def work() -> int:
        from onecloud.chains import actions
        from onecloud.cli.ground import open_ground

        async with open_ground(data) as ground, ground.database.transaction() as db:
            found = await find(db, chain, workspace, environment)
            applied = await actions.rename(db, None, found.id, name, force=force)
        print(dump(saved_json(applied)) if json else f"{found.name} (chain {found.id}) is now named {name}.")
        return OK

    return with_place(chain, workspace, environment) or refusable(chain, work, as_json=json)


def enable(
    chain: ChainName,
    /,
    *,
    workspace: Workspace = None,
    environment: Environment = None,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Let a chain be started again."""
    return _switch(chain, workspace, environment, data, disabled=False, as_json=json)


def disable(
    chain: ChainName,
    /,
    *,
    workspace: Workspace = None,
    environment: Environment = None,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Let nothing start a chain; runs under way go on."""
    return _switch(chain, workspace, environment, data, disabled=True, as_json=json)


def _switch(
    chain: str, workspace: str | None, environment: str | None, data: Path | None, *, disabled: bool, as_json: bool
) -> int:
    async def work() -> int:
        from onecloud.chains import actions
        from onecloud.cli.ground import open_ground

        async with open_ground(data) as ground, ground.database.transaction() as db:
            found = await find(db, chain, workspace, environment)
            await actions.set_disabled(db, None, found.id, disabled=disabled)
        changed = found.disabled != disabled
        if as_json:
            print(dump({"chain_id": str(found.id), "name": found.name, "disabled": disabled, "changed": changed}))
        else:
            word = "disabled" if disabled else "enabled"
            print(f"{found.name} (chain {found.id}) is {word}" + ("." if changed else " already."))
        return OK

    return with_place(chain, workspace, environment) or refusable(chain, work, as_json=as_json)


def delete(
    chain: ChainName,
    /,
    *,
    workspace: Workspace = None,
    environment: Environment = None,
    force: Force = False,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Delete a chain that is not running. The history of its runs stays; its name is free again."""

    async def work() -> int:
        from onecloud.cli.ground import open_ground
        from onecloud.runs.chain_deletion import delete_chain

        async with open_ground(data) as ground, ground.database.transaction() as db:
            found = await find(db, chain, workspace, environment)
            await delete_chain(db, None, found.id, force=force)
        print(
            dump({"chain_id": str(found.id), "name": found.name, "deleted": True})
            if json
            else f"{found.name} (chain {found.id}) is deleted."
        )
        return OK

    return with_place(chain, workspace, environment) or refusable(chain, work, as_json=json)


def with_place(chain: str, workspace: str | None, environment: str | None) -> int:
    """0 when the chain is named clearly; else the exit status of wrong usage, after saying what to give."""
    if (workspace is None) == (environment is None) and (workspace is not None or chain.isdecimal()):
        return OK
    print("onecloud: give the chain's id, or its name with --workspace and --environment.", file=sys.stderr)
    return USAGE


async def find(db: AsyncSession, chain: str, workspace: str | None, environment: str | None) -> Chain:
    """The chain of that id, or of that name in the environment.

    Raises: NotFound.
    """
    from onecloud.chains import actions
    from onecloud.workspaces import actions as workspaces

    if workspace is None or environment is None:
        return await actions.get_chain(db, int(chain[:19]))
    place = await workspaces.find_environment(db, workspace, environment)
    return await actions.find_chain(db, place.id, chain)


def which(text: str) -> Which | None:
    """A state of a chain, or None for a text that names none."""
    if text == "draft":
        return "draft"
    if text == "published":
        return "published"
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text) < 2**31 else None


def saved_json(applied: Applied) -> dict[str, Json]:
    """What a change of a draft came to, for --json."""
    return {
        "chain_id": str(applied.chain.id),
        "environment_id": str(applied.chain.environment_id),
        "name": applied.chain.name,
        "changed": applied.changed,
        "revision": applied.revision,
        "unpublished_changes": applied.chain.draft_differs,
        "problems": problems_json(applied.problems),
        "notes": problems_json(applied.notes),
    }
