"""Drafts, versions and differences on the wire of API v2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import Field, JsonValue

from onecloud.chains.actions import Content, DraftView
from onecloud.chains.commands import CommandSpec
from onecloud.chains.diff import Change, lines_of
from onecloud.chains.document import document_text, document_value
from onecloud.chains.model import Applied, Chain, Person, Version, VersionBrief
from onecloud.chains.shapes import Graph, PublishedOut, RuntimeInputOut, Shape, graph_of, inputs_of, published_of
from onecloud.chains.yamltext import split_line
from onecloud.kernel.errors import Problem


class DocumentIn(Shape):
    """A chain document: as a JSON value, or as YAML text."""

    document: dict[str, Any] | None = Field(None, description="The document as a JSON value.")
    text: str | None = Field(None, description="The document as YAML.")


class ProblemOut(Shape):
    """One fault: where in the document, what is wrong, how to mend it."""

    where: str
    line: int | None = Field(description="Line in the text that was sent; null for a JSON document.")
    message: str
    mend: str


class PersonBrief(Shape):
    """Who did something."""

    id: str
    name: str


class SavedOut(Shape):
    """What a change of a draft came to."""

    chain_id: str
    environment_id: str
    name: str
    revision: int = Field(description="The draft's, to be sent as `If-Match` with the next change; also the ETag.")
    changed: bool = Field(description="Whether anything is different now.")
    unpublished_changes: bool = Field(description="Whether the draft differs from the published version.")
    problems: list[ProblemOut] = Field(description="They keep the draft from being published.")
    notes: list[ProblemOut] = Field(description="Worth knowing; they keep nothing from being published.")


class DraftOut(Shape):
    """A draft: what would be published next. Values of encrypted variables are null in it."""

    chain_id: str
    environment_id: str
    name: str
    revision: int = Field(description="To be sent as `If-Match` with the next change; also the ETag.")
    saved_at: datetime
    saved_by: PersonBrief | None = Field(description="Null: the command line.")
    unpublished_changes: bool = Field(description="Whether it differs from the published version.")
    published: PublishedOut | None
    document: dict[str, JsonValue] = Field(description="The document as a JSON value.")
    text: str = Field(description="The same document as YAML.")
    problems: list[ProblemOut] = Field(description="They keep the draft from being published.")
    notes: list[ProblemOut]


class CheckedOut(Shape):
    """What a check of a document says."""

    valid: bool = Field(description="Whether it could be published.")
    problems: list[ProblemOut]
    notes: list[ProblemOut]


class PublishIn(Shape):
    """What to say with a publish."""

    comment: str = Field("", max_length=2000, description="Shown in the list of versions.")


class RestoreIn(Shape):
    """Which version the draft is to be again."""

    version: int = Field(ge=1)


class VersionItem(Shape):
    """A version in the list."""

    version: int = Field(description="1 for the chain's first.")
    comment: str
    published_at: datetime
    published_by: PersonBrief | None = Field(description="Null: the command line.")
    runs: bool = Field(description="Whether this is the version that runs.")


class VersionPage(Shape):
    """A page of versions, newest first; `next_cursor` is null on the last one."""

    items: list[VersionItem]
    next_cursor: str | None


class VersionOut(VersionItem):
    """A version with its content."""

    chain_id: str
    document: dict[str, JsonValue]
    text: str
    graph: Graph
    runtime_inputs: list[RuntimeInputOut]


class StateOut(Shape):
    """A state of a chain: a version by its number, or the draft at a revision."""

    chain_id: str
    version: int | None
    revision: int | None


class ChangeOut(Shape):
    """One difference between two documents."""

    kind: Literal["added", "removed", "changed", "renamed", "reordered"]
    area: str = Field(description="`settings`, `nodes`, `links`, or a list of the document such as `variables`.")
    name: str = Field(description="A node's key, a link as `a → b`, a thing's name, or the setting.")
    field: str = Field(description="Place within it; empty when all of it came or went.")
    where: str = Field(description="Place in the document.")
    before: JsonValue
    after: JsonValue
    hidden: bool = Field(description="It is about an encrypted value, which is shown as dots.")


class DiffOut(Shape):
    """What differs between two states of a chain; nothing exactly when their documents are equal."""

    before: StateOut
    after: StateOut
    changes: list[ChangeOut]
    text: str = Field(description="The same for a terminal.")


class TagOut(Shape):
    """A tag and how many chains have it."""

    tag: str
    chains: int


class TagsOut(Shape):
    """The tags of an environment's chains by name."""

    items: list[TagOut]


def problems_out(problems: Iterable[Problem]) -> list[ProblemOut]:
    """Problems with their lines apart."""
    found: list[ProblemOut] = []
    for problem in problems:
        line, message = split_line(problem.message)
        found.append(ProblemOut(where=problem.where, line=line, message=message, mend=problem.mend))
    return found


def person_out(person: Person | None) -> PersonBrief | None:
    """A person, or null."""
    return None if person is None else PersonBrief(id=str(person.id), name=person.name)


def saved_out(applied: Applied) -> SavedOut:
    """What a change of a draft came to."""
    return SavedOut(
        chain_id=str(applied.chain.id),
        environment_id=str(applied.chain.environment_id),
        name=applied.chain.name,
        revision=applied.revision,
        changed=applied.changed,
        unpublished_changes=applied.chain.draft_differs,
        problems=problems_out(applied.problems),
        notes=problems_out(applied.notes),
    )


def draft_out(view: DraftView) -> DraftOut:
    """A draft with its check."""
    draft, chain = view.draft, view.draft.chain
    document: dict[str, Any] = document_value(draft.definition)
    return DraftOut(
        chain_id=str(chain.id),
        environment_id=str(chain.environment_id),
        name=chain.name,
        revision=draft.revision,
        saved_at=draft.updated_at,
        saved_by=person_out(view.saved_by),
        unpublished_changes=chain.draft_differs,
        published=published_of(view.published),
        document=document,
        text=document_text(draft.definition),
        problems=problems_out(view.checked.problems),
        notes=problems_out(view.checked.notes),
    )


def version_item(chain: Chain, version: VersionBrief | Version, person: Person | None) -> VersionItem:
    """A version as it stands in the list."""
    return VersionItem(**_version(chain, version, person))


def _version(chain: Chain, version: VersionBrief | Version, person: Person | None) -> dict[str, Any]:
    return {
        "version": version.number,
        "comment": version.comment,
        "published_at": version.published_at,
        "published_by": person_out(person),
        "runs": version.id == chain.published_version_id,
    }


def version_out(
    chain: Chain, version: Version, person: Person | None, commands: Mapping[str, CommandSpec]
) -> VersionOut:
    """A version with its drawing."""
    document: dict[str, Any] = document_value(version.definition)
    return VersionOut(
        **_version(chain, version, person),
        chain_id=str(chain.id),
        document=document,
        text=document_text(version.definition),
        graph=graph_of(chain.id, version.definition, commands),
        runtime_inputs=inputs_of(chain.id, version.definition),
    )


def state_out(content: Content) -> StateOut:
    """Which state this is."""
    return StateOut(chain_id=str(content.chain.id), version=content.number, revision=content.revision)


def changes_out(changes: Sequence[Change]) -> list[ChangeOut]:
    """The differences as the wire has them."""
    found: list[ChangeOut] = []
    for change in changes:
        before: Any = change.before
        after: Any = change.after
        found.append(
            ChangeOut(
                kind=change.kind,
                area=change.area,
                name=change.name,
                field=change.field,
                where=change.where,
                before=before,
                after=after,
                hidden=change.hidden,
            )
        )
    return found


def diff_out(before: Content, after: Content, changes: Sequence[Change]) -> DiffOut:
    """What differs between two states."""
    return DiffOut(
        before=state_out(before),
        after=state_out(after),
        changes=changes_out(changes),
        text="".join(f"{line}\n" for line in lines_of(changes)),
    )
