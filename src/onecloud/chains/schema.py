"""The published JSON Schema of the chain document: the document's fields joined with every command's inputs.

Editors complete and check a chain by it; the check of a chain (`check/`) knows more, and decides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from onecloud.chains.commands import CommandSpec
from onecloud.chains.fields import ChainDocument

Schema: TypeAlias = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
REFERENCE: Final = "Reference"
REFERENCE_HERE: Final[Schema] = {"$ref": f"#/$defs/{REFERENCE}"}
# What a form or an editor shows; it stays outside the choice between value and reference.
NOTES: Final = ("title", "description", "default", "examples", "deprecated")
LIMITS: Final = ("enum", "const", "pattern", "format", "minLength", "maxLength")


def document_schema(commands: Mapping[str, CommandSpec]) -> Schema:
    """The schema of a document that uses these commands, as a JSON value with a fixed order."""
    schema: Schema = ChainDocument.model_json_schema(by_alias=True)
    defs: Schema = schema.pop("$defs")
    defs[REFERENCE] = {
        "title": "Reference",
        "description": "Text with at least one reference, such as `${{ input.NAME }}` or `${{ node.KEY.OUTPUT }}`.",
        "type": "string",
        "pattern": r"\$\{\{",
    }
    node = defs["NodePart"]
    node["properties"]["command"]["enum"] = sorted(commands)
    node["allOf"] = []
    for name in sorted(commands):
        inputs = commands[name].inputs.model_json_schema(by_alias=True)
        for key, part in inputs.pop("$defs", {}).items():
            if key != "FileRef":
                defs[f"{name}.{key}"] = _referable(part, name)
        defs[f"{name}.inputs"] = _referable(inputs, name)
        then: Schema = {"properties": {"inputs": {"$ref": f"#/$defs/{name}.inputs"}}}
        if inputs.get("required"):
            then["required"] = ["inputs"]
        condition = {"properties": {"command": {"const": name}}, "required": ["command"]}
        node["allOf"].append({"if": condition, "then": then})
    top = {"$schema": DIALECT, "$id": "urn:onecloud:chain:1", **schema, "title": "OneCloud chain"}
    return {**top, "$defs": {key: defs[key] for key in sorted(defs)}}


def schema_text(commands: Mapping[str, CommandSpec]) -> str:
    """The schema as the text of the published file."""
    return json.dumps(document_schema(commands), indent=2, ensure_ascii=False) + "\n"


def _referable(schema: Schema, command: str) -> Schema:
    """The schema with a reference allowed wherever a value of a field, a list or a map stands."""
    found = dict(schema)
    if "$ref" in found:
        target = str(found["$ref"]).removeprefix("#/$defs/")
        # A stored file is never written into a chain; it comes by reference.
        found["$ref"] = f"#/$defs/{REFERENCE if target == 'FileRef' else f'{command}.{target}'}"
    if "properties" in found:
        found["properties"] = {k: _or_reference(v, command) for k, v in found["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = _or_reference(found[key], command)
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        if key in found:
            found[key] = [_referable(part, command) for part in found[key]]
    found.pop("discriminator", None)  # its mapping names definitions that moved; oneOf alone says the same
    return found


def _or_reference(schema: Schema, command: str) -> Schema:
    inner = _referable(schema, command)
    if _takes_any_text(inner):
        return inner
    notes = {key: inner.pop(key) for key in NOTES if key in inner}
    return {**notes, "anyOf": [*_arms(inner), REFERENCE_HERE]}


def _arms(schema: Schema) -> list[Schema]:
    arms: list[Schema] = schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]
    return [arm for arm in arms if arm != REFERENCE_HERE]


def _takes_any_text(schema: Schema) -> bool:
    if "anyOf" in schema:
        return any(_takes_any_text(arm) for arm in schema["anyOf"])
    if not schema.keys() - set(NOTES):
        return True  # any JSON value
    return schema.get("type") == "string" and not any(limit in schema for limit in LIMITS)
