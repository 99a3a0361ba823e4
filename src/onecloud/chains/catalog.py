"""The commands that chains may name, from the connectors that this installation has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from onecloud.chains.commands import CommandSpec, specs_of
from onecloud.connectors import registry


@cache
def catalog() -> Mapping[str, CommandSpec]:
    """Every command by the name that chains use, `connector.command`; the same for the process's whole life."""
    return specs_of(registry())
