"""`onecloud workspace`: workspaces as files. Works on the data folder, also beside a running server."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from cyclopts import App, Parameter

from onecloud.kernel.errors import Invalid, OneCloudError, Problem
from onecloud.kernel.jsonvalue import Json, dump

if TYPE_CHECKING:
    from onecloud.workspaces.model import Environment, Workspace

app = App(name="workspace", help="Workspaces: list, and apply one from a file.")

OK: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
PAGE: Final = 200

Data: TypeAlias = Annotated[Path | None, Parameter(help="Data folder of the server; default ONECLOUD_DATA.")]
AsJson: TypeAlias = Annotated[bool, Parameter(help="Print the result as JSON.", negative="")]


@app.command(name="list")
def list_workspaces(*, data: Data = None, json: AsJson = False) -> int:
    """List the workspaces with their environments and how many chains each has."""

    async def work() -> int:
        from onecloud.cli.ground import open_ground
        from onecloud.workspaces import actions

        found: list[tuple[Workspace, list[Environment]]] = []
        async with open_ground(data) as ground, ground.database.reading() as db:
            page, after = await actions.list_workspaces(db, None, None, PAGE)
            found += page
            while after is not None:
                page, after = await actions.list_workspaces(db, None, after, PAGE)
                found += page
        if json:
            print(dump([_workspace_json(workspace, environments) for workspace, environments in found]))
            return OK
        for workspace, environments in found:
            print(f"{workspace.name} (workspace {workspace.id})")
            for environment in environments:
                count = "1 chain" if environment.chains_count == 1 else f"{environment.chains_count} chains"
                print(f"  {environment.name} (environment {environment.id}): {count}")
        if not found:
            print("There are no workspaces yet; make one with `onecloud workspace apply FILE`.")
        return OK

    return _refusable("", work, as_json=json)


@app.command
def apply(
    file: Annotated[
        str, Parameter(help="YAML file of the workspace; - reads standard input.", allow_leading_hyphen=True)
    ],
    *,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Make the workspace, its environments, variables and connections as the file has them.

    What the file does not name stays; what is the same already is not changed. A secret never stands in the file:
    ${ENV:NAME} takes it from the environment, ${STDIN} the next line of standard input. A secret that is left out
    keeps its stored value. Exit status: 0 done, 1 refused, 2 wrong usage.
    """
    text = _read(file)
    if text is None:
        return USAGE

    async def work() -> int:
        from onecloud.chains.yamltext import Unreadable
        from onecloud.chains.yamltext import read as read_yaml
        from onecloud.cli.ground import open_ground
        from onecloud.connections.apply import apply as apply_document
        from onecloud.connections.document import invalid, read

        try:
            value = read_yaml(text).value
        except Unreadable as error:
            raise invalid([error.problem]) from error
        document = read(value, os.environ, _no_line if file == "-" else _next_line)
        async with open_ground(data) as ground, ground.database.transaction() as db:
            applied = await apply_document(db, ground.keys, None, document)
        if json:
            result = _workspace_json(applied.workspace, applied.environments)
            print(dump({**result, "changes": applied.changes}))
        else:
            places = ", ".join(f"{e.name} ({e.id})" for e in applied.environments) or "none"
            done = "changed: " + ", ".join(applied.changes) if applied.changes else "unchanged"
            print(f"{applied.workspace.name} (workspace {applied.workspace.id}) {done}; environments: {places}.")
        return OK

    return _refusable(file, work, as_json=json)


def _workspace_json(workspace: Workspace, environments: list[Environment]) -> dict[str, Json]:
    return {
        "id": str(workspace.id),
        "name": workspace.name,
        "description": workspace.description,
        "external_id": workspace.external_id,
        "environments": [
            {"id": str(e.id), "name": e.name, "color": e.color, "position": e.position, "chains_count": e.chains_count}
            for e in environments
        ],
    }


def _next_line() -> str | None:
    line = sys.stdin.readline()
    return line.removesuffix("\n").removesuffix("\r") if line else None


def _no_line() -> str | None:
    return None  # standard input is the document itself


def _read(file: str) -> str | None:
    """The text of the file, or None after saying why there is none."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        print(f"onecloud: {file} cannot be read: {error.strerror}.", file=sys.stderr)
    except UnicodeDecodeError as error:
        print(f"onecloud: {file} is not UTF-8 text (byte {error.start + 1}).", file=sys.stderr)
    return None


def _refusable(file: str, work: Callable[[], Coroutine[None, None, int]], *, as_json: bool) -> int:
    """Run the command's work; a refusal becomes lines (and JSON) and exit status 1."""
    try:
        return asyncio.run(work())
    except OneCloudError as error:
        problems: Sequence[Problem] = error.problems if isinstance(error, Invalid) else ()
        for problem in problems:
            print(f"{'<stdin>' if file == '-' else file}: {problem.sentence()}", file=sys.stderr)
        if not problems:
            print(f"onecloud: {error.message}", file=sys.stderr)
        if as_json:
            shown: list[Json] = [{"where": p.where, "message": p.message, "mend": p.mend} for p in problems]
            print(dump({"error": error.code, "message": error.message, "problems": shown}))
        return REFUSED
