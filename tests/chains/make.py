"""Small commands and documents for the tests of chains."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from onecloud.chains.commands import CommandSpec, specs_of
from onecloud.connector import Command, Connector, Context, ExitCode, FileRef, Inputs, Outputs


class ReadInputs(Inputs):
    """Inputs of each kind."""

    path: str | FileRef = Field(title="Path")
    limit: int = Field(10, ge=1)
    mode: Literal["text", "table"] = "text"
    columns: list[str] = Field(default_factory=list)
    deep: dict[str, list[int]] = Field(default_factory=dict)
    anything: JsonValue = None


class ReadOutputs(Outputs):
    """A file and a count."""

    file: FileRef
    count: int


class Properties(Inputs):
    """Properties of a connection."""

    host: str = "localhost"


class Loose(BaseModel):
    """Outputs that are known only when the command ran."""

    model_config = ConfigDict(extra="allow")


async def nothing(_ctx: Context, _inputs: Any) -> BaseModel:
    """Never called: these tests check chains and run none."""
    raise NotImplementedError


def command(name: str, inputs: type[BaseModel] = ReadInputs, **more: Any) -> Command[Any]:
    """A command of the test connectors."""
    return Command(name, name.title(), "For tests.", inputs, more.pop("outputs", ReadOutputs), nothing, **more)


WARNS = (ExitCode(0, "success", "Success"), ExitCode(1, "error", "Error"), ExitCode(7, "warning", "Odd rows"))

SPECS: dict[str, CommandSpec] = specs_of(
    {
        "box": Connector(
            "box",
            "Box",
            "For tests.",
            (command("read"), command("warn", exit_codes=WARNS), command("loose", outputs=Loose)),
        ),
        "shop": Connector(
            "shop", "Shop", "For tests.", (command("sell", needs_connection=True), command("look")), Properties
        ),
    }
)


def document(nodes: str, links: str = "", *, start: str = "a", more: str = "") -> str:
    """A document around nodes (`a: {…}` lines) and links (`- {…}` lines)."""
    text = f"onecloud: 1\nname: Test\nstart: {start}\n{more}nodes:\n"
    text += "".join(f"  {line}\n" for line in nodes.strip().splitlines())
    return text + ("links:\n" + "".join(f"  {line.strip()}\n" for line in links.strip().splitlines()) if links else "")
