"""The values of permissions: how much somebody may do, and on which object. Decided on in `access/permissions.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Final, TypeAlias


class Level(IntEnum):
    """How much may be done with an object; each level holds the ones before it. Source: product facts 8.2.

    SEE is never given: it is what a permission on something inside leaves to its workspace and environment, so that
    people find the way: their names, and nothing that is in them.
    """

    SEE = 0
    READ = 1
    EXECUTE = 2
    WRITE = 3
    CREATE = 4
    ADMIN = 5

    @property
    def word(self) -> str:
        """The level as the wire has it."""
        return self.name.lower()


GIVEN: Final = tuple(level for level in Level if level is not Level.SEE)
"""The levels that a group can be given."""


@dataclass(frozen=True, slots=True)
class Place:
    """An object with its parents: a workspace, an environment of it, or a chain in that environment."""

    workspace_id: int
    environment_id: int | None = None
    chain_id: int | None = None

    @property
    def kind(self) -> str:
        """`workspace`, `environment` or `chain`."""
        if self.chain_id is not None:
            return "chain"
        return "workspace" if self.environment_id is None else "environment"

    @property
    def object_id(self) -> int:
        """The row of the object itself."""
        if self.chain_id is not None:
            return self.chain_id
        return self.workspace_id if self.environment_id is None else self.environment_id


# Of a person: the highest level that any group of theirs has on each object.
Grants: TypeAlias = Mapping[Place, Level]
NO_GRANTS: Final[Grants] = MappingProxyType({})
