"""What a check is given beside the chain, and what it finds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from onecloud.kernel.errors import Problem


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the chain's place offers. None means: not known here (no database), so not checked.

    `connections` are those enabled in the environment: name to connector id; `resources` the workspace's files.
    `refusals` says of recipients that stand in the chain why nothing would be mailed to them.
    """

    variables: Collection[str] | None = None
    connections: Mapping[str, str] | None = None
    resources: Collection[str] | None = None
    refusals: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Checked:
    """`problems` keep the chain from being published; `notes` do not."""

    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
