"""The nouns of triggers: what they wait for, and what became of each time that it happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from onecloud.chains.parts.schedule import NAME
from onecloud.kernel.jsonvalue import Json

Kind: TypeAlias = Literal["webhook", "chain_completed", "file"]
EndState: TypeAlias = Literal["all_succeeded", "warned", "errored", "stopped"]
MOST_TRIGGERS: Final = 100  # of one chain, as of schedules
CONFIG: Final = ConfigDict(extra="forbid", frozen=True)


class Webhook(BaseModel):
    """Somebody sends a request to the trigger's secret address."""

    model_config = CONFIG

    kind: Literal["webhook"]
    signed: Annotated[
        bool,
        Field(description="Whether requests must be signed with the trigger's secret (HMAC-SHA-256, with a time)."),
    ] = False
    replay_window_s: Annotated[
        int, Field(ge=10, le=3600, description="How far a signed request's time may be from the server's, in seconds.")
    ] = 300
    wait_s: Annotated[
        int,
        Field(ge=0, le=60, description="How long the answer waits for the end of the run, in seconds; 0: not at all."),
    ] = 0


class ChainCompleted(BaseModel):
    """A run of another chain has ended."""

    model_config = CONFIG

    kind: Literal["chain_completed"]
    chain_id: Annotated[
        str, Field(pattern=r"^[1-9][0-9]{0,17}$", description="Id of the chain whose runs count, in any environment.")
    ]
    states: Annotated[
        tuple[EndState, ...], Field(min_length=1, max_length=4, description="Ends of a run that count.")
    ] = ("all_succeeded", "warned")


class FileWatch(BaseModel):
    """A file appears in a folder of the server, or is changed there."""

    model_config = CONFIG

    kind: Literal["file"]
    folder: Annotated[
        str, Field(min_length=1, max_length=1000, description="The folder: one that file commands may use.")
    ]
    pattern: Annotated[
        str,
        Field(
            min_length=1,
            max_length=1000,
            description="Which files count, such as `*.csv`, or `**/*.csv` for folders below too; as file commands "
            "have it.",
        ),
    ] = "*"
    changes: Annotated[bool, Field(description="Whether a file that is written again counts again.")] = True
    existing: Annotated[bool, Field(description="Whether files count that are there when the trigger first looks.")] = (
        False
    )
    stable_for_s: Annotated[
        int,
        Field(ge=0, le=86_400, description="How long a file must stay as it is before it counts, in seconds."),
    ] = 10
    every_s: Annotated[int, Field(ge=1, le=3600, description="How often the folder is looked at, in seconds.")] = 10


Source: TypeAlias = Annotated[Webhook | ChainCompleted | FileWatch, Field(discriminator="kind")]


class TriggerDocument(BaseModel):
    """A trigger as people write it."""

    model_config = CONFIG

    name: Annotated[str, Field(pattern=NAME, description="Name, unique in the chain.")]
    source: Annotated[Source, Field(description="What it waits for.")]
    when: Annotated[
        JsonValue,
        Field(description="Condition on `trigger.…`, as chains have it; when it does not hold, nothing runs."),
    ] = None
    inputs: Annotated[
        dict[str, JsonValue],
        Field(
            max_length=200,
            description="Runtime inputs by name; texts may hold references such as `${{ trigger.NAME }}`.",
        ),
    ] = {}


@dataclass(frozen=True, slots=True)
class Switched:
    """Who switched a trigger off or on, and when; `by_name` is empty for the command line."""

    at: datetime
    by: int | None
    by_name: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger of a chain as stored. `signing_sealed` is the sealed secret of a signed webhook."""

    id: int
    chain_id: int
    environment_id: int
    document: TriggerDocument
    enabled: bool
    switched: Switched | None
    revision: int
    created_at: datetime
    updated_at: datetime
    signing_sealed: str | None
    looked_at: datetime | None = None  # the last time that its folder was looked at
    trouble: str = ""  # why its folder could not be looked at

    @property
    def name(self) -> str:
        """Its name, unique in the chain."""
        return self.document.name


@dataclass(frozen=True, slots=True)
class FireRecord:
    """What became of one time: a run, or the reason why there is none.

    `about` says in a few words what it was: a delivery, a run that ended, a file. `depth` counts the triggers that
    started each other before it. A `reason` is an error code, or one of ours; it is empty when a run was started.
    """

    id: int
    trigger_id: int
    fired_at: datetime
    about: str
    run_id: int | None
    reason: str
    detail: str
    depth: int


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that a trigger saw. `key` is the same whenever it is the same happening; None: it has no identity.

    `facts` are what `${{ trigger.… }}` leads to.
    """

    key: str | None
    about: str
    facts: Mapping[str, Json]
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """Start a run with these inputs."""

    inputs: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Skip:
    """Start nothing, and why."""

    reason: str
    detail: str


Verdict: TypeAlias = Start | Skip


def webhook_of(document: TriggerDocument) -> Webhook | None:
    """The webhook that a trigger is; None for another kind."""
    source = document.source
    return source if source.kind == "webhook" else None


def completed_of(document: TriggerDocument) -> ChainCompleted | None:
    """What a trigger that waits for another chain says of it; None for another kind."""
    source = document.source
    return source if source.kind == "chain_completed" else None


def watch_of(document: TriggerDocument) -> FileWatch | None:
    """What a trigger that waits for files says of them; None for another kind."""
    source = document.source
    return source if source.kind == "file" else None
