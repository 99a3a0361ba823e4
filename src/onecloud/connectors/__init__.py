"""The built-in connectors, named one by one: what is not in this list does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from onecloud.connector import Command, Connector
from onecloud.connectors import files, http, json, script, sql, tabular

BUILT_IN: tuple[Connector, ...] = (
    files.CONNECTOR,
    http.CONNECTOR,
    json.CONNECTOR,
    script.CONNECTOR,
    sql.CONNECTOR,
    tabular.CONNECTOR,
)


def collect(connectors: Iterable[Connector]) -> Mapping[str, Connector]:
    """The connectors by id, sorted.

    Raises: ValueError that names both when two have one id: the program must not start with either.
    """
    found: dict[str, Connector] = {}
    for connector in connectors:
        other = found.setdefault(connector.id, connector)
        if other is not connector:
            raise ValueError(
                f"Two connectors have the id {connector.id!r}: {_origin(other)} and {_origin(connector)}. Rename one."
            )
    return MappingProxyType(dict(sorted(found.items())))


def _origin(connector: Connector) -> str:
    where = connector.commands[0].run.__module__ if connector.commands else "no commands"
    return f"{connector.title!r} ({where})"


@cache
def registry() -> Mapping[str, Connector]:
    """Every built-in connector by id, sorted."""
    return collect(BUILT_IN)


def find_command(name: str) -> Command[Any] | None:
    """The command of a name such as `files.create`, or None."""
    connector_id, _, command_id = name.partition(".")
    connector = registry().get(connector_id)
    return connector.command(command_id) if connector else None
