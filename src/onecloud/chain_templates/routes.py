"""API v2: templates and their folders, and chains made of them."""

from __future__ import annotations

from fastapi import APIRouter, Response

from onecloud.activity.rules import cursor_id, page_size
from onecloud.chain_templates import actions
from onecloud.chain_templates.actions.keeping import not_found
from onecloud.chain_templates.document import Parsed, invalid, parse_json, parse_text
from onecloud.chain_templates.making_shapes import FromTemplateIn, MadeChainOut, TemplatePlanOut, order_of, plan_out
from onecloud.chain_templates.shapes import (
    ChainTemplateIn,
    ChainTemplatePage,
    FolderIn,
    FolderOut,
    FolderPage,
    FromChainIn,
    TemplateDraftOut,
    TemplatePublishIn,
    TemplateSavedOut,
    TemplateVersionOut,
    TemplateVersionPage,
    draft_out,
    faults_out,
    folder_out,
    saved_out,
    template_out,
    version_out,
)
from onecloud.infra.conditional import IfMatch, etag, required_tag
from onecloud.infra.http import Caller, GroundPart, Reading, Session, Snapshot
from onecloud.kernel.errors import Malformed, NotFound, Problem
from onecloud.workspaces.rules import row_id

router = APIRouter(tags=["templates"])


@router.get("/api/v2/template-folders")
async def list_template_folders(db: Reading, caller: Caller, cursor: str | None = None, limit: int = 50) -> FolderPage:
    """The folders of templates, oldest first."""
    page, last = await actions.list_folders(db, cursor_id(cursor), page_size(limit))
    return FolderPage(items=[folder_out(folder) for folder in page], next_cursor=None if last is None else str(last))


@router.post("/api/v2/template-folders", status_code=201)
async def create_template_folder(db: Session, caller: Caller, body: FolderIn) -> FolderOut:
    """A new, empty folder."""
    return folder_out(await actions.add_folder(db, caller, body.name))


@router.patch("/api/v2/template-folders/{folder_id}")
async def rename_template_folder(db: Session, caller: Caller, folder_id: str, body: FolderIn) -> FolderOut:
    """Give a folder another name."""
    return folder_out(await actions.rename_folder(db, caller, folder_row(folder_id), body.name))


@router.delete("/api/v2/template-folders/{folder_id}", status_code=204)
async def delete_template_folder(db: Session, caller: Caller, folder_id: str) -> None:
    """Take an empty folder away."""
    await actions.remove_folder(db, caller, folder_row(folder_id))


@router.get("/api/v2/templates")
async def list_templates(
    db: Reading, caller: Caller, folder_id: str | None = None, cursor: str | None = None, limit: int = 50
) -> ChainTemplatePage:
    """The templates, or those of one folder, oldest first."""
    after, size = cursor_id(cursor), page_size(limit)
    folder = None if folder_id is None else (await actions.get_folder(db, folder_row(folder_id))).id
    page, last = await actions.list_templates(db, folder, after, size)
    return ChainTemplatePage(items=[template_out(one) for one in page], next_cursor=None if last is None else str(last))


@router.post("/api/v2/templates", status_code=201)
async def create_template(db: Session, caller: Caller, response: Response, body: ChainTemplateIn) -> TemplateSavedOut:
    """A new template with the document as its draft; its folder is made when there is none."""
    saved = await actions.add(db, caller, parsed_of(body))
    response.headers.update(etag(str(saved.template.revision)))
    return saved_out(saved)


@router.post("/api/v2/chains/{chain_id}/template", status_code=201)
async def create_template_from_chain(
    db: Session, caller: Caller, response: Response, chain_id: str, body: FromChainIn
) -> TemplateSavedOut:
    """A new template of a chain's draft: without its connections, what it refers to as the template's variables."""
    chain = row_id(chain_id)
    if chain is None:
        raise NotFound("chain.not_found", f"There is no chain {chain_id[:40]}.")
    saved = await actions.from_chain(
        db, caller, chain, name=body.name, folder=body.folder, description=body.description
    )
    response.headers.update(etag(str(saved.template.revision)))
    return saved_out(saved)


@router.get("/api/v2/templates/{template_id}")
async def get_template(db: Snapshot, caller: Caller, response: Response, template_id: str) -> TemplateDraftOut:
    """A template with its draft and what is wrong with it."""
    content, saved = await actions.draft_of(db, await actions.get(db, template_row(template_id)))
    response.headers.update(etag(str(saved.template.revision)))
    return draft_out(content, saved)


@router.put("/api/v2/templates/{template_id}")
async def save_template(
    db: Session, caller: Caller, response: Response, template_id: str, body: ChainTemplateIn, if_match: IfMatch = None
) -> TemplateSavedOut:
    """Make the template what the document says, also its name and folder, if it is still at `If-Match`."""
    tag = required_tag(if_match)
    if tag is not None and not (tag.isascii() and tag.isdecimal() and len(tag) < 10):
        raise Malformed("if_match.invalid", "`If-Match` holds no ETag of a template: send the one that was read.")
    revision = None if tag is None else int(tag)
    saved = await actions.save(db, caller, template_row(template_id), parsed_of(body), revision)
    response.headers.update(etag(str(saved.template.revision)))
    return saved_out(saved)


@router.post("/api/v2/templates/{template_id}/publish")
async def publish_template(
    db: Session, caller: Caller, template_id: str, body: TemplatePublishIn
) -> TemplateVersionOut:
    """Make the draft the version that chains are made of; an unchanged draft makes no new version."""
    _, version = await actions.publish(db, caller, template_row(template_id), body.comment)
    return version_out(version)


@router.get("/api/v2/templates/{template_id}/versions")
async def list_template_versions(
    db: Reading, caller: Caller, template_id: str, cursor: str | None = None, limit: int = 50
) -> TemplateVersionPage:
    """The versions of a template, newest first."""
    before, size = cursor_id(cursor), page_size(limit)
    template = await actions.get(db, template_row(template_id))
    page, last = await actions.list_versions(db, template, before, size)
    return TemplateVersionPage(
        items=[version_out(version) for version in page], next_cursor=None if last is None else str(last)
    )


@router.delete("/api/v2/templates/{template_id}", status_code=204)
async def delete_template(db: Session, caller: Caller, template_id: str) -> None:
    """Take a template away; the chains made of it stay."""
    await actions.remove(db, caller, template_row(template_id))


@router.post("/api/v2/templates/{template_id}/plan")
async def plan_chain_from_template(
    db: Snapshot, caller: Caller, template_id: str, body: FromTemplateIn
) -> TemplatePlanOut:
    """What a chain of the template's published version needs in an environment; nothing is done."""
    return plan_out(await actions.plan(db, caller, template_row(template_id), _order(body)))


@router.post("/api/v2/templates/{template_id}/chains", status_code=201)
async def create_chain_from_template(
    db: Session, caller: Caller, ground: GroundPart, template_id: str, body: FromTemplateIn
) -> MadeChainOut:
    """Make a chain of the template's published version, as a draft, with the variables that it needs."""
    made = await actions.make_chain(db, ground.keys, caller, template_row(template_id), _order(body))
    return MadeChainOut(
        chain_id=str(made.chain.id),
        environment_id=str(made.chain.environment_id),
        name=made.chain.name,
        problems=faults_out(made.problems),
        notes=faults_out(made.notes),
    )


def _order(body: FromTemplateIn) -> actions.Order:
    environment = row_id(body.environment_id)
    if environment is None:
        raise NotFound("environment.not_found", f"There is no environment {body.environment_id[:40]}.")
    return order_of(body, environment)


def parsed_of(body: ChainTemplateIn) -> Parsed:
    """The template of a body.

    Raises: Invalid `template.document`.
    """
    if body.text is not None and body.document is None:
        return parse_text(body.text)
    if body.document is not None and body.text is None:
        return parse_json(body.document)
    raise invalid((Problem("body", "Give either `document` or `text`."),))


def template_row(template_id: str) -> int:
    """The template that an id of the wire names.

    Raises: NotFound.
    """
    row = row_id(template_id)
    if row is None:
        raise not_found(template_id[:40])
    return row


def folder_row(folder_id: str) -> int:
    """The folder that an id of the wire names.

    Raises: NotFound.
    """
    row = row_id(folder_id)
    if row is None:
        raise NotFound("template.folder_not_found", f"There is no folder {folder_id[:40]}.")
    return row
