"""Triggers on the wire of API v2, and the answer of a webhook."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from onecloud.runs.model import ENDED_STATES
from onecloud.runs.records import RunRecord
from onecloud.triggers.actions import Saved
from onecloud.triggers.firing import Fired
from onecloud.triggers.model import FireRecord, Trigger, TriggerDocument
from onecloud.triggers.rules import CONDITION, STATE
from onecloud.triggers.standing import Standing

SKIPPED: Final = frozenset({CONDITION, STATE})


class TriggerIn(TriggerDocument):
    """A trigger to be made."""

    enabled: bool = Field(True, description="Whether it is in force at once.")


class TriggerFireOut(BaseModel):
    """What became of one time that the trigger saw something."""

    id: str
    fired_at: datetime
    outcome: Literal["fired", "skipped", "refused"]
    about: str = Field(description="What it was, such as a delivery's id; may be empty.")
    run_id: str | None = Field(description="The run that was started; null when none was.")
    reason: str = Field(description="Code of the reason why no run was started; empty when one was.")
    detail: str = Field(description="The reason in a sentence.")


class TriggerFirePage(BaseModel):
    """A page of what became of a trigger's times, newest first; `next_cursor` is null on the last one."""

    items: list[TriggerFireOut]
    next_cursor: str | None


class TriggerSwitchedOut(BaseModel):
    """Who switched a trigger last; `by` is empty for the command line."""

    at: datetime
    by: str


class TriggerHindranceOut(BaseModel):
    """One reason for which no run will start."""

    code: str
    message: str


class TriggerOut(BaseModel):
    """A trigger of a chain and how it stands."""

    id: str
    chain_id: str
    trigger: TriggerDocument
    enabled: bool
    switched: TriggerSwitchedOut | None
    revision: int
    created_at: datetime
    updated_at: datetime
    looked_at: datetime | None = Field(description="When the folder was last looked at; null for other kinds.")
    last_fire: TriggerFireOut | None
    hindrances: list[TriggerHindranceOut] = Field(description="Why no run will start; empty when one will.")


class TriggersOut(BaseModel):
    """The triggers of a chain."""

    items: list[TriggerOut]


class TriggerSecretsOut(BaseModel):
    """Secrets that were just made. They are shown this once: nobody can read them again."""

    trigger_id: str
    address: str | None = Field(description="The webhook's secret address; null when it stays as it was.")
    signing_secret: str | None = Field(description="The secret that signs requests; null when it stays as it was.")


class TriggerSavedOut(BaseModel):
    """A trigger that was saved, and the secrets that were made for it."""

    trigger: TriggerOut
    secrets: TriggerSecretsOut


class RunTriggerOut(BaseModel):
    """What started a run."""

    trigger_id: str
    name: str
    kind: str
    fire: TriggerFireOut


class HookOut(BaseModel):
    """What a webhook's request came to."""

    run_id: str | None = Field(description="The run that was started; null when none was.")
    state: str | None = Field(description="The state of the run.")
    ended: bool = Field(description="Whether the run has ended, so that its state and outputs are final.")
    result_text: str
    outputs: dict[str, Any] | None = Field(description="The chain's outputs, once the run has ended.")
    repeated: bool = Field(description="The same delivery came before; this is what became of it then.")
    skipped: str = Field(description="Why no run was started, in a sentence; else empty.")


def outcome_of(record: FireRecord) -> Literal["fired", "skipped", "refused"]:
    """What became of a time, in one word."""
    if record.run_id is not None:
        return "fired"
    return "skipped" if record.reason in SKIPPED else "refused"


def fire_out(record: FireRecord) -> TriggerFireOut:
    """What became of a time."""
    return TriggerFireOut(
        id=str(record.id),
        fired_at=record.fired_at,
        outcome=outcome_of(record),
        about=record.about,
        run_id=None if record.run_id is None else str(record.run_id),
        reason=record.reason,
        detail=record.detail,
    )


def trigger_out(standing: Standing) -> TriggerOut:
    """A trigger."""
    trigger = standing.trigger
    switched = trigger.switched
    return TriggerOut(
        id=str(trigger.id),
        chain_id=str(trigger.chain_id),
        trigger=trigger.document,
        enabled=trigger.enabled,
        switched=None if switched is None else TriggerSwitchedOut(at=switched.at, by=switched.by_name),
        revision=trigger.revision,
        created_at=trigger.created_at,
        updated_at=trigger.updated_at,
        looked_at=trigger.looked_at,
        last_fire=None if standing.last is None else fire_out(standing.last),
        hindrances=[TriggerHindranceOut(code=one.code, message=one.message) for one in standing.hindrances],
    )


def secrets_out(saved: Saved, base: str) -> TriggerSecretsOut:
    """Secrets that were just made; the address with the server's own before it."""
    return TriggerSecretsOut(
        trigger_id=str(saved.trigger.id),
        address=None if saved.address is None else f"{base}/hooks/{saved.address}",
        signing_secret=saved.signing_secret,
    )


def run_trigger_out(trigger: Trigger, record: FireRecord) -> RunTriggerOut:
    """What started a run."""
    return RunTriggerOut(
        trigger_id=str(trigger.id), name=trigger.name, kind=trigger.document.source.kind, fire=fire_out(record)
    )


def hook_out(fired: Fired, run: RunRecord | None) -> HookOut:
    """What a request came to. Secrets in outputs are hidden, as in the run itself."""
    ended = run is not None and run.state in ENDED_STATES
    return HookOut(
        run_id=None if run is None else str(run.id),
        state=None if run is None else run.state.value,
        ended=ended,
        result_text="" if run is None else run.result_text,
        outputs=dict(run.outputs) if run is not None and ended and run.outputs is not None else None,
        repeated=fired.before,
        skipped=fired.record.detail if run is None else "",
    )
