"""The tables of the page on values, derived from the language itself; the text around them is written by hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from onecloud.kernel.jsonvalue import dump
from onecloud.variables.conditions import OPERATORS
from onecloud.variables.transform import CATALOG, CODES, GROUPS, Transformation, usage

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "values.md"


def code(text: str) -> str:
    """The text as code within a table's cell."""
    escaped = text.replace("|", "\\|")
    return f"`` {escaped} ``" if "`" in text else f"`{escaped}`"


def row(transformation: Transformation) -> str:
    """A transformation with its first examples."""
    shown: list[str] = []
    for example in transformation.examples[:2]:
        arguments = ", ".join(dump(argument) for argument in example.arguments)
        call = transformation.name + (f"({arguments})" if arguments else "")
        shown.append(f"{code(dump(example.value))} {code(f'| {call}')} → {code(dump(example.result))}")
    told = " ".join(
        f"`{parameter.name}`: {parameter.description}"
        + (f" {', '.join(code(choice) for choice in parameter.choices)}." if parameter.choices else "")
        + (f" Default {code(dump(parameter.default))}." if parameter.optional and parameter.default is not None else "")
        for parameter in transformation.parameters
    )
    described = f"{transformation.description} {told}".strip()
    return f"| {code(usage(transformation))} | {described} | {'<br>'.join(shown)} |"


def transformations() -> str:
    """A table for each type."""
    lines: list[str] = []
    for group in GROUPS:
        lines += [f"### {group}", "", "| transformation | what it does | examples |", "| --- | --- | --- |"]
        lines += [row(one) for one in CATALOG.values() if one.group == group]
        lines.append("")
    return "\n".join(lines).rstrip()


def codes() -> str:
    """The codes of date formats."""
    rows = [f"| `%{name}` | {words} |" for name, words in CODES.items()]
    return "\n".join(["| code | stands for |", "| --- | --- |", *rows])


def operators() -> str:
    """The tests of conditions."""
    rows = [
        f"| `{name}` | {facts.words} | {'yes' if facts.needs_other else 'no'} | {'typed' if facts.typed else 'text'} |"
        for name, facts in OPERATORS.items()
    ]
    return "\n".join(["| `is` | in words | needs `other` | compares |", "| --- | --- | --- | --- |", *rows])


def values_page() -> str:
    """The page with its tables as they must be."""
    text = PAGE.read_text(encoding="utf-8")
    for name, table in (("transformations", transformations()), ("codes", codes()), ("operators", operators())):
        marked = re.compile(rf"(<!-- begin {name}: [^\n]*-->\n).*?(<!-- end {name} -->)", re.DOTALL)
        text, count = marked.subn(lambda found, table=table: f"{found[1]}\n{table}\n\n{found[2]}", text)
        assert count == 1, f"docs/values.md has no place for {name}"
    return text
