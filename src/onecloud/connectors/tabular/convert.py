"""Convert: the same table in another format, or with another delimiter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from onecloud.connector import Command, Context, Inputs
from onecloud.connectors.tabular.engine import Ground, Table
from onecloud.connectors.tabular.faults import EXIT_CODES
from onecloud.connectors.tabular.result import CsvResult, ResultFormat, TableResult, need_format
from onecloud.connectors.tabular.source import SAME, TypedSource
from onecloud.connectors.tabular.transform import Target, transform


def _sheet(text: str) -> str:
    # Source: Microsoft, "Rename a worksheet".
    if not 0 < len(text) <= 31 or set(text) & set("[]:*?/\\") or text.startswith("'") or text.endswith("'"):
        raise ValueError(f"{text!r} is no sheet name: at most 31 characters, none of []:*?/\\, no ' at an end")
    return text


class _To(Inputs):
    result_format: ResultFormat = Field(
        title="Result format",
        description="csv, tsv, parquet, json (an array of objects), jsonl (an object a line) or xlsx. "
        "Excel gets a column of text as text; set column types to give it numbers and dates.",
        examples=["xlsx"],
    )
    result_sheet: Annotated[str, AfterValidator(_sheet)] = Field(
        default="Sheet1", title="Result sheet", description="The sheet's name in an Excel result."
    )


class ConvertInputs(CsvResult, _To, TypedSource):
    """Inputs of Convert."""


async def run(ctx: Context, inputs: ConvertInputs) -> TableResult:
    """Write the table in the other format."""
    need_format(inputs.result_format, inputs.result_delimiter)

    def build(_: Ground, __: Sequence[Table]) -> str:
        return "SELECT * FROM input"

    delimiter = inputs.result_delimiter
    if delimiter == SAME and inputs.delimiter == "\t" and inputs.result_format == "csv":
        delimiter = ","
    target = Target(inputs.result_name, inputs.result_format, delimiter, inputs.preview_rows, inputs.result_sheet)
    return await transform(ctx, {"input": inputs}, build, target)


COMMAND: Final = Command(
    id="convert",
    title="Convert",
    description="Writes a table in another format or with another delimiter: CSV, TSV, Excel, Parquet or JSON.",
    inputs=ConvertInputs,
    outputs=TableResult,
    run=run,
    exit_codes=EXIT_CODES,
)
