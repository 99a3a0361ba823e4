"""`onecloud workspace resource`: the files of a workspace. Works on the data folder, also beside a running server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final, TypeAlias

from cyclopts import App, Parameter

from onecloud.kernel.errors import Invalid, OneCloudError
from onecloud.kernel.jsonvalue import Json, dump

if TYPE_CHECKING:
    from onecloud.resources.model import Resource

app = App(name="resource", help="Files of a workspace: put, get, list, delete.")

OK: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
PAGE: Final = 200
PIECE: Final = 256 * 1024

Workspace: TypeAlias = Annotated[str, Parameter(help="Name of the workspace.")]
Name: TypeAlias = Annotated[str, Parameter(help="Name of the resource.")]
Data: TypeAlias = Annotated[Path | None, Parameter(help="Data folder of the server; default ONECLOUD_DATA.")]
AsJson: TypeAlias = Annotated[bool, Parameter(help="Print the result as JSON.", negative="")]


@app.command
def put(
    file: Annotated[str, Parameter(help="File to keep; - reads standard input.", allow_leading_hyphen=True)],
    /,
    *,
    workspace: Workspace,
    name: Annotated[str | None, Parameter(help="Name of the resource; the file's own when left out.")] = None,
    comment: Annotated[str, Parameter(help="What was changed.")] = "",
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Keep a file in a workspace: a new resource, or a new version of the one with that name.

    The same bytes as its newest version change nothing. At most 10 MB.
    """
    called = name or Path(file).name
    if file == "-" and name is None:
        print("onecloud: standard input has no name; give --name.", file=sys.stderr)
        return USAGE

    async def work() -> int:
        from onecloud.cli.ground import open_ground
        from onecloud.infra.blobs import Blobs
        from onecloud.resources import actions, rules
        from onecloud.resources.incoming import receive
        from onecloud.resources.model import NewVersion
        from onecloud.workspaces import actions as workspaces

        rules.check(called, comment=comment)
        async with open_ground(data) as ground:
            async with ground.database.reading() as reading:
                place = await workspaces.find_workspace(reading, workspace)
            with open_file(file) as stream:
                content = await receive(pieces_of(stream), Blobs(ground.settings.blobs_folder), place.id)
            async with ground.database.transaction() as db:
                resource, changed = await actions.put(db, None, place.id, called, NewVersion(content, comment))
        if json:
            print(dump({**as_json(resource), "changed": changed}))
        else:
            done = "kept as" if changed else "is unchanged;"
            print(f"{workspace} / {called} {done} version {resource.version.number} (resource {resource.id}).")
        return OK

    try:
        return refusable(work, as_json=json)
    except OSError as error:
        print(f"onecloud: {file} cannot be read: {error.strerror}.", file=sys.stderr)
        return USAGE


@app.command
def get(
    name: Name,
    /,
    *,
    workspace: Workspace,
    version: Annotated[int | None, Parameter(help="Number of the version; the newest when left out.")] = None,
    output: Annotated[Path | None, Parameter(help="File to write; standard output when left out.")] = None,
    data: Data = None,
) -> int:
    """Write a resource to standard output or to a file."""

    async def work() -> int:
        from onecloud.cli.ground import open_ground
        from onecloud.infra.blobs import Blobs
        from onecloud.resources import actions
        from onecloud.resources.reading import existing
        from onecloud.workspaces import actions as workspaces

        async with open_ground(data) as ground, ground.database.reading() as db:
            place = await workspaces.find_workspace(db, workspace)
            resource = await actions.find(db, None, place.id, name)
            wanted = await actions.get_version(db, resource, version)
            held = existing(Blobs(ground.settings.blobs_folder), resource.name, wanted).read_bytes()
        if output is None:
            sys.stdout.buffer.write(held)
            sys.stdout.flush()
        else:
            output.write_bytes(held)
        return OK

    try:
        return refusable(work, as_json=False)
    except OSError as error:
        print(f"onecloud: {output or name} cannot be written: {error.strerror}.", file=sys.stderr)
        return USAGE


@app.command(name="list")
def list_resources(*, workspace: Workspace, data: Data = None, json: AsJson = False) -> int:
    """List the files of a workspace with their newest versions and how many chains use each."""

    async def work() -> int:
        from onecloud.chains.actions.resources import uses_by_name
        from onecloud.cli.ground import open_ground
        from onecloud.resources import actions
        from onecloud.resources.rules import shown_bytes
        from onecloud.workspaces import actions as workspaces

        found: list[Resource] = []
        async with open_ground(data) as ground, ground.database.reading() as db:
            place = await workspaces.find_workspace(db, workspace)
            after: int | None = 0
            while after is not None:
                page, after = await actions.list_resources(db, None, place.id, after, PAGE)
                found += page
            uses = await uses_by_name(db, place.id)
        if json:
            print(dump([{**as_json(one), "uses": len(uses.get(one.name, ()))} for one in found]))
            return OK
        for one in found:
            count = len(uses.get(one.name, ()))
            used = "unused" if count == 0 else "1 chain" if count == 1 else f"{count} chains"
            size = shown_bytes(one.version.content.size_bytes)
            print(f"{one.name}: version {one.version.number}, {size}, {used} (resource {one.id})")
        if not found:
            print(f"{workspace} has no resources; add one with `onecloud workspace resource put FILE`.")
        return OK

    return refusable(work, as_json=json)


@app.command
def delete(name: Name, /, *, workspace: Workspace, data: Data = None, json: AsJson = False) -> int:
    """Take a file away with all its versions; refused while a chain refers to it."""

    async def work() -> int:
        from onecloud.chains.actions.resources import remove_resource
        from onecloud.cli.ground import open_ground
        from onecloud.resources import actions
        from onecloud.workspaces import actions as workspaces

        async with open_ground(data) as ground, ground.database.transaction() as db:
            place = await workspaces.find_workspace(db, workspace)
            resource = await actions.find(db, None, place.id, name)
            await remove_resource(db, None, resource.id)
        print(dump(as_json(resource)) if json else f"{workspace} / {name} deleted.")
        return OK

    return refusable(work, as_json=json)


def as_json(resource: Resource) -> dict[str, Json]:
    """A resource as programs read it."""
    newest = resource.version
    return {
        "id": str(resource.id),
        "name": resource.name,
        "description": resource.description,
        "version": newest.number,
        "size_bytes": newest.content.size_bytes,
        "sha256": newest.content.sha256,
        "created_by": newest.created_by_name,
        "created_at": newest.created_at.isoformat(),
    }


def open_file(file: str) -> BinaryIO:
    """The file to read, or standard input."""
    return sys.stdin.buffer if file == "-" else Path(file).open("rb")


async def pieces_of(stream: BinaryIO) -> AsyncIterator[bytes]:
    """The bytes of a file, piece by piece."""
    while piece := await asyncio.to_thread(stream.read, PIECE):
        yield piece


def refusable(work: Callable[[], Coroutine[None, None, int]], *, as_json: bool) -> int:
    """Run the command's work; a refusal becomes sentences (and JSON) and exit status 1."""
    try:
        return asyncio.run(work())
    except OneCloudError as error:
        problems = error.problems if isinstance(error, Invalid) else ()
        for sentence in [problem.sentence() for problem in problems] or [error.message]:
            print(f"onecloud: {sentence}", file=sys.stderr)
        if as_json:
            shown: list[Json] = [{"where": p.where, "message": p.message, "mend": p.mend} for p in error.problems]
            print(dump({"error": error.code, "message": error.message, "problems": shown}))
        return REFUSED
