"""Definitions as JSON text for storage, with a format number; equal definitions give equal text.

Old versions must be readable for ever: decoding checks nothing that was checked when the version was made.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from onecloud.chains.model import ChainVariable, Definition, Link, Node, OnError, RuntimeInput, When

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
        "nodes": [
            {
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
            for n in definition.nodes
        ],
        "links": [[li.source, li.target, li.when] for li in definition.links],
    }
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


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
        links=tuple(Link(source, target, When(when)) for source, target, when in stored["links"]),
    )


def _input(stored: dict[str, Any]) -> RuntimeInput:
    stored["options"] = tuple(stored["options"])
    return RuntimeInput(**stored)


def _node(stored: dict[str, Any]) -> Node:
    stored["ignore_exit_codes"] = tuple(stored["ignore_exit_codes"])
    stored["on_error"] = OnError(stored["on_error"])
    return Node(**stored)
