"""Keeping templates: add, save by compare-and-set, publish, list, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chain_templates import store
from onecloud.chain_templates.actions import rights
from onecloud.chain_templates.deciding import checked
from onecloud.chain_templates.document import Parsed, encode
from onecloud.chain_templates.model import Content, Template, TemplateVersion
from onecloud.chains.catalog import catalog
from onecloud.chains.commands import CommandSpec
from onecloud.kernel.errors import Conflict, Invalid, NotFound, Problem, Stale
from onecloud.kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class Saved:
    """What a change of a template came to. `problems` keep it from being published; `notes` do not."""

    template: Template
    changed: bool
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


async def list_templates(
    db: AsyncSession, folder_id: int | None, after: int | None, limit: int
) -> tuple[list[Template], int | None]:
    """A page of templates by id, and the id that the next page starts after."""
    found = await store.templates_after(db, folder_id, after, limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def get(db: AsyncSession, template_id: int) -> Template:
    """The template of that id.

    Raises: NotFound.
    """
    found = await store.template(db, template_id)
    if found is None:
        raise not_found(template_id)
    return found


async def find(db: AsyncSession, folder: str, name: str) -> Template:
    """The template of that name in the folder.

    Raises: NotFound.
    """
    found = await store.template_named(db, folder, name)
    if found is None:
        raise NotFound("template.not_found", f"The folder `{folder}` has no template `{name}`.")
    return found


async def draft_of(db: AsyncSession, template: Template) -> tuple[Content, Saved]:
    """The draft of a template with its check."""
    content = await store.draft(db, template.id)
    found = checked(content, catalog())
    return content, Saved(template, False, found.problems, found.notes)


async def add(db: AsyncSession, caller: Principal | None, parsed: Parsed) -> Saved:
    """Make a template with the document as its draft; its folder is made when there is none.

    Raises: Forbidden; Conflict when the name is taken in the folder.
    """
    rights.to_keep(caller)
    folder_id, _ = await store.ensure_folder(db, parsed.folder)
    try:
        template_id = await store.add_template(db, folder_id, parsed.name, parsed.description, parsed.content)
    except IntegrityError as error:
        raise _taken(parsed) from error
    await rights.tell(db, "chain_template.create", caller, template_id, parsed.name)
    return _saved(await get(db, template_id), parsed, changed=True)


async def save(
    db: AsyncSession, caller: Principal | None, template_id: int, parsed: Parsed, revision: int | None = None
) -> Saved:
    """Make the template what the document says, also its name and folder; what is the same is not written.

    `revision` is the one that the change was made from; None overwrites whatever is there.
    Raises: Forbidden; NotFound; Stale; Conflict when the name is taken in the folder.
    """
    rights.to_keep(caller)
    before = await _locked(db, template_id)
    if revision is not None and revision != before.revision:
        raise Stale("template.changed", f"`{before.name}` was changed meanwhile. Read it again, and change it there.")
    names = (parsed.folder, parsed.name, parsed.description)
    same = encode(await store.draft(db, template_id)) == encode(parsed.content)
    if same and names == (before.folder, before.name, before.description):
        return _saved(before, parsed, changed=False)
    folder_id, _ = await store.ensure_folder(db, parsed.folder)
    try:
        await store.save_draft(db, template_id, folder_id, parsed.name, parsed.description, parsed.content)
    except IntegrityError as error:
        raise _taken(parsed) from error
    await rights.tell(db, "chain_template.update", caller, template_id, parsed.name)
    return _saved(await get(db, template_id), parsed, changed=True)


async def apply(
    db: AsyncSession, caller: Principal | None, parsed: Parsed, *, publish_it: bool = False, comment: str = ""
) -> Saved:
    """Make the template of the document's folder and name what the document says, and publish it when asked.

    Raises: Forbidden; Invalid `template.invalid` with every fault, when it is to be published.
    """
    found = await store.template_named(db, parsed.folder, parsed.name)
    saved = await (add(db, caller, parsed) if found is None else save(db, caller, found.id, parsed))
    if not publish_it:
        return saved
    if saved.problems:
        raise _refused(parsed.name, saved.problems)
    published, version = await publish(db, caller, saved.template.id, comment)
    changed = saved.changed or version.number != saved.template.published_version
    return Saved(published, changed, (), saved.notes)


async def publish(
    db: AsyncSession,
    caller: Principal | None,
    template_id: int,
    comment: str = "",
    *,
    commands: Mapping[str, CommandSpec] | None = None,
) -> tuple[Template, TemplateVersion]:
    """Freeze the draft as the version that chains are made of; an unchanged draft makes no new version.

    Raises: Forbidden; NotFound; Invalid `template.invalid` with every fault. Source: product facts 2.20.
    """
    rights.to_keep(caller)
    template = await _locked(db, template_id)
    content = await store.draft(db, template_id)
    found = checked(content, catalog() if commands is None else commands)
    if found.problems:
        raise _refused(template.name, found.problems)
    if not template.changed and template.published_version is not None:
        return template, await get_version(db, template, template.published_version)
    number = await store.publish(db, template_id, content, comment, rights.called(caller))
    await rights.tell(db, "chain_template.publish", caller, template_id, template.name, version=number)
    template = await get(db, template_id)
    return template, await get_version(db, template, number)


async def get_version(db: AsyncSession, template: Template, number: int) -> TemplateVersion:
    """A version of the template.

    Raises: NotFound.
    """
    found = await store.version(db, template.id, number)
    if found is None:
        raise NotFound("template.version_not_found", f"`{template.name}` has no version {number}.")
    return found


async def list_versions(
    db: AsyncSession, template: Template, before: int | None, limit: int
) -> tuple[list[TemplateVersion], int | None]:
    """A page of a template's versions, newest first, and the number that the next page starts below."""
    found = await store.versions_before(db, template.id, before, limit + 1)
    return found[:limit], found[limit - 1].number if len(found) > limit else None


async def remove(db: AsyncSession, caller: Principal | None, template_id: int) -> Template:
    """Take a template away with its versions; the chains made of it stay.

    Raises: Forbidden; NotFound.
    """
    rights.to_keep(caller)
    template = await _locked(db, template_id)
    await store.remove_template(db, template_id)
    await rights.tell(db, "chain_template.delete", caller, template_id, template.name)
    return template


def not_found(template_id: object) -> NotFound:
    """The one sentence for a template that is not there."""
    return NotFound("template.not_found", f"There is no template {template_id}.")


async def _locked(db: AsyncSession, template_id: int) -> Template:
    found = await store.template_for_update(db, template_id)
    if found is None:
        raise not_found(template_id)
    return found


def _saved(template: Template, parsed: Parsed, *, changed: bool) -> Saved:
    found = checked(parsed.content, catalog())
    return Saved(template, changed, parsed.placed(found.problems), parsed.placed(found.notes))


def _taken(parsed: Parsed) -> Conflict:
    message = f"The folder `{parsed.folder}` has a template `{parsed.name}` already; choose another name."
    return Conflict("template.name_taken", message)


def _refused(name: str, problems: tuple[Problem, ...]) -> Invalid:
    count = "a fault" if len(problems) == 1 else f"{len(problems)} faults"
    return Invalid("template.invalid", f"`{name}` has {count}: {problems[0].sentence()}", problems=problems)
