"""Encrypted variables of a chain: sealed before they are stored, and kept when a document says `null`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from onecloud.chains.model import ChainVariable, Definition
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Problem

PURPOSE: Final = "variable"


def sealed(
    definition: Definition, kept: frozenset[str], stored: Definition | None, keys: Keyring
) -> tuple[Definition, tuple[Problem, ...]]:
    """The definition with its encrypted values sealed, and a problem for every kept value that is not stored.

    An unchanged value keeps its old seal, so that an unchanged chain is recognised as such.
    """
    before = {v.name: v for v in stored.variables} if stored else {}
    problems: list[Problem] = []
    variables: list[ChainVariable] = []
    for index, variable in enumerate(definition.variables):
        old = before.get(variable.name)
        if not variable.encrypted:
            variables.append(variable)
        elif variable.name not in kept:
            same = old is not None and old.encrypted and keys.unseal(old.value, PURPOSE) == variable.value
            variables.append(old if old is not None and same else _seal(variable, keys))
        elif old is not None:
            variables.append(old if old.encrypted else _seal(old, keys))
        else:
            message = f"No value of the encrypted variable `{variable.name}` is stored yet."
            problems.append(Problem(f"variables[{index}].value", message, "Give its value once."))
    return replace(definition, variables=tuple(variables)), tuple(problems)


def _seal(variable: ChainVariable, keys: Keyring) -> ChainVariable:
    return ChainVariable(variable.name, keys.seal(variable.value, PURPOSE), encrypted=True)
