"""Query: take something out of a JSON value, or make another value of it."""

from __future__ import annotations

import json
from pathlib import Path as FilePath
from typing import Final, Literal, cast

from pydantic import Field, JsonValue

from onecloud.connector import (
    Command,
    CommandFailed,
    Context,
    ExitCode,
    FileRef,
    Inputs,
    Outputs,
    Stop,
    Warned,
    safe_name,
    stoppable,
)
from onecloud.connectors.json.paths import Path
from onecloud.connectors.json.source import Data, load, path_or_value

VALUE_BYTES: Final = 1 << 20
NOTHING: Final = ExitCode(10, "warning", "Nothing found")


class QueryInputs(Inputs):
    """What to ask of which value."""

    data: Data = Field(
        title="JSON data",
        description="A JSON file of an earlier command, JSON text, or a value.",
        examples=['{"a": [1]}'],
    )
    query: str = Field(
        min_length=1,
        title="Query",
        description="A path such as `orders[0].customer.name` or `orders[*].id`, or any JMESPath expression, such as "
        "`sum(orders[?status == 'open'].amount)`.",
        examples=["a[0]"],
    )
    result: Literal["auto", "value", "file"] = Field(
        default="auto",
        title="Result",
        description=f"Give the result as a value, as a file, or as fits: up to {VALUE_BYTES:,} bytes as a value.",
    )
    name: str = Field(
        default="result.json", min_length=1, title="File name", description="The name of the file, when there is one."
    )


class QueryOutputs(Outputs):
    """What was found."""

    value: JsonValue = Field(title="Value", description="The result; null when nothing is there or it is a file.")
    text: str = Field(title="Text", description="The result as text: a text as it is, all else as JSON.")
    count: int = Field(title="Count", description="How many elements a list has; 1 for another result, 0 for none.")
    file: FileRef | None = Field(title="File", description="The result as a JSON file, when it is one.")


def _ask(stop: Stop, source: FilePath | None, value: object, query: str, limit_bytes: int) -> tuple[JsonValue, str]:
    path = Path(query, "query")
    if source is not None:
        value = load(stop, source, limit_bytes, exact=False)
    found = cast("JsonValue", path.search(value))
    return found, json.dumps(found, ensure_ascii=False)


async def run(ctx: Context, inputs: QueryInputs) -> QueryOutputs | Warned:
    """Ask the query of the value."""
    source, value = await path_or_value(ctx, inputs.data, exact=False)
    found, text = await stoppable(ctx, _ask, source, value, inputs.query, ctx.memory_limit_bytes)
    size = len(text.encode())
    count = len(found) if isinstance(found, list) else 0 if found is None else 1
    if inputs.result == "value" and size > VALUE_BYTES:
        message = f"The result has {size:,} bytes, and {VALUE_BYTES:,} are the most for a value. Ask for a file."
        raise CommandFailed(1, message, retryable=False)
    if inputs.result == "file" or size > VALUE_BYTES:
        path = ctx.workdir / "result.json"
        await ctx.in_thread(path.write_text, text, "utf-8")
        file = await ctx.save_file(path, safe_name(inputs.name), "application/json")
        outputs = QueryOutputs(value=None, text="", count=count, file=file)
    else:
        outputs = QueryOutputs(value=found, text=found if isinstance(found, str) else text, count=count, file=None)
    if found is None:
        return Warned(outputs, NOTHING.code, f"{inputs.query!r} finds nothing in this JSON. Check its names.")
    return outputs


COMMAND = Command(
    id="query",
    title="Query",
    description="Takes values out of JSON by a path or a JMESPath expression.",
    inputs=QueryInputs,
    outputs=QueryOutputs,
    run=run,
    exit_codes=(ExitCode(0, "success", "Success"), ExitCode(1, "error", "Error running the command"), NOTHING),
)
