"""Templates on the wire of API v2."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from onecloud.chain_templates.actions import Saved
from onecloud.chain_templates.document import document, document_text
from onecloud.chain_templates.model import Content, Folder, Template, TemplateVersion
from onecloud.chains.yamltext import split_line
from onecloud.kernel.errors import Problem


class Shape(BaseModel):
    """Parent of the shapes below."""

    model_config = ConfigDict(frozen=True)


class FolderOut(Shape):
    """A folder of templates."""

    id: str
    name: str
    templates_count: int


class FolderPage(Shape):
    """A page of folders; `next_cursor` is null on the last one."""

    items: list[FolderOut]
    next_cursor: str | None


class FolderIn(Shape):
    """A folder's name."""

    name: str


class TemplateFault(Shape):
    """A fault of a template: where in its document, what is wrong, how to mend it."""

    where: str
    line: int | None = Field(description="Line in the text that was sent; null for a JSON document.")
    message: str
    mend: str


class ChainTemplateOut(Shape):
    """A template without what it holds."""

    id: str
    folder_id: str
    folder: str
    name: str
    description: str
    revision: int = Field(description="The draft's, to be sent as `If-Match` with a change; also the ETag.")
    published_version: int | None = Field(description="Null when it was never published.")
    unpublished_changes: bool
    created_at: datetime
    updated_at: datetime


class ChainTemplatePage(Shape):
    """A page of templates; `next_cursor` is null on the last one."""

    items: list[ChainTemplateOut]
    next_cursor: str | None


class TemplateDraftOut(Shape):
    """A template with its draft."""

    template: ChainTemplateOut
    document: dict[str, JsonValue] = Field(description="The document as a JSON value.")
    text: str = Field(description="The same document as YAML.")
    problems: list[TemplateFault] = Field(description="They keep it from being published.")
    notes: list[TemplateFault]


class TemplateSavedOut(Shape):
    """What a change of a template came to."""

    template: ChainTemplateOut
    changed: bool
    problems: list[TemplateFault] = Field(description="They keep it from being published.")
    notes: list[TemplateFault]


class TemplateVersionOut(Shape):
    """One publish of a template."""

    version: int
    comment: str
    published_at: datetime
    published_by: str


class TemplateVersionPage(Shape):
    """A page of versions, newest first; `next_cursor` is null on the last one."""

    items: list[TemplateVersionOut]
    next_cursor: str | None


class ChainTemplateIn(Shape):
    """A template document: as a JSON value, or as YAML text."""

    document: dict[str, Any] | None = Field(None, description="The document as a JSON value.")
    text: str | None = Field(None, description="The document as YAML.")


class FromChainIn(Shape):
    """Where the template of a chain is kept."""

    name: str = Field("", description="`<chain> - Template` when left out.")
    folder: str = Field("Default", description="Made when there is none.")
    description: str = ""


class TemplatePublishIn(Shape):
    """What to say with a publish."""

    comment: str = Field("", max_length=2000)


def folder_out(folder: Folder) -> FolderOut:
    """A folder as it is shown."""
    return FolderOut(id=str(folder.id), name=folder.name, templates_count=folder.templates_count)


def faults_out(problems: Iterable[Problem]) -> list[TemplateFault]:
    """Problems with their lines apart."""
    found: list[TemplateFault] = []
    for problem in problems:
        line, message = split_line(problem.message)
        found.append(TemplateFault(where=problem.where, line=line, message=message, mend=problem.mend))
    return found


def template_out(template: Template) -> ChainTemplateOut:
    """A template as lists show it."""
    return ChainTemplateOut(
        id=str(template.id),
        folder_id=str(template.folder_id),
        folder=template.folder,
        name=template.name,
        description=template.description,
        revision=template.revision,
        published_version=template.published_version,
        unpublished_changes=template.changed,
        created_at=template.created_at,
        updated_at=template.updated_at,
    )


def saved_out(saved: Saved) -> TemplateSavedOut:
    """What a change came to."""
    return TemplateSavedOut(
        template=template_out(saved.template),
        changed=saved.changed,
        problems=faults_out(saved.problems),
        notes=faults_out(saved.notes),
    )


def draft_out(content: Content, saved: Saved) -> TemplateDraftOut:
    """A template with its draft."""
    template = saved.template
    names = (template.name, template.folder, template.description)
    value: dict[str, Any] = document(*names, content)
    return TemplateDraftOut(
        template=template_out(template),
        document=value,
        text=document_text(*names, content),
        problems=faults_out(saved.problems),
        notes=faults_out(saved.notes),
    )


def version_out(version: TemplateVersion) -> TemplateVersionOut:
    """A version in the list."""
    return TemplateVersionOut(
        version=version.number,
        comment=version.comment,
        published_at=version.published_at,
        published_by=version.published_by,
    )
