"""API v2: one chain, making and renaming it, its switch, and the tags of an environment."""

from __future__ import annotations

from fastapi import APIRouter

from onecloud.access.permissions import permitted
from onecloud.chains import actions
from onecloud.chains.catalog import catalog
from onecloud.chains.editing_shapes import CheckedOut, DocumentIn, SavedOut, TagOut, TagsOut, problems_out, saved_out
from onecloud.chains.moving_shapes import CreateIn, RenameIn
from onecloud.chains.routes.incoming import chain_row, environment_row, new_chain_of, parsed_of
from onecloud.chains.shapes import ChainOut, chain_out
from onecloud.infra.http import Caller, GroundPart, Reading, Session
from onecloud.workspaces.permits import place_of

router = APIRouter()


@router.get("/api/v2/chains/{chain_id}")
async def get_chain(db: Reading, caller: Caller, chain_id: str) -> ChainOut:
    """One chain with its published graph and runtime inputs."""
    return await _shown(db, caller, chain_row(chain_id))


@router.post("/api/v2/environments/{environment_id}/chains", status_code=201)
async def create_chain(
    db: Session, caller: Caller, ground: GroundPart, environment_id: str, body: CreateIn
) -> SavedOut:
    """A new chain with a draft: an empty one, or what a document says."""
    environment = environment_row(environment_id)
    return saved_out(await actions.create_chain(db, ground.keys, caller, environment, new_chain_of(body)))


@router.post("/api/v2/environments/{environment_id}/chains/validate")
async def validate_chain(
    db: Reading, caller: Caller, ground: GroundPart, environment_id: str, body: DocumentIn
) -> CheckedOut:
    """What is wrong with a document, were it a chain of this environment; nothing is stored."""
    checked = await actions.validate(db, ground.keys, caller, environment_row(environment_id), parsed_of(body))
    return CheckedOut(
        valid=not checked.problems, problems=problems_out(checked.problems), notes=problems_out(checked.notes)
    )


@router.post("/api/v2/chains/{chain_id}/rename")
async def rename_chain(db: Session, caller: Caller, chain_id: str, body: RenameIn) -> SavedOut:
    """Give a chain another name; its draft's revision is one more afterwards."""
    return saved_out(await actions.rename(db, caller, chain_row(chain_id), body.name, force=body.force))


@router.post("/api/v2/chains/{chain_id}/disable")
async def disable_chain(db: Session, caller: Caller, chain_id: str) -> ChainOut:
    """Let nothing start the chain; runs under way go on."""
    row = chain_row(chain_id)
    await actions.set_disabled(db, caller, row, disabled=True)
    return await _shown(db, caller, row)


@router.post("/api/v2/chains/{chain_id}/enable")
async def enable_chain(db: Session, caller: Caller, chain_id: str) -> ChainOut:
    """Let the chain be started again."""
    row = chain_row(chain_id)
    await actions.set_disabled(db, caller, row, disabled=False)
    return await _shown(db, caller, row)


@router.get("/api/v2/environments/{environment_id}/tags")
async def list_tags(db: Reading, caller: Caller, environment_id: str) -> TagsOut:
    """The tags of an environment's chains, and how many chains have each."""
    counted = await actions.tags_in(db, caller, environment_row(environment_id))
    return TagsOut(items=[TagOut(tag=tag, chains=count) for tag, count in counted.items()])


async def _shown(db: Reading | Session, caller: Caller, row: int) -> ChainOut:
    chain, version, person = await actions.seen(db, caller, row)
    place = await place_of(db, chain.environment_id, chain.id)
    return chain_out(chain, version, catalog(), permitted(caller, place), person)
