"""What a chain is: nodes, links, runtime inputs and variables, as frozen values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from onecloud.chains.parts.iterate import Iterate
from onecloud.chains.parts.notification import NotificationSpec
from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.chains.parts.values import ChainOutput, DynamicVariable
from onecloud.kernel.errors import Problem
from onecloud.kernel.jsonvalue import Json
from onecloud.variables.conditions import Condition
from onecloud.variables.extract import DynamicOutput

# Node, link and input ids are derived from the chain and their key: a re-applied document keeps its ids.
NAMESPACE: Final = uuid.UUID("5f1d7a52-2c0e-5f0c-9a2a-6e0c6c1f0c1d")

# A search answers with hundreds of these ids, and each takes 4 µs to derive.
REMEMBERED: Final = 16_384

MAX_VARIABLES: Final = 100  # Source: product facts 2.5


class When(StrEnum):
    """The condition of a link. Source: product facts 2.7."""

    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"
    ANY = "any"


class OnError(StrEnum):
    """What a failed node does to its run. Source: product facts 5.5."""

    CONTINUE = "continue"
    EXIT = "exit"
    PAUSE = "pause"


InputType: TypeAlias = Literal["text", "number", "boolean", "date", "dropdown", "file"]

EVENT: Final = "event."  # commands of this built-in connector are the chain's events; the engine carries them out


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow from one node's result to another node's start."""

    source: str
    target: str
    when: When = When.SUCCESS


@dataclass(frozen=True, slots=True)
class Node:
    """One command, event or group in a chain.

    `key` names it in links and references, unique in the whole chain; `command` is `connector.command`, empty for a
    group; `inputs` may hold references. `retries` counts further tries after the first; pauses and timeouts are in
    seconds. A group has `starts`, the members that its Group Start leads to, and `links` among its members; a member
    names its group in `group`. Source: product facts 2.6, 2.8 and 2.11.
    """

    key: str
    command: str = ""
    name: str = ""
    description: str = ""
    connection: str | None = None
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    timeout_s: float | None = None
    retries: int = 0
    retry_pause_s: float = 0.0
    ignore_exit_codes: tuple[int, ...] = ()
    on_error: OnError = OnError.CONTINUE
    mask_outputs: bool | None = None
    color: str = ""
    iterate: Iterate | None = None
    skip_if: Condition | None = None
    dynamic_outputs: tuple[DynamicOutput, ...] = ()
    notifications: tuple[NotificationSpec, ...] = ()
    group: str | None = None
    starts: tuple[str, ...] | None = None
    links: tuple[Link, ...] = ()

    @property
    def is_group(self) -> bool:
        """Whether this is a group of nodes."""
        return self.starts is not None

    @property
    def is_event(self) -> bool:
        """Whether the engine itself carries this out."""
        return self.command.startswith(EVENT)


@dataclass(frozen=True, slots=True)
class RuntimeInput:
    """A value asked for at start. `options` are the choices of a drop-down."""

    name: str
    type: InputType = "text"
    label: str = ""
    description: str = ""
    required: bool = False
    default: Json = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChainVariable:
    """A named value of one chain, fixed during a run.

    The value of an encrypted one is sealed (purpose "variable") in a draft and a version, and readable only in a
    document that was just parsed. There "" says that nobody gave it yet, which keeps a draft from being published.
    """

    name: str
    value: str
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole chain as published: what a run follows.

    `nodes` holds the members of groups too, right behind their group; `links` are those outside groups.
    """

    name: str
    start: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...] = ()
    description: str = ""
    allow_concurrent_runs: bool = False
    inputs: tuple[RuntimeInput, ...] = ()
    variables: tuple[ChainVariable, ...] = ()
    dynamic_variables: tuple[DynamicVariable, ...] = ()
    outputs: tuple[ChainOutput, ...] = ()
    notifications: tuple[NotificationSpec, ...] = ()
    tags: tuple[str, ...] = ()
    schedules: tuple[ScheduleSpec, ...] = ()

    def node(self, key: str) -> Node | None:
        """The node of that key, if there is one."""
        return next((n for n in self.nodes if n.key == key), None)

    def members(self, group: str) -> tuple[Node, ...]:
        """The nodes of a group, in the document's order."""
        return tuple(n for n in self.nodes if n.group == group)

    def place(self, node: Node) -> str:
        """Where the node stands in the document: `nodes.KEY`, or `nodes.GROUP.group.nodes.KEY`."""
        return f"nodes.{node.key}" if node.group is None else f"nodes.{node.group}.group.nodes.{node.key}"


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain's identity and switches; its content is in versions.

    `draft_differs`: there is something to publish. `switched_at` and `switched_by`: the last change of `disabled`.
    """

    id: int
    environment_id: int
    name: str
    description: str
    disabled: bool
    allow_concurrent_runs: bool
    published_version_id: int | None
    created_at: datetime
    updated_at: datetime
    tags: tuple[str, ...]
    draft_differs: bool
    switched_at: datetime | None
    switched_by: int | None
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Version:
    """One publish: a number within its chain and the frozen definition."""

    id: int
    chain_id: int
    number: int
    definition: Definition
    comment: str
    published_at: datetime
    published_by: int | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be published next. Encrypted variables are sealed, as in a version.

    `revision` is one more after every save; `saved_by` None is the command line.
    """

    chain: Chain
    definition: Definition
    updated_at: datetime
    revision: int
    saved_by: int | None


@dataclass(frozen=True, slots=True)
class VersionBrief:
    """A publish without its content; `published_by` None is the command line."""

    id: int
    number: int
    comment: str
    published_at: datetime
    published_by: int | None


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something, as lists name them."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying or publishing did.

    `version` is the published one when publishing was asked for; `changed` says whether anything is different now.
    `problems` are faults of a draft that was saved all the same (they keep it from being published); `notes` never do.
    `revision` is the draft's now.
    """

    chain: Chain
    version: Version | None
    changed: bool
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    revision: int = 0


@lru_cache(REMEMBERED)
def node_id(chain_id: int, key: str) -> str:
    """The node's GUID on the wire."""
    return str(uuid.uuid5(NAMESPACE, f"chain/{chain_id}/node/{key}"))


@lru_cache(REMEMBERED)
def link_id(chain_id: int, link: Link) -> str:
    """The link's GUID on the wire."""
    return str(uuid.uuid5(NAMESPACE, f"chain/{chain_id}/link/{link.source}/{link.target}/{link.when}"))


@lru_cache(REMEMBERED)
def input_id(chain_id: int, name: str) -> str:
    """The runtime input's GUID on the wire (`vuid`)."""
    return str(uuid.uuid5(NAMESPACE, f"chain/{chain_id}/input/{name}"))
