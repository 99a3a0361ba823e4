"""Encrypted variables of a chain: sealed before they are stored, and kept when a document says `null`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from onecloud.chains.model import ChainVariable, Definition
from onecloud.infra.crypto import Keyring

PURPOSE: Final = "variable"


def sealed(definition: Definition, kept: frozenset[str], stored: Definition | None, keys: Keyring) -> Definition:
    """The definition with its encrypted values sealed; those of `kept` are taken from the stored one.

    An unchanged value keeps its old seal, so that an unchanged chain is recognised as such.
    """
    before = {v.name: v for v in stored.variables} if stored else {}
    variables: list[ChainVariable] = []
    for variable in definition.variables:
        old = before.get(variable.name)
        if not variable.encrypted:
            variables.append(variable)
        elif variable.name in kept and old is not None:
            variables.append(old if old.encrypted else _seal(old, keys))
        else:
            same = old is not None and old.encrypted and keys.unseal(old.value, PURPOSE) == variable.value
            variables.append(old if old is not None and same else _seal(variable, keys))
    return replace(definition, variables=tuple(variables))


def _seal(variable: ChainVariable, keys: Keyring) -> ChainVariable:
    return ChainVariable(variable.name, keys.seal(variable.value, PURPOSE), encrypted=True)
