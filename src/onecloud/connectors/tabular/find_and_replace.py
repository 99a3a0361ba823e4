"""Find and Replace: in the values of some or all columns, by text or by regular expression."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from pydantic import Field

from onecloud.connector import Command, Context, Inputs
from onecloud.connectors.tabular import quoting
from onecloud.connectors.tabular.engine import Ground, Table
from onecloud.connectors.tabular.faults import EXIT_CODES
from onecloud.connectors.tabular.result import CsvResult, TableResult
from onecloud.connectors.tabular.source import Source
from onecloud.connectors.tabular.transform import Target, transform

PatternType: TypeAlias = Literal["text", "whole_value", "regex"]

_GROUP: Final = re.compile(r"\\|\$(\$|[0-9])")


class _Change(Inputs):
    find: str = Field(title="Find", min_length=1, description="What to look for.", examples=["N/A"])
    pattern_type: PatternType = Field(
        default="text",
        title="Match pattern type",
        description="text: anywhere in the value. whole_value: the value equals it. regex: a regular expression (RE2).",
    )
    replacement: str = Field(
        default="",
        title="Replacement value",
        description="What to put there. With regex, $0 is the whole match, $1 the first group, and $$ a dollar sign.",
    )
    columns: list[str] = Field(
        default_factory=list, title="Columns", description="Where to look; empty: in every column of text."
    )
    case_sensitive: bool = Field(
        default=True, title="Case sensitive", description="Whether capital and small letters differ."
    )


class FindAndReplaceInputs(CsvResult, _Change, Source):
    """Inputs of Find and Replace."""


def rewrite(replacement: str) -> str:
    """A replacement with $n groups as RE2 wants it, with a backslash for each."""

    def one(found: re.Match[str]) -> str:
        if found[0] == "\\":
            return "\\\\"
        return "$" if found[1] == "$" else f"\\{found[1]}"

    return _GROUP.sub(one, replacement)


def replaced(column: str, change: _Change) -> str:
    """The new value of a column in SQL; NULL stays NULL."""
    text = f"CAST({quoting.name(column)} AS VARCHAR)"
    find, new = quoting.literal(change.find), quoting.literal(change.replacement)
    options = "'g'" if change.case_sensitive else "'gi'"
    match change.pattern_type:
        case "whole_value":
            same = f"{text} = {find}" if change.case_sensitive else f"lower({text}) = lower({find})"
            return f"CASE WHEN {same} THEN {new} ELSE {text} END"
        case "text" if change.case_sensitive:
            return f"replace({text}, {find}, {new})"
        case "text":
            verbatim = quoting.literal(change.replacement.replace("\\", "\\\\"))
            return f"regexp_replace({text}, regexp_escape({find}), {verbatim}, {options})"
        case "regex":
            return f"regexp_replace({text}, {find}, {quoting.literal(rewrite(change.replacement))}, {options})"


async def run(ctx: Context, inputs: FindAndReplaceInputs) -> TableResult:
    """Write the table with the values replaced."""

    def build(_: Ground, tables: Sequence[Table]) -> str:
        table = tables[0]
        table.need(inputs.columns)
        chosen = inputs.columns or [column.name for column in table.columns if column.type == "VARCHAR"]
        listed = [
            f"{replaced(name, inputs)} AS {quoting.name(name)}" if name in chosen else quoting.name(name)
            for name in table.names
        ]
        return f"SELECT {', '.join(listed)} FROM input"

    return await transform(ctx, {"input": inputs}, build, Target.csv(inputs))


COMMAND: Final = Command(
    id="find_and_replace",
    title="Find and Replace",
    description="Replaces a text or a regular expression in the values of a table; other values stay as they are.",
    inputs=FindAndReplaceInputs,
    outputs=TableResult,
    run=run,
    exit_codes=EXIT_CODES,
)
