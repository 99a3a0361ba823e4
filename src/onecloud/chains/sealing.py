"""Encrypted variables of a chain: sealed before they are stored, and kept when a document says `null`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from onecloud.chains.model import ChainVariable, Definition
from onecloud.infra.crypto import Keyring

PURPOSE: Final = "variable"


def sealed(definition: Definition, kept: frozenset[str], stored: Definition | None, keys: Keyring) -> Definition:
    """The definition with its encrypted values sealed; those of `kept` are taken from the stored one.

    An unchanged value keeps its old seal, so that an unchanged chain is recognised as such. One of `kept` that has no
    stored value stays empty: nobody gave it yet.
    """
    before = {v.name: v for v in stored.variables} if stored else {}
    variables: list[ChainVariable] = []
    for variable in definition.variables:
        old = before.get(variable.name)
        if not variable.encrypted:
            variables.append(variable)
        elif variable.name in kept:
            if old is not None:
                variables.append(old if old.encrypted else _seal(old, keys))
            else:
                variables.append(ChainVariable(variable.name, "", encrypted=True))
        else:
            same = old is not None and old.encrypted and old.value and keys.unseal(old.value, PURPOSE) == variable.value
            variables.append(old if old is not None and same else _seal(variable, keys))
    return replace(definition, variables=tuple(variables))


def without_secrets(definition: Definition) -> Definition:
    """The definition with its encrypted variables and none of their values."""
    variables = tuple(replace(v, value="") if v.encrypted else v for v in definition.variables)
    return replace(definition, variables=variables)


def fingerprints(definition: Definition, keys: Keyring) -> dict[str, str]:
    """A keyed hash of every variable's value: equal ones are equal values; "" for one that nobody gave."""
    found: dict[str, str] = {}
    for variable in definition.variables:
        if variable.encrypted and not variable.value:
            found[variable.name] = ""
        else:
            text = keys.unseal(variable.value, PURPOSE) if variable.encrypted else variable.value
            found[variable.name] = keys.digest(text, "fingerprint of a chain variable")
    return found


def _seal(variable: ChainVariable, keys: Keyring) -> ChainVariable:
    return ChainVariable(variable.name, keys.seal(variable.value, PURPOSE), encrypted=True)
