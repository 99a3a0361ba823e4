"""Columns of the room's tables in the order of the values' fields, and values from their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row

from onecloud.chains.codec import decode
from onecloud.chains.model import Chain, Draft, Version
from onecloud.chains.tables import ChainRow, ChainVersionRow

CHAIN: Final[tuple[Any, ...]] = (
    ChainRow.id,
    ChainRow.environment_id,
    ChainRow.name,
    ChainRow.description,
    ChainRow.disabled,
    ChainRow.allow_concurrent_runs,
    ChainRow.published_version_id,
    ChainRow.created_at,
    ChainRow.updated_at,
    ChainRow.tags,
    ChainRow.draft_differs,
    ChainRow.switched_at,
    ChainRow.switched_by,
    ChainRow.deleted_at,
)
TAGS_AT: Final = CHAIN.index(ChainRow.tags)
DRAFT: Final[tuple[Any, ...]] = (
    ChainRow.draft,
    ChainRow.draft_updated_at,
    ChainRow.draft_revision,
    ChainRow.draft_saved_by,
)
VERSION: Final[tuple[Any, ...]] = (
    ChainVersionRow.id,
    ChainVersionRow.chain_id,
    ChainVersionRow.number,
    ChainVersionRow.definition,
    ChainVersionRow.comment,
    ChainVersionRow.published_at,
    ChainVersionRow.published_by,
)


def chain_of(columns: Sequence[Any]) -> Chain:
    """The value of the columns `CHAIN`."""
    values = list(columns)
    values[TAGS_AT] = tuple(str(columns[TAGS_AT]).split("\n")[1:-1])
    return Chain(*values)


def draft_of(row: Row[*tuple[Any, ...]]) -> Draft:
    """The value of the columns `CHAIN` and `DRAFT`."""
    definition, updated_at, revision, saved_by = row[len(CHAIN) :]
    return Draft(chain_of(row[: len(CHAIN)]), decode(definition), updated_at, revision, saved_by)


def version_of(columns: Sequence[Any]) -> Version:
    """The value of the columns `VERSION`."""
    version_id, chain_id, number, definition, comment, published_at, published_by = columns
    return Version(version_id, chain_id, number, decode(definition), comment, published_at, published_by)


def pair_of(row: Row[*tuple[Any, ...]]) -> tuple[Chain, Version | None]:
    """The values of the columns `CHAIN` and `VERSION`, the version's null without one."""
    columns = row[len(CHAIN) :]
    return chain_of(row[: len(CHAIN)]), version_of(columns) if columns[0] is not None else None


def tags_text(tags: Sequence[str]) -> str:
    """Tags as they are stored: each between line breaks, which no tag holds."""
    return "".join(f"\n{tag}" for tag in dict.fromkeys(tags)) + "\n" if tags else ""
