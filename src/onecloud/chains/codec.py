"""Definitions as JSON text for storage, with a format number; equal definitions give equal text.

Old versions must be readable for ever: decoding checks nothing that was checked when the version was made.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from onecloud.chains.model import ChainVariable, Definition, Link, Node, OnError, RuntimeInput, When
from onecloud.chains.parts import plumbing

FORMAT: Final = 1


def encode(definition: Definition) -> str:
    """The definition as compact JSON text, ASCII only."""
    value = {
        "format": FORMAT,
        "name": definition.name,
        "description": definition.description,
        "allow_concurrent_runs": definition.allow_concurrent_runs,
        "start": definition.start,
        "inputs": [
            {
                "name": i.name,
                "type": i.type,
                "label": i.label,
                "description": i.description,
                "required": i.required,
                "default": i.default,
                "options": i.options,
            }
            for i in definition.inputs
        ],
        "variables": [{"name": v.name, "value": v.value, "encrypted": v.encrypted} for v in definition.variables],
        "nodes": [_node_value(n) for n in definition.nodes],
        "links": [[li.source, li.target, li.when] for li in definition.links],
        **({"tags": definition.tags} if definition.tags else {}),
        **plumbing.dumped(definition, of_node=False),
    }
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _node_value(n: Node) -> dict[str, Any]:
    """A node as stored; what came after the first release is left out while it has its default."""
    value: dict[str, Any] = {
        "key": n.key,
        "command": n.command,
        "name": n.name,
        "description": n.description,
        "connection": n.connection,
        "inputs": n.inputs,
        "timeout_s": n.timeout_s,
        "retries": n.retries,
        "retry_pause_s": n.retry_pause_s,
        "ignore_exit_codes": n.ignore_exit_codes,
        "on_error": n.on_error,
    }
    if n.mask_outputs is not None:
        value["mask_outputs"] = n.mask_outputs
    if n.color:
        value["color"] = n.color
    if n.group is not None:
        value["group"] = n.group
    if n.starts is not None:
        value["starts"] = n.starts
        value["links"] = [[li.source, li.target, li.when] for li in n.links]
    return value | plumbing.dumped(n, of_node=True)


@lru_cache(maxsize=512)
def decode(text: str) -> Definition:
    """The definition of a stored text; the same text gives the same (frozen) value without reading it again.

    Raises: ValueError when the text was written by a newer OneCloud.
    """
    stored: dict[str, Any] = json.loads(text)
    if stored["format"] != FORMAT:
        raise ValueError(f"a stored chain has format {stored['format']}, this OneCloud reads {FORMAT}; update it")
    return Definition(
        name=stored["name"],
        description=stored["description"],
        allow_concurrent_runs=stored["allow_concurrent_runs"],
        start=stored["start"],
        inputs=tuple(_input(i) for i in stored["inputs"]),
        variables=tuple(ChainVariable(**v) for v in stored["variables"]),
        nodes=tuple(_node(n) for n in stored["nodes"]),
        links=_links(stored["links"]),
        tags=tuple(stored.get("tags", ())),
        **plumbing.loaded(stored, of_node=False),
    )


def _links(stored: list[list[str]]) -> tuple[Link, ...]:
    return tuple(Link(source, target, When(when)) for source, target, when in stored)


def _input(stored: dict[str, Any]) -> RuntimeInput:
    stored["options"] = tuple(stored["options"])
    return RuntimeInput(**stored)


def _node(stored: dict[str, Any]) -> Node:
    stored["ignore_exit_codes"] = tuple(stored["ignore_exit_codes"])
    stored["on_error"] = OnError(stored["on_error"])
    if "starts" in stored:
        stored["starts"], stored["links"] = tuple(stored["starts"]), _links(stored["links"])
    return Node(**{**stored, **plumbing.loaded(stored, of_node=True)})
