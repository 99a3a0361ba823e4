"""What every connector's manifest must keep, so that forms, docs and validation can be derived from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from pydantic import BaseModel, SecretStr, ValidationError

from onecloud.connector.command import Command, Connector

_ID: Final = re.compile(r"[a-z][a-z0-9_]*")
_SECRET_NAME: Final = re.compile(r"password|secret|private_key|(^|_)token$|client_key|passphrase")

Schema = Mapping[str, Any]


def check_connector(connector: Connector) -> None:
    """Fail with every fault of a manifest at once.

    Raises: AssertionError that lists the faults, one a line.
    """
    faults = list(_faults(connector))
    assert not faults, f"connector {connector.id}:\n" + "\n".join(faults)


def _faults(connector: Connector) -> Iterator[str]:
    if not _ID.fullmatch(connector.id):
        yield f"{connector.id!r} is no id: lower case letters, digits and underscores"
    if not connector.title or not connector.description:
        yield "has no title or no description"
    if not connector.commands:
        yield "has no command"
    ids = [command.id for command in connector.commands]
    yield from (f"{twice}: two commands have this id" for twice in sorted({i for i in ids if ids.count(i) > 1}))
    if connector.properties is not None:
        yield from _model_faults("properties", connector.properties)
    for command in connector.commands:
        yield from _command_faults(connector, command)


def _command_faults(connector: Connector, command: Command[Any]) -> Iterator[str]:
    if not _ID.fullmatch(command.id):
        yield f"{command.id!r} is no id: lower case letters, digits and underscores"
    if not command.title or not command.description.endswith("."):
        yield f"{command.id}: needs a title and a description in whole sentences"
    if command.needs_connection and connector.properties is None:
        yield f"{command.id}: needs a connection, and the connector has no properties"
    codes = [code.code for code in command.exit_codes]
    if len(set(codes)) != len(codes):
        yield f"{command.id}: an exit code is declared twice"
    if not any(code.code == 0 and code.means == "success" for code in command.exit_codes):
        yield f"{command.id}: exit code 0 must be declared as success"
    # 1 is what wrong inputs end with, whatever the command.
    if not any(code.code == 1 and code.means == "error" for code in command.exit_codes):
        yield f"{command.id}: exit code 1 must be declared as error"
    yield from (f"{command.id}: exit code {code.code} has no label" for code in command.exit_codes if not code.label)
    yield from _model_faults(f"{command.id}.inputs", command.inputs)
    yield from _model_faults(f"{command.id}.outputs", command.outputs)


def _model_faults(where: str, model: type[BaseModel]) -> Iterator[str]:
    schema = model.model_json_schema()
    if json.loads(json.dumps(schema)) != schema:
        yield f"{where}: its schema does not survive JSON"
    yield from _described(where, schema, cast("dict[str, Schema]", schema.get("$defs", {})))
    yield from _hidden(where, model)
    example = _example(schema, cast("dict[str, Schema]", schema.get("$defs", {})))
    try:
        first = model.model_validate_json(json.dumps(example))
        again = model.model_validate_json(first.model_dump_json())
    except ValidationError as error:
        yield f"{where}: an example made of its schema ({example}) is refused; give its fields `examples`: {error}"
        return
    if again.model_dump_json() != first.model_dump_json():
        yield f"{where}: {first.model_dump_json()} comes back from JSON as {again.model_dump_json()}"


def _described(where: str, schema: Schema, defs: Mapping[str, Schema]) -> Iterator[str]:
    """Fields without a description, here and in the models that the schema refers to."""
    for name, model in {"": schema, **defs}.items():
        if name == "FileRef":  # belongs to the SDK and has a form of its own
            continue
        for field, facts in cast("dict[str, Schema]", model.get("properties", {})).items():
            place = f"{where}.{name}.{field}" if name else f"{where}.{field}"
            if not facts.get("title") and "$ref" not in facts:
                yield f"{place}: has no title"
            if not facts.get("description"):
                yield f"{place}: has no description"


def _hidden(where: str, model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if _SECRET_NAME.search(name) and not _holds_secret(field.annotation):
            yield f"{where}.{name}: sounds like a secret, and is not a SecretStr"


def _holds_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(_holds_secret(part) for part in getattr(annotation, "__args__", ()))


def _example(schema: Schema, defs: Mapping[str, Schema]) -> Any:
    """A value that fits the schema: its own example, else its default, else the smallest thing of its type."""
    if "$ref" in schema and "examples" not in schema:
        return _example(defs[schema["$ref"].rsplit("/", 1)[1]], defs)
    for given in ("default", "const"):
        if given in schema and "examples" not in schema:
            return schema[given]
    for several in ("examples", "enum"):
        if several in schema:
            return schema[several][0]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return _example(schema[choice][0], defs)
    return _smallest(schema, defs)


def _smallest(schema: Schema, defs: Mapping[str, Schema]) -> Any:
    match schema.get("type"):
        case "object":
            fields = cast("dict[str, Schema]", schema.get("properties", {}))
            return {name: _example(facts, defs) for name, facts in fields.items()}
        case "array":
            return [_example(schema["items"], defs)] * schema.get("minItems", 0) if "items" in schema else []
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "string":
            return "x" * max(1, schema.get("minLength", 1))
        case _:
            return None
