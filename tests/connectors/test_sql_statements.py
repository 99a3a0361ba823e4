"""The splitter of SQL text, and the texts of values: pure."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.connectors.sql.rows import as_json, as_text, line_writer, unique_names
from onecloud.connectors.sql.statements import ends_transaction, first_word, split


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
        (" ;; -- nothing\n; /* still; nothing */", []),
        ("SELECT ';' || 'it''s; ' ; X", ["SELECT ';' || 'it''s; '", "X"]),
        ('SELECT "a;""b" ; X', ['SELECT "a;""b"', "X"]),
        ("SELECT 1 -- a; b\n; X", ["SELECT 1 -- a; b", "X"]),
        ("SELECT 1 /* a; */ + 2; X", ["SELECT 1 /* a; */ + 2", "X"]),
    ],
)
@pytest.mark.parametrize("sqlite", [True, False])
def test_semicolons_inside_texts_names_and_comments_end_nothing(sql: str, expected: list[str], *, sqlite: bool) -> None:
    assert split(sql, sqlite=sqlite) == expected


def test_postgresql_has_dollar_quotes_escapes_and_nested_comments() -> None:
    body = "CREATE FUNCTION f() RETURNS int AS $x$ BEGIN; $y$;$y$ RETURN 1; END $x$ LANGUAGE plpgsql"
    assert split(f"{body}; SELECT 1", sqlite=False) == [body, "SELECT 1"]
    assert split(r"SELECT E'\';'; X", sqlite=False) == [r"SELECT E'\';'", "X"]
    assert split("SELECT /* a /* b; */ ; */ 1; X", sqlite=False) == ["SELECT /* a /* b; */ ; */ 1", "X"]
    assert split("SELECT $1; X", sqlite=False) == ["SELECT $1", "X"]


def test_sqlite_keeps_a_trigger_whole_and_nests_no_comments() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET n = n + 1; DELETE FROM c; END"
    assert split(f"{trigger}; SELECT 1", sqlite=True) == [trigger, "SELECT 1"]
    assert split("SELECT /* a /* b */ 1; X", sqlite=True) == ["SELECT /* a /* b */ 1", "X"]
    assert split(r"SELECT e'\'; X", sqlite=True) == [r"SELECT e'\'", "X"]


@given(
    st.lists(
        st.sampled_from(["SELECT 'a;b'", 'UPDATE "x;y" SET a = 1', "DELETE FROM t -- ;\n", "VALUES (1)"]), max_size=6
    )
)
def test_statements_put_together_come_apart_again(parts: list[str]) -> None:
    assert split(";".join(parts), sqlite=False) == [part.strip() for part in parts]


@pytest.mark.parametrize(
    ("statement", "ends"),
    [
        ("commit", True),
        ("/* x */ Begin", True),
        ("END", True),
        ("rollback", True),
        ("ROLLBACK TO SAVEPOINT a", False),
        ("SAVEPOINT a", False),
        ("SELECT 'COMMIT'", False),
        ("UPDATE t SET a = 1", False),
    ],
)
def test_what_would_end_the_transaction_is_known(statement: str, *, ends: bool) -> None:
    assert ends_transaction(statement) is ends


def test_the_first_word_passes_over_comments_and_brackets() -> None:
    assert first_word("-- a\n /* b */ (select 1)") == "SELECT"
    assert first_word("-- select") == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+2"), "100"),
        (Decimal("1.50"), "1.50"),
        (True, "true"),
        (1.1, "1.1"),
        (dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC), "2024-01-02 03:04:05+00:00"),
        (dt.date(2024, 1, 2), "2024-01-02"),
        (b"\x01\xff", "\\x01ff"),
        ({"a": [1, None, Decimal("1.5")]}, '{"a": [1, null, "1.5"]}'),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_values_have_one_exact_text(value: object, text: str) -> None:
    assert as_text(value) == text


def test_a_line_of_csv_tells_null_from_an_empty_text() -> None:
    line = line_writer(";")
    assert (
        line(["a", None, "", 'say "x"', "a;b", "a,b", "two\nlines", 1])
        == 'a;;"";"say ""x""";"a;b";a,b;"two\nlines";1\n'
    )


def test_json_keeps_whole_numbers_and_gives_the_rest_as_text() -> None:
    assert [as_json(v) for v in (1, 1.5, True, None, Decimal("1.50"), float("nan"))] == [
        1,
        1.5,
        True,
        None,
        "1.50",
        "nan",
    ]


def test_repeated_column_names_are_told_apart() -> None:
    assert unique_names(["a", "b", "a", "a_2", "a"]) == ["a", "b", "a_2", "a_2_2", "a_3"]
