"""The use cases of templates: keep, publish, take from a chain, make a chain of.

`caller` None is the operator at the command line, who may do everything.
"""

from __future__ import annotations

from onecloud.chain_templates.actions.folders import (
    add_folder,
    get_folder,
    list_folders,
    remove_folder,
    rename_folder,
)
from onecloud.chain_templates.actions.keeping import (
    Saved,
    add,
    apply,
    draft_of,
    find,
    get,
    get_version,
    list_templates,
    list_versions,
    publish,
    remove,
    save,
)
from onecloud.chain_templates.actions.making import Order, Plan, from_chain, make_chain, plan

__all__ = [
    "Order",
    "Plan",
    "Saved",
    "add",
    "add_folder",
    "apply",
    "draft_of",
    "find",
    "from_chain",
    "get",
    "get_folder",
    "get_version",
    "list_folders",
    "list_templates",
    "list_versions",
    "make_chain",
    "plan",
    "publish",
    "remove",
    "remove_folder",
    "rename_folder",
    "save",
]
