"""`onecloud template`: chain templates as files. Works on the data folder, also beside a running server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from cyclopts import App, Parameter

from onecloud.cli.resource import refusable
from onecloud.kernel.jsonvalue import dump

if TYPE_CHECKING:
    from onecloud.chain_templates.model import Template

app = App(name="template", help="Chain templates as files: apply, export, list.")

OK: Final = 0
USAGE: Final = 2
PAGE: Final = 200

Data: TypeAlias = Annotated[Path | None, Parameter(help="Data folder of the server; default ONECLOUD_DATA.")]
AsJson: TypeAlias = Annotated[bool, Parameter(help="Print the result as JSON.", negative="")]


@app.command
def apply(
    file: Annotated[
        str, Parameter(help="YAML file of the template; - reads standard input.", allow_leading_hyphen=True)
    ],
    /,
    *,
    publish: Annotated[bool, Parameter(help="Publish it, so that chains can be made of it.", negative="")] = False,
    comment: Annotated[str, Parameter(help="Comment of the publish.")] = "",
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Make the template of the file's folder and name as the file has it. What is the same already is not changed."""
    try:
        text = (sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()).decode("utf-8-sig")
    except OSError as error:
        print(f"onecloud: {file} cannot be read: {error.strerror}.", file=sys.stderr)
        return USAGE
    except UnicodeDecodeError as error:
        print(f"onecloud: {file} is not UTF-8 text (byte {error.start + 1}).", file=sys.stderr)
        return USAGE

    async def work() -> int:
        from onecloud.chain_templates import actions
        from onecloud.chain_templates.document import parse_text
        from onecloud.cli.ground import open_ground

        parsed = parse_text(text)
        async with open_ground(data) as ground, ground.database.transaction() as db:
            saved = await actions.apply(db, None, parsed, publish_it=publish, comment=comment)
        for problem in saved.problems:
            print(f"{file}: draft only: {problem.sentence()}", file=sys.stderr)
        for note in saved.notes:
            print(f"{file}: note: {note.sentence()}", file=sys.stderr)
        template = saved.template
        if json:
            problems = [{"where": p.where, "message": p.message, "mend": p.mend} for p in saved.problems]
            print(dump({**as_json(template), "changed": saved.changed, "problems": list(problems)}))
        else:
            done = "applied" if saved.changed else "is unchanged"
            what = f", published as version {template.published_version}" if publish else "; publish it to use it"
            print(f"{template.folder} / {template.name} (template {template.id}) {done}{what}.")
        return OK

    return refusable(work, as_json=json)


@app.command
def export(
    name: Annotated[str, Parameter(help="Name of the template.")],
    /,
    *,
    folder: Annotated[str, Parameter(help="Its folder.")] = "Default",
    data: Data = None,
) -> int:
    """Print the template's draft as a file that `apply` takes."""

    async def work() -> int:
        from onecloud.chain_templates import actions
        from onecloud.chain_templates.document import document_text
        from onecloud.cli.ground import open_ground

        async with open_ground(data) as ground, ground.database.reading() as db:
            template = await actions.find(db, folder, name)
            content, _ = await actions.draft_of(db, template)
        print(document_text(template.name, template.folder, template.description, content), end="")
        return OK

    return refusable(work, as_json=False)


@app.command(name="list")
def list_templates(*, data: Data = None, json: AsJson = False) -> int:
    """List the templates of every folder."""

    async def work() -> int:
        from onecloud.chain_templates import actions
        from onecloud.cli.ground import open_ground

        found: list[Template] = []
        async with open_ground(data) as ground, ground.database.reading() as db:
            after: int | None = 0
            while after is not None:
                page, after = await actions.list_templates(db, None, after, PAGE)
                found += page
        if json:
            print(dump([as_json(template) for template in found]))
            return OK
        for template in found:
            state = "never published" if template.published_version is None else f"version {template.published_version}"
            print(f"{template.folder} / {template.name} (template {template.id}): {state}")
        if not found:
            print("There are no templates yet; make one with `onecloud template apply FILE`.")
        return OK

    return refusable(work, as_json=json)


def as_json(template: Template) -> dict[str, str | int | None]:
    """A template as programs read it."""
    return {
        "id": str(template.id),
        "folder": template.folder,
        "name": template.name,
        "description": template.description,
        "published_version": template.published_version,
    }
