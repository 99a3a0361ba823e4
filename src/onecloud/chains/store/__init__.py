"""Every query of chains, drafts and versions, one file per theme; callers import them from here."""

from __future__ import annotations

from onecloud.chains.store.change import add_chain, add_version, mark_deleted, rename, save_draft, set_disabled
from onecloud.chains.store.find import (
    chain,
    chain_named,
    chain_with_published,
    chains_of,
    chains_with_published,
    count_by_environment,
    draft,
    draft_for_update,
    environments_of,
    hold,
    names,
    names_of,
    people,
    published_holding,
    search,
    tagged,
    version,
)
from onecloud.chains.store.versions import version_numbered, versions_before

__all__ = [
    "add_chain",
    "add_version",
    "chain",
    "chain_named",
    "chain_with_published",
    "chains_of",
    "chains_with_published",
    "count_by_environment",
    "draft",
    "draft_for_update",
    "environments_of",
    "hold",
    "mark_deleted",
    "names",
    "names_of",
    "people",
    "published_holding",
    "rename",
    "save_draft",
    "search",
    "set_disabled",
    "tagged",
    "version",
    "version_numbered",
    "versions_before",
]
