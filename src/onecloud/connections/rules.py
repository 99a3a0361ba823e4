"""Whether a connection's form is right, and which of its texts are secret; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from onecloud.connections.model import ConnectionFields
from onecloud.connector.command import Connector
from onecloud.kernel.errors import Invalid, Problem
from onecloud.kernel.jsonvalue import Json
from onecloud.variables.language import near
from onecloud.workspaces.rules import name_problems, text_problems

Path: TypeAlias = tuple[str | int, ...]


def connector_of(connectors: Mapping[str, Connector], connector_id: str) -> Connector:
    """The connector of that id.

    Raises: Invalid naming the ones that look like it.
    """
    found = connectors.get(connector_id)
    if found is None:
        problem = Problem("connector", f"`{connector_id}` is not a connector.", near(connector_id, connectors.keys()))
        raise Invalid("connection.invalid", problem.sentence(), problems=(problem,))
    return found


def merged(first: Mapping[str, Json], second: Mapping[str, Json]) -> dict[str, Json]:
    """Both objects in one, at any depth of objects; the second wins, and its None removes."""
    result: dict[str, Json] = dict(first)
    for key, value in second.items():
        old = result.get(key)
        if isinstance(value, Mapping):
            result[key] = merged(old if isinstance(old, Mapping) else {}, value)
        elif value is None:
            result.pop(key, None)
        else:
            result[key] = value
    return result


def check_name(fields: ConnectionFields) -> None:
    """Accept the name and the description.

    Raises: Invalid with every problem.
    """
    _refuse(fields, [*name_problems(fields.name, "name"), *text_problems(fields.description, "description")])


def check(connector: Connector, fields: ConnectionFields, secrets: Mapping[str, Json]) -> None:
    """Accept the form; `secrets` are the given ones over the stored ones.

    Raises: Invalid with every problem; no secret is repeated in it.
    """
    if connector.properties is None:
        _refuse(fields, [Problem("connector", f"{connector.title} needs no connection.", "Use its commands without.")])
    else:
        _refuse(fields, form_problems(connector.properties, fields.properties, secrets))


def form_problems(form: type[BaseModel], properties: Mapping[str, Json], secrets: Mapping[str, Json]) -> list[Problem]:
    """What is wrong with properties and secrets as the connector's form sees them."""
    try:
        filled = form.model_validate(merged(properties, secrets))
    except ValidationError as error:
        return [
            _shown(fault["loc"], fault["msg"], secrets)
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        ]
    return [
        Problem(_where("properties", path), "is a secret.", "Give it under `secrets`.")
        for path in secret_paths(filled.model_dump(by_alias=True))
        if _reaches(properties, path)
    ]


def secret_paths(value: object, path: Path = ()) -> Iterator[Path]:
    """Where a form holds secret texts."""
    if isinstance(value, SecretStr | SecretBytes):
        yield path
    elif isinstance(value, Mapping):
        for key, item in cast(Mapping[str, Any], value).items():
            yield from secret_paths(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(cast(Sequence[Any], value)):
            yield from secret_paths(item, (*path, index))


def secret_texts(value: Json) -> frozenset[str]:
    """Every text that must be masked in logs."""
    if isinstance(value, str):
        return frozenset({value}) if value else frozenset()
    if isinstance(value, Mapping):
        return frozenset[str]().union(*(secret_texts(item) for item in value.values()))
    if isinstance(value, Sequence):
        return frozenset[str]().union(*(secret_texts(item) for item in value))
    return frozenset()


def _reaches(value: Json, path: Path) -> bool:
    for step in path:
        if isinstance(value, Mapping) and step in value:
            value = value[str(step)]
        elif isinstance(value, Sequence) and not isinstance(value, str) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return False
    return value is not None


def _shown(path: Path, message: str, secrets: Mapping[str, Json]) -> Problem:
    part = "secrets" if _reaches(secrets, path) else "properties"
    return Problem(_where(part, path), f"{message[:1].lower()}{message[1:]}.", "Mend this property.")


def _where(part: str, path: Path) -> str:
    return part + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _refuse(fields: ConnectionFields, problems: list[Problem]) -> None:
    if problems:
        sentence = f"The connection `{fields.name}` cannot be saved: {problems[0].sentence()}"
        raise Invalid("connection.invalid", sentence, problems=tuple(problems))
