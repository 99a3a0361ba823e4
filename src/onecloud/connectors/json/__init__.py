"""JSON: between lists of objects and tables, and questions to JSON values."""

from onecloud.connector import Connector
from onecloud.connectors.json import array_to_csv, csv_to_json, query

CONNECTOR = Connector(
    id="json",
    title="JSON",
    description="Turn JSON into CSV and back, and take values out of JSON.",
    icon="braces",
    commands=(array_to_csv.COMMAND, csv_to_json.COMMAND, query.COMMAND),
)
