"""Tabular Transformation: tables in files, changed by DuckDB. Source: product facts 3.3."""

from typing import Final

from onecloud.connector import Connector
from onecloud.connectors.tabular import (
    add_headers,
    advanced_query,
    column_filter,
    convert,
    filter_rows,
    find_and_replace,
    insert_column,
    join,
)

CONNECTOR: Final = Connector(
    id="tabular",
    title="Tabular Transformation",
    description="Queries, filters, joins and converts tables in CSV, Excel, Parquet and JSON files.",
    commands=(
        advanced_query.COMMAND,
        filter_rows.COMMAND,
        column_filter.COMMAND,
        insert_column.COMMAND,
        join.COMMAND,
        add_headers.COMMAND,
        find_and_replace.COMMAND,
        convert.COMMAND,
    ),
    icon="table",
)
