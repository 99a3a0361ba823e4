"""What a chain needs where it is promoted to, and the document that arrives there; pure.

Source: product facts 2.19 (connections are mapped to those enabled in the target).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from onecloud.chains.model import Definition
from onecloud.chains.outline import Used, children, connections, is_fixed, nodes_in, workspace_variables
from onecloud.kernel.errors import Problem
from onecloud.kernel.jsonvalue import JsonObject
from onecloud.kernel.secret import Secret
from onecloud.variables.rules import near


@dataclass(frozen=True, slots=True)
class ConnectionNeed:
    """A connection that the chain names. `candidates` are enabled in the target and of the same connector.

    `suggested` is what the chain in the target uses in the same places, else the one of the same name, else the only
    candidate.
    """

    name: str
    connector: str | None
    uses: tuple[str, ...]
    candidates: tuple[str, ...]
    suggested: str | None


@dataclass(frozen=True, slots=True)
class ChildNeed:
    """A chain that the chain runs. Of one whose name only a run can tell (`fixed` false) nothing more is known."""

    name: str
    uses: tuple[str, ...]
    fixed: bool
    in_target: bool
    published: bool


@dataclass(frozen=True, slots=True)
class VariableNeed:
    """A workspace variable that the chain refers to, as it is in the target.

    `same_as_source`: its value is that of the source environment, as for a variable without a value of its own.
    """

    name: str
    where: str
    exists: bool
    empty: bool
    same_as_source: bool


@dataclass(frozen=True, slots=True)
class ResourceNeed:
    """A file of the workspace that the chain uses. All environments share it, so that nothing has to travel."""

    name: str
    exists: bool


@dataclass(frozen=True, slots=True)
class SecretNeed:
    """An encrypted variable of the chain, and whether either side has a value for it."""

    name: str
    in_source: bool
    in_target: bool


def connection_needs(
    document: JsonObject,
    source: Mapping[str, str],
    target: Mapping[str, str],
    there: JsonObject | None,
) -> list[ConnectionNeed]:
    """The connections that need a mapping.

    `source` and `target` give the connector of each connection enabled there; `there` is the target's own document.
    """
    used_there = {} if there is None else {use.where: use.name for use in connections(there)}
    needs: list[ConnectionNeed] = []
    for name, uses in _by_name(connections(document)).items():
        connector = source.get(name) or _connector_of(document, uses)
        fitting = tuple(n for n, c in target.items() if connector in (None, c))
        now = {used_there.get(use) for use in uses}
        suggested = next(iter(now)) if len(now) == 1 else None
        if suggested not in fitting:
            suggested = name if name in fitting else fitting[0] if len(fitting) == 1 else None
        needs.append(ConnectionNeed(name, connector, uses, fitting, suggested))
    return needs


def _connector_of(document: JsonObject, uses: tuple[str, ...]) -> str | None:
    """The connector of the command that names the connection."""
    commands = {f"{where}.connection": str(node.get("command", "")) for where, node in nodes_in(document)}
    found = {commands[use].partition(".")[0] for use in uses if use in commands}
    return found.pop() if len(found) == 1 else None


def child_needs(document: JsonObject, in_target: Mapping[str, bool]) -> list[ChildNeed]:
    """The chains that the chain runs; `in_target` says of each chain there whether it is published."""
    return [
        ChildNeed(name, uses, is_fixed(name), name in in_target, in_target.get(name, False))
        for name, uses in _by_name(children(document)).items()
    ]


def variable_needs(
    document: JsonObject, source: Mapping[str, str | Secret], target: Mapping[str, str | Secret]
) -> list[VariableNeed]:
    """The workspace variables that the chain refers to."""
    needs: list[VariableNeed] = []
    for used in workspace_variables(document):
        here, there = _text(source.get(used.name)), _text(target.get(used.name))
        needs.append(VariableNeed(used.name, used.where, used.name in target, not there, bool(there) and here == there))
    return needs


def _text(value: str | Secret | None) -> str:
    return value.reveal() if isinstance(value, Secret) else value or ""


def secret_needs(source: Definition, target: Definition | None) -> list[SecretNeed]:
    """The encrypted variables of the chain."""
    there = _values(target)
    return [SecretNeed(v.name, bool(v.value), v.name in there) for v in source.variables if v.encrypted]


def _values(definition: Definition | None) -> dict[str, str]:
    """The sealed values of a definition by name."""
    return {v.name: v.value for v in definition.variables if v.encrypted and v.value} if definition else {}


def keeping_secrets(arriving: Definition, there: Definition | None) -> Definition:
    """The arriving definition with the target's own values of encrypted variables, where it has them."""
    own = _values(there)
    variables = tuple(replace(v, value=own.get(v.name, v.value)) if v.encrypted else v for v in arriving.variables)
    return replace(arriving, variables=variables)


def mapping_problems(
    needs: Collection[ConnectionNeed], mapping: Mapping[str, str | None], target: Mapping[str, str]
) -> list[Problem]:
    """What is wrong with a mapping: every connection needs an entry, and each entry must fit."""
    needed = {need.name: need for need in needs}
    problems = [
        Problem(f"connections.{name}", "The chain uses no such connection.", near(name, needed))
        for name in mapping
        if name not in needed
    ]
    for need in needs:
        where = f"connections.{need.name}"
        if need.name not in mapping:
            mend = near("", need.candidates) if need.candidates else "Give null to leave its nodes without one."
            problems.append(Problem(where, f"`{need.name}` is mapped to no connection of the target.", mend))
            continue
        wanted = mapping[need.name]
        if wanted is None or wanted in need.candidates:
            continue
        if wanted in target:
            message = f"`{wanted}` is a connection of `{target[wanted]}`, not of `{need.connector}`."
        else:
            message = f"No connection `{wanted}` is enabled in the target environment."
        problems.append(Problem(where, message, near(wanted, need.candidates)))
    return problems


def _by_name(uses: Collection[Used]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for use in uses:
        found[use.name] = (*found.get(use.name, ()), use.where)
    return found
