"""A connector and its commands as values: the manifest from which forms, docs and validation are derived."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel

from onecloud.connector.context import Context
from onecloud.connector.outcome import Warned

InputsT = TypeVar("InputsT", bound=BaseModel)

Means: TypeAlias = Literal["success", "warning", "error"]


@dataclass(frozen=True, slots=True)
class ExitCode:
    """One way a command can end: its number, what it means to the chain, and a short label."""

    code: int
    means: Means
    label: str


@dataclass(frozen=True, slots=True)
class Command(Generic[InputsT]):
    """One task of a connector.

    `id` is unique within the connector; chains name it `connector.command`. `repeatable` False means that
    the engine must not run it again after a crash in mid-run: it ends `errored`, reason *interrupted*.
    `repeatable_when` refines that by the inputs of the run; `may_run_again` gives the verdict.
    """

    id: str
    title: str
    description: str
    inputs: type[InputsT]
    outputs: type[BaseModel]
    run: Callable[[Context, InputsT], Awaitable[BaseModel | Warned]]
    exit_codes: tuple[ExitCode, ...] = (ExitCode(0, "success", "Success"), ExitCode(1, "error", "Error"))
    repeatable: bool = True
    needs_connection: bool = False
    repeatable_when: Callable[[InputsT], bool] | None = None

    def may_run_again(self, inputs: InputsT) -> bool:
        """Whether a run with these inputs, cut off by a crash, may be run once more from its beginning."""
        return self.repeatable and (self.repeatable_when is None or self.repeatable_when(inputs))

    def exit_code(self, code: int) -> ExitCode | None:
        """What that number means for this command, if it is declared."""
        return next((e for e in self.exit_codes if e.code == code), None)


@dataclass(frozen=True, slots=True)
class Connector:
    """A named group of commands for one system or one kind of work.

    `properties` is the form of a connection (None: the commands need none); its `Secret` fields are sealed.
    """

    id: str
    title: str
    description: str
    commands: tuple[Command[Any], ...]
    properties: type[BaseModel] | None = None
    test: Callable[[Context], Awaitable[None]] | None = None
    icon: str = field(default="box", kw_only=True)

    def command(self, command_id: str) -> Command[Any] | None:
        """The command of that id, if the connector has it."""
        return next((c for c in self.commands if c.id == command_id), None)
