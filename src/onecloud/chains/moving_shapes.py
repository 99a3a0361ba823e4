"""Creating, copying, promoting, exporting and importing chains on the wire of API v2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from onecloud.chains.actions import Imported, Order, Plan, Which
from onecloud.chains.editing_shapes import (
    ChangeOut,
    DocumentIn,
    ProblemOut,
    SavedOut,
    StateOut,
    changes_out,
    problems_out,
    saved_out,
    state_out,
)
from onecloud.chains.shapes import Shape

# Names are checked where the document's are, so that one sentence says what is wrong with them.
NameIn = Annotated[str, StringConstraints(max_length=1000)]
WhichIn = Annotated[str, StringConstraints(pattern=r"^(draft|published|[1-9][0-9]{0,8})$")]


class CreateIn(DocumentIn):
    """A new chain: only a name, or a document (with another name, if one is given here)."""

    name: NameIn | None = Field(None, description="Name of the chain; needed without a document.")


class RenameIn(Shape):
    """Another name for a chain."""

    name: NameIn
    force: bool = Field(False, description="Rename it although published chains run it by its old name.")


class CopyIn(Shape):
    """Where a copy is to stand, and what it is a copy of."""

    environment_id: str = Field(description="An environment of the same workspace.")
    name: NameIn
    of: WhichIn = Field("draft", description="`draft`, `published`, or a version's number.")


class PlanIn(Shape):
    """A promotion that is being thought about."""

    environment_id: str = Field(description="Another environment of the same workspace.")
    name: NameIn = Field(description="Name of the chain there; a chain of that name gets the content as its draft.")
    of: WhichIn = Field("published", description="`draft`, `published`, or a version's number.")
    take_secrets: bool = Field(
        False, description="Replace the values of encrypted variables that the chain there has already."
    )


class PromoteIn(PlanIn):
    """A promotion with its choices."""

    connections: dict[str, NameIn | None] = Field(
        default_factory=dict[str, NameIn | None],
        description="For each connection that the chain uses one of the target; null leaves its nodes without one.",
    )
    target_revision: int | None = Field(
        None, description="The target draft's revision that the plan told; null when there was no chain of that name."
    )


class ConnectionNeedOut(Shape):
    """A connection that needs a mapping."""

    name: str
    connector: str | None
    uses: list[str] = Field(description="Places in the document.")
    candidates: list[str] = Field(description="Connections of the same connector that are enabled in the target.")
    suggested: str | None = Field(
        description="What the chain there uses in these places, else the same name, else the only candidate."
    )


class ChildNeedOut(Shape):
    """A chain that the chain runs."""

    name: str
    uses: list[str]
    fixed: bool = Field(description="False: the name holds a reference and is known only when it runs.")
    in_target: bool
    published: bool


class VariableNeedOut(Shape):
    """A workspace variable that the chain refers to, as it is in the target."""

    name: str
    where: str
    exists: bool
    empty: bool = Field(description="It has no value there.")
    same_as_source: bool = Field(description="It has the same value there as in the source environment.")


class ResourceNeedOut(Shape):
    """A file of the workspace that the chain uses; all environments share it."""

    name: str
    exists: bool


class SecretNeedOut(Shape):
    """An encrypted variable of the chain."""

    name: str
    in_source: bool = Field(description="Whether the source has a value for it.")
    in_target: bool = Field(description="Whether the chain there has a value for it, which it keeps by default.")


class TargetOut(Shape):
    """Where a promotion leads; id and revision of the chain that is there already, or null."""

    environment_id: str
    environment_name: str
    name: str
    chain_id: str | None
    revision: int | None


class PlanOut(Shape):
    """What a promotion needs and what it would do."""

    source: StateOut
    target: TargetOut
    connections: list[ConnectionNeedOut]
    children: list[ChildNeedOut]
    variables: list[VariableNeedOut]
    resources: list[ResourceNeedOut]
    secrets: list[SecretNeedOut]
    changes: list[ChangeOut] = Field(description="Of the target's draft, with the suggested connections.")
    problems: list[ProblemOut] = Field(description="What would keep it from being published there.")
    notes: list[ProblemOut]


class ImportedChain(SavedOut):
    """One chain that an import made."""

    exported_name: str = Field(description="The name that it had where it was exported.")


class ImportedOut(Shape):
    """The chains that an import made, the one that was exported first."""

    items: list[ImportedChain]


def order_of(body: PlanIn, environment_id: int) -> Order:
    """What is asked for."""
    mapping = body.connections if isinstance(body, PromoteIn) else None
    revision = body.target_revision if isinstance(body, PromoteIn) else None
    return Order(environment_id, body.name, which_of(body.of), mapping, revision, body.take_secrets)


def which_of(text: str) -> Which:
    """A state of a chain; its form was checked by the shape (`WhichIn`)."""
    return int(text) if text.isdecimal() else "draft" if text == "draft" else "published"


def plan_out(plan: Plan) -> PlanOut:
    """A plan as the wire has it."""
    target = plan.target
    return PlanOut(
        source=state_out(plan.source),
        target=TargetOut(
            environment_id=str(target.environment.id),
            environment_name=target.environment.name,
            name=target.name,
            chain_id=None if target.draft is None else str(target.draft.chain.id),
            revision=None if target.draft is None else target.draft.revision,
        ),
        connections=[
            ConnectionNeedOut(
                name=need.name,
                connector=need.connector,
                uses=list(need.uses),
                candidates=list(need.candidates),
                suggested=need.suggested,
            )
            for need in plan.connections
        ],
        children=[
            ChildNeedOut(
                name=need.name,
                uses=list(need.uses),
                fixed=need.fixed,
                in_target=need.in_target,
                published=need.published,
            )
            for need in plan.children
        ],
        variables=[
            VariableNeedOut(
                name=need.name,
                where=need.where,
                exists=need.exists,
                empty=need.empty,
                same_as_source=need.same_as_source,
            )
            for need in plan.variables
        ],
        resources=[ResourceNeedOut(name=need.name, exists=need.exists) for need in plan.resources],
        secrets=[
            SecretNeedOut(name=need.name, in_source=need.in_source, in_target=need.in_target) for need in plan.secrets
        ],
        changes=changes_out(plan.changes),
        problems=problems_out(plan.checked.problems),
        notes=problems_out(plan.checked.notes),
    )


def imported_out(imported: Sequence[Imported]) -> ImportedOut:
    """What an import made."""
    return ImportedOut(
        items=[ImportedChain(**saved_out(one.applied).model_dump(), exported_name=one.was) for one in imported]
    )
