"""API v2: the versions of a chain, and what differs between two of its states."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from onecloud.activity.rules import cursor_id, page_size
from onecloud.chains import actions
from onecloud.chains.catalog import catalog
from onecloud.chains.editing_shapes import DiffOut, VersionOut, VersionPage, diff_out, version_item, version_out
from onecloud.chains.moving_shapes import WhichIn, which_of
from onecloud.chains.routes.incoming import chain_row
from onecloud.infra.http import Caller, GroundPart, Reading, Snapshot

router = APIRouter(prefix="/api/v2/chains/{chain_id}")

STATE = "`draft`, `published`, or a version's number."


@router.get("/versions")
async def list_versions(
    db: Reading, caller: Caller, chain_id: str, cursor: str | None = None, limit: int = 50
) -> VersionPage:
    """The versions of a chain, newest first, however old."""
    before, size = cursor_id(cursor), page_size(limit)
    chain, found, people = await actions.list_versions(db, caller, chain_row(chain_id), before, size + 1)
    page = found[:size]
    return VersionPage(
        items=[version_item(chain, version, people.get(version.published_by or 0)) for version in page],
        next_cursor=str(page[-1].number) if len(found) > size else None,
    )


@router.get("/versions/{number}")
async def get_version(
    db: Reading, caller: Caller, chain_id: str, number: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> VersionOut:
    """One version with its document and its drawing."""
    found = await actions.read_version(db, caller, chain_row(chain_id), number)
    return version_out(*found, catalog())


@router.get("/diff")
async def diff_chain(
    db: Snapshot,
    caller: Caller,
    ground: GroundPart,
    chain_id: str,
    before: Annotated[WhichIn, Query(description=STATE)] = "published",
    after: Annotated[WhichIn, Query(description=STATE)] = "draft",
) -> DiffOut:
    """What differs between two states of a chain, as changes and as text. Encrypted values are never shown."""
    row = chain_row(chain_id)
    return diff_out(*await actions.diff(db, ground.keys, caller, row, which_of(before), which_of(after)))
