"""SQL text as statements: split at the semicolons that end one, and nothing else understood."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Final

# What a semicolon may hide in. PostgreSQL nests block comments; the splitter counts them itself.
_TOKEN: Final = re.compile(
    r"""
    (?P<line>--[^\n]*)
  | (?P<block>/\*)
  | (?P<escaped>\b[eE]'(?:[^'\\]|\\.|'')*')
  | (?P<text>'(?:[^']|'')*')
  | (?P<name>"(?:[^"]|"")*")
  | (?P<dollar>\$(?P<tag>[A-Za-z_]\w*)?\$)
  | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")
_FIRST_WORD: Final = re.compile(r"[A-Za-z]+")
_TRANSACTION: Final = {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"}


def split(sql: str, *, sqlite: bool) -> list[str]:
    """The statements in order, without their semicolons; empty ones and comments alone are left out.

    In SQLite's dialect a CREATE TRIGGER keeps the semicolons of its body.
    """
    statements: list[str] = []
    pending = ""
    for piece in _pieces(sql, sqlite=sqlite):
        pending += piece
        if sqlite and _is_trigger(pending) and not sqlite3.complete_statement(pending + ";"):
            pending += ";"
            continue
        statements.append(pending.strip())
        pending = ""
    statements.append(pending.strip())
    return [statement for statement in statements if first_word(statement)]


def first_word(statement: str) -> str:
    """The statement's first word in capitals, comments passed over; empty when there is none."""
    bare = "".join(part for part, is_comment in _parts(statement, sqlite=False) if not is_comment)
    found = _FIRST_WORD.search(bare)
    return found[0].upper() if found else ""


def ends_transaction(statement: str) -> bool:
    """Whether the statement would begin or end a transaction, which is the command's own."""
    word = first_word(statement)
    if word == "ROLLBACK":  # to a savepoint it is allowed
        return " TO " not in f" {' '.join(statement.upper().split())} "
    return word in _TRANSACTION


def _is_trigger(statement: str) -> bool:
    return re.match(r"\s*CREATE\s+(TEMP\s+|TEMPORARY\s+)?TRIGGER\b", statement, re.IGNORECASE) is not None


def _pieces(sql: str, *, sqlite: bool) -> Iterator[str]:
    piece = ""
    for part, _ in _parts(sql, sqlite=sqlite):
        if part == ";":
            yield piece
            piece = ""
        else:
            piece += part
    yield piece


def _parts(sql: str, *, sqlite: bool) -> Iterator[tuple[str, bool]]:
    """The text in parts, each with whether it is a comment; a `;` that ends a statement is a part of its own."""
    at = 0
    while found := _TOKEN.search(sql, at):
        yield sql[at : found.start()], False
        end = found.end()
        if found["block"]:
            end = _after_comment(sql, end, nested=not sqlite)
        elif found["dollar"] and not sqlite:
            close = sql.find(found["dollar"], end)
            end = len(sql) if close < 0 else close + len(found["dollar"])
        elif found["escaped"] and sqlite:  # there E is no prefix: take the letter, and look at the text again
            end = found.start() + 1
        yield sql[found.start() : end], bool(found["line"] or found["block"])
        at = end
    yield sql[at:], False


def _after_comment(sql: str, at: int, *, nested: bool) -> int:
    depth = 1
    while depth and (edge := _COMMENT_EDGE.search(sql, at)):
        at = edge.end()
        depth += (1 if nested else 0) if edge[0] == "/*" else -1
    return len(sql) if depth else at
