"""What one chain event is: a command of the built-in connector `event` that the engine itself carries out."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from onecloud.connector.command import ExitCode


@dataclass(frozen=True, slots=True)
class EventSpec:
    """One event. Chains name it `event.ID`; inputs, outputs and exit codes are declared as a command's are."""

    id: str
    title: str
    description: str
    inputs: type[BaseModel]
    outputs: type[BaseModel]
    exit_codes: tuple[ExitCode, ...]
