"""Cases of the commands that work on tables and databases, and of scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from onecloud.connector.testing import FakeContext
from onecloud.connectors.sql.connection import SqlConnection
from tests.connectors.case import Case, Prepare
from tests.connectors.server import Service

_MANY = 6_000_000
# Rows without end, nearly: for the database that is asked to count them.
_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000000) "


def _table(**inputs: Any) -> Prepare:
    """A file `orders.csv` in the folder, and these inputs."""

    def prepare(ctx: FakeContext, _: Service) -> Mapping[str, Any]:
        (ctx.files / "orders.csv").write_text("id,city,amount\n1,Bern,12\n2,Rome,7\n")
        return inputs

    return prepare


def _long(**inputs: Any) -> Prepare:
    """The same file with very many rows."""

    def prepare(ctx: FakeContext, _: Service) -> Mapping[str, Any]:
        with (ctx.files / "orders.csv").open("w") as file:
            file.write("id,city,amount\n")
            for _number in range(_MANY // 100_000):
                file.write("1,Bern,12\n2,Rome,7\n" * 50_000)
        return inputs

    return prepare


def _in_database(sql: str) -> Prepare:
    """An empty database, and one statement."""

    def prepare(ctx: FakeContext, _: Service) -> Mapping[str, Any]:
        (ctx.files / "data.db").touch()
        return {"sql": sql}

    return prepare


def _database() -> BaseModel:
    return SqlConnection(system="sqlite", path="data.db", create_file=True)


_SELF_JOIN = "SELECT count(*) FROM orders a, orders b WHERE a.id || b.city <> b.id || a.amount"


def _script(code: str) -> Prepare:
    return lambda _ctx, _service: {"code": code}


TABLES: Mapping[str, Case] = {
    "tabular.add_headers": Case(_table(file="orders.csv", headers=["a", "b", "c"])),
    "tabular.advanced_query": Case(
        _table(tables=[{"name": "orders", "file": "orders.csv"}], sql="SELECT city FROM orders ORDER BY city"),
        _long(tables=[{"name": "orders", "file": "orders.csv"}], sql=_SELF_JOIN),
    ),
    "tabular.column_filter": Case(_table(file="orders.csv", columns=["city"])),
    "tabular.convert": Case(_table(file="orders.csv", result_format="parquet")),
    "tabular.filter_rows": Case(
        _table(file="orders.csv", conditions=[{"column": "city", "operator": "equals", "value": "Bern"}])
    ),
    "tabular.find_and_replace": Case(_table(file="orders.csv", find="Bern", replacement="Basel")),
    "tabular.insert_column": Case(_table(file="orders.csv", name="year", value="2024")),
    "tabular.join": Case(
        _table(left={"file": "orders.csv"}, right={"file": "orders.csv"}, keys=[{"left": "id", "right": "id"}]),
    ),
    "sql.query": Case(
        _in_database("SELECT 1 AS one"),
        _in_database(_ENDLESS + "SELECT count(*) FROM n"),
        connection=_database,
    ),
    "sql.execute": Case(
        _in_database("CREATE TABLE t (a INTEGER)"),
        _in_database("CREATE TABLE t AS " + _ENDLESS + "SELECT count(*) AS c FROM n"),
        repeatable=False,
        connection=_database,
    ),
    "sql.load_file": Case(
        _table(file="orders.csv", table="orders", mode="replace"), same_outputs=False, connection=_database
    ),
    "script.python": Case(_script("print(1)"), _script("while True: pass"), repeatable=False),
    "script.shell": Case(_script("echo 1"), _script("sleep 60 & wait"), repeatable=False),
}
