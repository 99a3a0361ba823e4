"""A document and its check in one step, without a database: what `onecloud chain validate` does offline; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from onecloud.chains.check import Checked, Surroundings, check
from onecloud.chains.commands import CommandSpec
from onecloud.chains.document import Parsed, parse_document
from onecloud.kernel.errors import Problem


def validated(
    text: str,
    commands: Mapping[str, CommandSpec],
    surroundings: Surroundings | None = None,
    stored: Collection[str] | None = None,
) -> Checked:
    """What is wrong with the text of a chain, each with its line; empty problems mean that it can be published.

    `stored` names the variables of the chain as it is stored; None: not known here, so `value: null` passes.

    Raises: Invalid `chain.document` when the text is no chain at all.
    """
    parsed = parse_document(text)
    checked = check(parsed.definition, commands, surroundings)
    unknown = [] if stored is None else missing_values(parsed, stored)
    return Checked(parsed.placed((*unknown, *checked.problems)), parsed.placed(checked.notes))


def missing_values(parsed: Parsed, stored: Collection[str]) -> list[Problem]:
    """A problem for every encrypted variable whose value is to be kept and that has none stored."""
    return [
        Problem(
            f"variables[{index}].value",
            f"No value of the encrypted variable `{variable.name}` is stored yet.",
            "Give its value once.",
        )
        for index, variable in enumerate(parsed.definition.variables)
        if variable.name in parsed.kept and variable.name not in stored
    ]
