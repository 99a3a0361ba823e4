"""Events that hand values on: Set Dynamic Chain Variables and Run Chain. Source: product facts 2.12."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from onecloud.chains.events.spec import EventSpec
from onecloud.connector.command import ExitCode
from onecloud.connector.fields import Inputs

CHILD_WARNED = 10


class VariablesInputs(Inputs):
    """New values by the names of dynamic variables."""

    values: dict[str, JsonValue] = Field(
        min_length=1, title="Values", description="New value of each dynamic variable that is to change."
    )


class VariablesOutputs(BaseModel):
    """The values as they were set, by name."""

    model_config = ConfigDict(extra="allow", frozen=True)


class RunChainInputs(Inputs):
    """A chain of the same environment and what it is started with."""

    chain: str = Field(min_length=1, title="Chain", description="Name of a published chain of the same environment.")
    inputs: dict[str, JsonValue] = Field(
        default_factory=dict, title="Inputs", description="Values of that chain's runtime inputs."
    )


class RunChainOutputs(BaseModel):
    """The child run and the outputs that its chain declares."""

    model_config = ConfigDict(extra="allow", frozen=True)

    run_id: str = Field(title="Run", description="Id of the child run.")
    state: str = Field(title="State", description="How the child run ended.")


SET_VARIABLES = EventSpec(
    "set_variables",
    "Set Dynamic Chain Variables",
    "Gives dynamic variables new values, for this run and for the ones after it.",
    VariablesInputs,
    VariablesOutputs,
    (ExitCode(0, "success", "Set"), ExitCode(1, "error", "Not set")),
)
RUN_CHAIN = EventSpec(
    "run_chain",
    "Run Chain",
    "Runs another chain and waits for its end.",
    RunChainInputs,
    RunChainOutputs,
    (
        ExitCode(0, "success", "Succeeded"),
        ExitCode(1, "error", "Failed, stopped or could not start"),
        ExitCode(CHILD_WARNED, "warning", "Ended with a warning"),
    ),
)
