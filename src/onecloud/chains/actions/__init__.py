"""The use cases of chains: make, edit, publish, compare, move and find them."""

from __future__ import annotations

from onecloud.chains.actions.applying import apply, validate
from onecloud.chains.actions.changing import create_chain, delete, named, rename, set_disabled, tags_in
from onecloud.chains.actions.drafts import DraftView, read_draft, restore, save_draft
from onecloud.chains.actions.exchanging import (
    Exported,
    Imported,
    export_package,
    import_package,
    may_import,
    open_package,
    tell_export,
)
from onecloud.chains.actions.finding import (
    count_by_environment,
    export,
    find_chain,
    get_chain,
    hold,
    list_chains,
    list_short,
    published,
    runnable,
    search_chains,
    seen,
    version,
    with_published,
)
from onecloud.chains.actions.promoting import Order, Plan, copy, plan, promote
from onecloud.chains.actions.publishing import publish
from onecloud.chains.actions.versions import Content, Which, content, diff, list_versions, read_version

__all__ = [
    "Content",
    "DraftView",
    "Exported",
    "Imported",
    "Order",
    "Plan",
    "Which",
    "apply",
    "content",
    "copy",
    "count_by_environment",
    "create_chain",
    "delete",
    "diff",
    "export",
    "export_package",
    "find_chain",
    "get_chain",
    "hold",
    "import_package",
    "list_chains",
    "list_short",
    "list_versions",
    "may_import",
    "named",
    "open_package",
    "plan",
    "promote",
    "publish",
    "published",
    "read_draft",
    "read_version",
    "rename",
    "restore",
    "runnable",
    "save_draft",
    "search_chains",
    "seen",
    "set_disabled",
    "tags_in",
    "tell_export",
    "validate",
    "version",
    "with_published",
]
