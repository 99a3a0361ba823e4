"""The use cases of chains: apply a document, publish, switch off, find, export."""

from onecloud.chains.actions.finding import (
    count_by_environment,
    export,
    find_chain,
    get_chain,
    list_chains,
    list_short,
    published,
    runnable,
    search_chains,
    version,
    with_published,
)
from onecloud.chains.actions.publishing import apply, publish, set_disabled, validate

__all__ = [
    "apply",
    "count_by_environment",
    "export",
    "find_chain",
    "get_chain",
    "list_chains",
    "list_short",
    "publish",
    "published",
    "runnable",
    "search_chains",
    "set_disabled",
    "validate",
    "version",
    "with_published",
]
