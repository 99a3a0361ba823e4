"""The reference page of the chain document's fields, derived from the parts of the language."""

from __future__ import annotations

import dataclasses
from typing import Any, Final, get_type_hints

from pydantic import BaseModel, TypeAdapter

from onecloud.chains.fields import PARTS, ChainDocument, fields_of

SECTIONS: Final[dict[str, type[Any]]] = {"The document": ChainDocument} | {
    name.replace("_", " ").capitalize(): part for name, part in PARTS.items()
}


def section(title: str, part: type[Any]) -> list[str]:
    """One part: what it is, and a row for each field."""
    doc = (part.__doc__ or "").split("Source:")[0].strip().splitlines()[0]
    rows = [
        f"| `{field.name}` | {kind(part, field.name)} | {'yes' if field.required else ''} | {field.description} |"
        for field in fields_of(part)
    ]
    return [f"## {title}", "", doc, "", "| Field | Kind | Required | |", "| --- | --- | --- | --- |", *rows, ""]


def kind(part: type[Any], name: str) -> str:
    """What a field may hold, in words, from its JSON Schema."""
    schema = TypeAdapter(part).json_schema(by_alias=True)
    defs = schema.get("$defs", {})
    if "$ref" in schema:
        schema = defs[schema["$ref"].rpartition("/")[2]]
    return worded(schema["properties"][name], defs)


def worded(schema: dict[str, Any], defs: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return "see below"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        arms = [worded(arm, defs) for arm in schema["anyOf"] if arm.get("type") != "null"]
        return " or ".join(dict.fromkeys(arms))
    limits = [f"{word} {schema[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in schema]
    limits += [f"at most {schema[key]}" for key in ("maxLength", "maxItems", "maxProperties") if key in schema]
    names = {"string": "text", "boolean": "true or false", "array": "list", "object": "map", "integer": "whole number"}
    plain = str(schema.get("type", "any value"))
    word = names.get(plain, plain)
    return f"{word}, {' '.join(limits)}" if limits else word


def chain_page() -> str:
    """Every field of the chain document."""
    lines = [
        "<!-- Written by `make gen`; change the source it is derived from. -->",
        "",
        "# Fields of the chain document",
        "",
        "Every field of every part. What they are for, with examples, is in [the guide](chain-document.md); editors",
        "complete and check a chain by the JSON Schema that `onecloud chain schema` prints.",
        "",
    ]
    for title, part in SECTIONS.items():
        assert dataclasses.is_dataclass(part) or issubclass(part, BaseModel)
        assert get_type_hints(part)
        lines += section(title, part)
    return "\n".join(lines)
