"""What a chain needs to know of a command: its inputs, outputs and exit codes, under the name that chains use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from onecloud.chains.events import EVENTS
from onecloud.connector.command import Command, Connector, ExitCode


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """One command as a chain sees it. `id` is `connector.command`; `connector` the id of its connector."""

    id: str
    connector: str
    connector_title: str
    title: str
    description: str
    inputs: type[BaseModel]
    outputs: type[BaseModel]
    exit_codes: tuple[ExitCode, ...]
    takes_connection: bool
    needs_connection: bool

    @property
    def input_names(self) -> list[str]:
        """The names under which the inputs are given."""
        return names_of(self.inputs)

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs."""
        return names_of(self.outputs)

    @property
    def any_outputs(self) -> bool:
        """Whether the command decides its outputs' names only when it runs."""
        return self.outputs.model_config.get("extra") == "allow"


def names_of(model: type[BaseModel]) -> list[str]:
    """The names of a model's fields as JSON has them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def spec_of(connector: Connector, command: Command[Any]) -> CommandSpec:
    """The command as a chain sees it."""
    return CommandSpec(
        id=f"{connector.id}.{command.id}",
        connector=connector.id,
        connector_title=connector.title,
        title=command.title,
        description=command.description,
        inputs=command.inputs,
        outputs=command.outputs,
        exit_codes=command.exit_codes,
        takes_connection=connector.properties is not None,
        needs_connection=command.needs_connection,
    )


def event_specs() -> dict[str, CommandSpec]:
    """Every chain event by the name that chains use."""
    return {
        f"event.{event.id}": CommandSpec(
            id=f"event.{event.id}",
            connector="event",
            connector_title="Chain Events",
            title=event.title,
            description=event.description,
            inputs=event.inputs,
            outputs=event.outputs,
            exit_codes=event.exit_codes,
            takes_connection=False,
            needs_connection=False,
        )
        for event in EVENTS.values()
    }


def specs_of(registry: Mapping[str, Connector]) -> dict[str, CommandSpec]:
    """Every command of the connectors and every chain event by the name that chains use."""
    specs = [spec_of(connector, command) for connector in registry.values() for command in connector.commands]
    return {spec.id: spec for spec in specs} | event_specs()
