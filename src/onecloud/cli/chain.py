"""`onecloud chain`: chains as files. `apply` and `export` work on the data folder, also beside a running server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import App, Parameter

from onecloud.cli import chain_life, chain_moving
from onecloud.cli.chain_run import run
from onecloud.cli.telling import OK, REFUSED, USAGE, problems_json, refusable, tell
from onecloud.kernel.jsonvalue import Json, dump

app = App(name="chain", help="Chains as files and through their life: apply, publish, compare, promote, run.")
app.command(run)
for life in (
    chain_life.publish,
    chain_life.versions,
    chain_life.diff,
    chain_life.restore,
    chain_life.rename,
    chain_life.enable,
    chain_life.disable,
    chain_life.delete,
    chain_moving.copy,
    chain_moving.promote,
):
    app.command(life)
app.command(chain_moving.import_file, name="import")

File: TypeAlias = Annotated[
    str, Parameter(help="YAML file of the chain; - reads standard input.", allow_leading_hyphen=True)
]
Workspace: TypeAlias = Annotated[str, Parameter(help="Name of the workspace.")]
Environment: TypeAlias = Annotated[str, Parameter(help="Name of the environment.")]
Data: TypeAlias = Annotated[Path | None, Parameter(help="Data folder of the server; default ONECLOUD_DATA.")]
AsJson: TypeAlias = Annotated[bool, Parameter(help="Print the result as JSON.", negative="")]


@app.command
def apply(
    file: File,
    /,
    *,
    workspace: Workspace,
    environment: Environment,
    publish: Annotated[bool, Parameter(help="Publish it, so that it can run.", negative="")] = False,
    comment: Annotated[str, Parameter(help="Comment of the publish.")] = "",
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Make the chain of the file's name as the file has it. What is the same already is not changed.

    Without --publish a chain with faults is saved as a draft, and they are shown.
    """
    text = _read(file)
    if text is None:
        return USAGE

    async def work() -> int:
        from onecloud.chains import actions
        from onecloud.cli.ground import open_ground
        from onecloud.workspaces import actions as workspaces

        async with open_ground(data) as ground, ground.database.transaction() as db:
            place = await workspaces.find_environment(db, workspace, environment)
            applied = await actions.apply(db, ground.keys, None, place.id, text, publish=publish, comment=comment)
        version = applied.version.number if applied.version else None
        tell(file, applied.problems, "draft only: ")
        tell(file, applied.notes, "note: ")
        if json:
            result: dict[str, Json] = {
                "chain_id": str(applied.chain.id),
                "environment_id": str(place.id),
                "name": applied.chain.name,
                "version": version,
                "changed": applied.changed,
                "problems": problems_json(applied.problems),
                "notes": problems_json(applied.notes),
            }
            print(dump(result))
        else:
            done = "applied" if applied.changed else "is unchanged"
            what = f", published as version {version}" if version else "; publish it to run it"
            print(f"{workspace} / {environment} / {applied.chain.name} (chain {applied.chain.id}) {done}{what}.")
        return OK

    return refusable(file, work, as_json=json)


@app.command
def validate(
    file: File,
    /,
    *,
    workspace: Annotated[str | None, Parameter(help="Check against this workspace; needs --environment.")] = None,
    environment: Annotated[str | None, Parameter(help="Check against this environment.")] = None,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Say whether the chain could be published; nothing is stored.

    Without --workspace and --environment no server or data is needed; names of workspace variables and connections
    are then not checked. Exit status: 0 sound, 1 faults, 2 wrong usage.
    """
    if (workspace is None) != (environment is None) or (data is not None and workspace is None):
        print("onecloud: give --workspace and --environment together, or neither and no --data.", file=sys.stderr)
        return USAGE
    text = _read(file)
    if text is None:
        return USAGE

    async def work() -> int:
        from onecloud.chains.catalog import catalog
        from onecloud.chains.document import parse_document
        from onecloud.chains.validation import validated

        if workspace is None or environment is None:
            checked = validated(text, catalog())
        else:
            from onecloud.chains import actions
            from onecloud.cli.ground import open_ground
            from onecloud.workspaces import actions as workspaces

            async with open_ground(data) as ground, ground.database.reading() as db:
                place = await workspaces.find_environment(db, workspace, environment)
                checked = await actions.validate(db, ground.keys, None, place.id, parse_document(text))
        tell(file, checked.problems)
        tell(file, checked.notes, "note: ")
        sound = not checked.problems
        if json:
            result: dict[str, Json] = {
                "valid": sound,
                "problems": problems_json(checked.problems),
                "notes": problems_json(checked.notes),
            }
            print(dump(result))
        elif sound:
            print(f"{file}: sound")
        return OK if sound else REFUSED

    return refusable(file, work, as_json=json)


@app.command
def export(
    chain_id: Annotated[int | None, Parameter(help="Id of the chain; or use the three names.")] = None,
    /,
    *,
    name: Annotated[str | None, Parameter(help="Name of the chain.")] = None,
    workspace: Annotated[str | None, Parameter(help="Name of the workspace.")] = None,
    environment: Annotated[str | None, Parameter(help="Name of the environment.")] = None,
    package: Annotated[
        Path | None, Parameter(help="Write a .chain file instead, with the chains that it runs; for `import`.")
    ] = None,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Print the chain's draft as a file that `apply` takes. Values of encrypted variables stay behind.

    With --package what runs (or the draft, if nothing does) goes into a signed .chain file, which is good for 14 days.
    """
    if (chain_id is None) == (name is None) or (name is not None and (workspace is None or environment is None)):
        print("onecloud: give the chain's id, or --name with --workspace and --environment.", file=sys.stderr)
        return USAGE

    async def work() -> int:
        from onecloud.chains import actions
        from onecloud.cli.ground import open_ground
        from onecloud.workspaces import actions as workspaces

        async with open_ground(data) as ground, ground.database.reading() as db:
            wanted = chain_id
            if name is not None and workspace is not None and environment is not None:
                place = await workspaces.find_environment(db, workspace, environment)
                wanted = (await actions.find_chain(db, place.id, name)).id
            if package is not None:
                return await chain_moving.write_package(ground, wanted or 0, package, as_json=json)
            text = await actions.export(db, wanted or 0)
        print(dump({"chain_id": str(wanted), "document": text}) if json else text, end="\n" if json else "")
        return OK

    return refusable(name or str(chain_id), work, as_json=json)


@app.command
def schema() -> int:
    """Print the JSON Schema of the chain document, with the inputs of every command."""
    from onecloud.chains.catalog import catalog
    from onecloud.chains.schema import schema_text

    print(schema_text(catalog()), end="")
    return OK


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
