"""Permissions with the names of their objects."""

from __future__ import annotations

from dataclasses import dataclass

from onecloud.kernel.permission import Level, Place


@dataclass(frozen=True, slots=True)
class Asked:
    """A permission as somebody asks for it: `kind` is workspace, environment or chain."""

    kind: str
    object_id: int
    level: Level


@dataclass(frozen=True, slots=True)
class Named:
    """A permission on an object, with the object's name."""

    place: Place
    name: str
    level: Level


@dataclass(frozen=True, slots=True)
class Given:
    """A permission as API v1 tells it: with its number and the groups that have it."""

    id: int
    named: Named
    group_ids: tuple[int, ...]
