"""API v2: editing a draft by compare-and-set, and publishing it."""

from __future__ import annotations

from fastapi import APIRouter, Response

from onecloud.chains import actions
from onecloud.chains.editing_shapes import DocumentIn, DraftOut, PublishIn, RestoreIn, SavedOut, draft_out, saved_out
from onecloud.chains.model import Applied
from onecloud.chains.routes.incoming import IfMatch, chain_row, maybe_revision, parsed_of, revision_of, revision_tag
from onecloud.chains.shapes import PublishedOut, published_of
from onecloud.infra.http import Caller, GroundPart, Reading, Session

router = APIRouter(prefix="/api/v2/chains/{chain_id}")


@router.get("/draft")
async def get_draft(db: Reading, caller: Caller, response: Response, chain_id: str) -> DraftOut:
    """The draft: the document in both forms, its revision (also as ETag), its faults, and who saved it when."""
    view = await actions.read_draft(db, caller, chain_row(chain_id))
    response.headers.update(revision_tag(view.draft.revision))
    return draft_out(view)


@router.put("/draft")
async def save_draft(
    db: Session,
    caller: Caller,
    ground: GroundPart,
    response: Response,
    chain_id: str,
    body: DocumentIn,
    if_match: IfMatch = None,
) -> SavedOut:
    """Save the draft, if it is still at the revision of `If-Match`.

    A chain with faults is saved; they are in `problems`. Only what is no chain at all is refused.
    428: there is no `If-Match`. 412: somebody saved meanwhile; who and when is told, and the revision there is now.
    """
    row, revision = chain_row(chain_id), revision_of(if_match)
    applied = await actions.save_draft(db, ground.keys, caller, row, parsed_of(body), revision)
    return _saved(response, applied)


@router.post("/draft/restore")
async def restore_version(
    db: Session, caller: Caller, response: Response, chain_id: str, body: RestoreIn, if_match: IfMatch = None
) -> SavedOut:
    """Make the draft what a version was, if it is still at the revision of `If-Match`; then publish it."""
    row, revision = chain_row(chain_id), revision_of(if_match)
    return _saved(response, await actions.restore(db, caller, row, body.version, revision))


@router.post("/publish")
async def publish_chain(
    db: Session, caller: Caller, response: Response, chain_id: str, body: PublishIn, if_match: IfMatch = None
) -> PublishedOut:
    """Make the draft the version that runs; with `If-Match` only when it is still at that revision.

    A draft that was published already makes no new version.
    """
    row, revision = chain_row(chain_id), maybe_revision(if_match)
    applied = await actions.publish(db, caller, row, body.comment, revision=revision)
    response.headers.update(revision_tag(applied.revision))
    published = published_of(applied.version)
    assert published is not None, "publishing gives a version"
    return published


def _saved(response: Response, applied: Applied) -> SavedOut:
    response.headers.update(revision_tag(applied.revision))
    return saved_out(applied)
