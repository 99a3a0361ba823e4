"""What a workspace and an environment may be called, and their ids on the wire; pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from onecloud.access.permissions import chains_within, may_read
from onecloud.kernel.errors import Invalid, Problem
from onecloud.kernel.permission import Place
from onecloud.kernel.principal import Principal
from onecloud.workspaces.model import Environment, EnvironmentFields, WorkspaceFields

NAME_LENGTH: Final = 100
TEXT_LENGTH: Final = 2_000
EXTERNAL_ID_LENGTH: Final = 100
COLOR: Final = re.compile(r"#[0-9A-Fa-f]{6}")
# The first is the example of the API's own description; the others differ from it in hue.
COLORS: Final = ("#3CB702", "#F59F00", "#E03131", "#1C7ED6", "#7048E8", "#0CA678")
ROW_ID: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
LARGEST_ID: Final = 2**63 - 1


def as_seen(caller: Principal | None, environment: Environment) -> Environment:
    """The environment as the caller sees it: who only passes through it learns of the chains that they may read."""
    place = Place(environment.workspace_id, environment.id)
    if may_read(caller, place):
        return environment
    chains = chains_within({} if caller is None else caller.grants, place)
    return replace(environment, chains_count=chains)


def row_id(text: str) -> int | None:
    """The row that an id of the wire names; None for a text that can name none (ids are texts there)."""
    if ROW_ID.fullmatch(text) is None:
        return None
    number = int(text)
    return number if number <= LARGEST_ID else None


def name_problems(name: str, where: str) -> list[Problem]:
    """What is wrong with a name that people see and type."""
    if not name.strip():
        return [Problem(where, "is empty.", "Give a name.")]
    problems: list[Problem] = []
    if name != name.strip():
        problems.append(Problem(where, "begins or ends with a blank.", "Remove it."))
    if not name.isprintable():
        problems.append(Problem(where, "holds characters that cannot be printed.", "Remove them."))
    if len(name) > NAME_LENGTH:
        problems.append(Problem(where, f"has {len(name)} characters.", f"Use at most {NAME_LENGTH}."))
    return problems


def text_problems(text: str, where: str, most: int = TEXT_LENGTH) -> list[Problem]:
    """What is wrong with a free text."""
    problems: list[Problem] = []
    if "\x00" in text:
        problems.append(Problem(where, "holds a NUL character.", "Remove it."))
    if len(text) > most:
        problems.append(Problem(where, f"has {len(text)} characters.", f"Use at most {most}."))
    return problems


def check_workspace(fields: WorkspaceFields) -> None:
    """Accept the fields of a workspace.

    Raises: Invalid with every problem.
    """
    _raise(
        f"The workspace `{fields.name}` cannot be saved",
        [
            *name_problems(fields.name, "name"),
            *text_problems(fields.description, "description"),
            *text_problems(fields.external_id, "external_id", EXTERNAL_ID_LENGTH),
        ],
    )


def check_environment(fields: EnvironmentFields) -> None:
    """Accept the fields of an environment.

    Raises: Invalid with every problem.
    """
    problems = [*name_problems(fields.name, "name"), *text_problems(fields.description, "description")]
    if fields.color and COLOR.fullmatch(fields.color) is None:
        problems.append(Problem("color", f"`{fields.color}` is not a color.", "Write it as #3CB702."))
    _raise(f"The environment `{fields.name}` cannot be saved", problems)


def color_at(position: int) -> str:
    """The color of an environment for which nobody chose one."""
    return COLORS[position % len(COLORS)]


def listed(names: Collection[str]) -> str:
    """A sentence that lists the names there are."""
    return "There are: " + ", ".join(f"`{name}`" for name in sorted(names)) + "." if names else "There are none yet."


def _raise(sentence: str, problems: list[Problem]) -> None:
    if problems:
        raise Invalid("workspace.invalid", f"{sentence}: {problems[0].sentence()}", problems=tuple(problems))
