"""Events that steer a run: Conditional, Delay, Set Chain Result. Source: product facts 2.12."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue, model_validator

from onecloud.chains.events.spec import EventSpec
from onecloud.connector.command import ExitCode
from onecloud.connector.fields import Inputs, Outputs

TRUE = 0
FALSE = 1  # what the links of a Conditional call failure; a run's result does not count it as one
UNDECIDED = 2

UNIT_S = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
MOST_DAYS = 400


class ConditionalInputs(Inputs):
    """A condition."""

    condition: JsonValue = Field(title="Condition", description="One test, or tests joined by `all` and `any`.")


class ConditionalOutputs(Outputs):
    """How it was decided."""

    result: bool = Field(title="Result", description="Whether the condition is true.")
    explanation: str = Field(title="Explanation", description="Which test decided, as a sentence.")


class DelayInputs(Inputs):
    """A time to wait, or a moment to wait for."""

    amount: float | None = Field(None, gt=0, title="Amount", description="How long to wait, in units.")
    unit: Literal["seconds", "minutes", "hours", "days"] = Field(
        "minutes", title="Unit", description="What the amount counts."
    )
    until: str | None = Field(
        None, title="Until", description="Wait until this moment instead, such as 2026-03-31T18:00:00+02:00 (else UTC)."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> DelayInputs:
        if (self.amount is None) == (self.until is None):
            raise ValueError("give either amount or until")
        if self.amount is not None and self.amount * UNIT_S[self.unit] > MOST_DAYS * 86_400:
            raise ValueError(f"a delay is at most {MOST_DAYS} days")
        return self


class DelayOutputs(Outputs):
    """When the wait was over."""

    until: str = Field(title="Until", description="The moment that was waited for, in UTC.")


class ResultInputs(Inputs):
    """The result to give the run."""

    result: Literal["success", "warning", "failure"] = Field(title="Result", description="How the run is to end.")
    text: str = Field("", max_length=2000, title="Text", description="Sentence shown with the result.")


class ResultOutputs(Outputs):
    """Nothing beside the result itself."""

    result: str = Field(title="Result", description="The result that the run will have.")


CONDITIONAL = EventSpec(
    "conditional",
    "Conditional",
    "Decides a condition: links on success follow when it is true, links on failure when it is false.",
    ConditionalInputs,
    ConditionalOutputs,
    (
        ExitCode(TRUE, "success", "True"),
        ExitCode(FALSE, "error", "False"),
        ExitCode(UNDECIDED, "error", "Cannot be decided"),
    ),
)
DELAY = EventSpec(
    "delay",
    "Delay",
    "Waits for a time, or until a moment; the wait holds no thread and survives a restart.",
    DelayInputs,
    DelayOutputs,
    (ExitCode(0, "success", "Over"), ExitCode(1, "error", "The moment cannot be read")),
)
SET_RESULT = EventSpec(
    "set_result",
    "Set Chain Result",
    "Fixes the result that the run will have, whatever its nodes come to.",
    ResultInputs,
    ResultOutputs,
    (ExitCode(0, "success", "Set"), ExitCode(1, "error", "Not set")),
)
