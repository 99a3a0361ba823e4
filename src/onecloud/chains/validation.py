"""A document and its check in one step, without a database: what `onecloud chain validate` does offline; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from onecloud.chains.check import Checked, check
from onecloud.chains.commands import CommandSpec
from onecloud.chains.document import parse_document
from onecloud.chains.model import Definition
from onecloud.kernel.errors import Problem


def validated(text: str, commands: Mapping[str, CommandSpec]) -> Checked:
    """What is wrong with a chain wherever it is put, each with its line; empty problems mean that it can be published.

    Its place is unknown here: names of workspace variables and connections are not checked, and `value: null` passes.

    Raises: Invalid `chain.document` when the text is no chain at all.
    """
    parsed = parse_document(text)
    checked = check(parsed.definition, commands)
    return Checked(parsed.placed(checked.problems), parsed.placed(checked.notes))


def valueless(definition: Definition) -> Iterator[Problem]:
    """A problem for every encrypted variable of a stored (sealed) definition that has no value yet."""
    for index, variable in enumerate(definition.variables):
        if variable.encrypted and not variable.value:
            message = f"No value of the encrypted variable `{variable.name}` is stored yet."
            yield Problem(f"variables[{index}].value", message, "Give its value once.")
