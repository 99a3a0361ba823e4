"""Walls that import-linter cannot see: who commits, who reads tables, who speaks to the engine."""

from __future__ import annotations

import ast
import re

from tests.shape.tree import files, imported, room, sources, text, tree


def calls_of(name: str, method: str) -> list[int]:
    """Lines on which the file calls `something.method(...)`."""
    return [
        node.lineno
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    ]


def test_only_the_ground_floor_commits() -> None:
    # A connector commits in the system it writes to, which is not our database.
    ours = [name for name in sources() if room(name) not in {"infra", "connectors", "connector"}]
    found = {name: lines for name in ours if (lines := calls_of(name, "commit"))}
    assert not found, f"one request, one transaction, one commit, by infra: {found}"
    assert calls_of("src/onecloud/infra/db.py", "commit"), "the check has lost what it looks for"


def test_tables_are_read_only_by_their_own_rooms_store() -> None:
    wrong: list[tuple[str, str]] = []
    seen = 0
    for name in sources():
        for module in imported(name):
            parts = module.split(".")
            if parts[0] != "onecloud" or "tables" not in parts[2:3]:
                continue
            seen += 1
            own = room(name) == parts[1]
            storing = "/store/" in name or name.endswith(("/store.py", "_store.py", "/tables.py"))
            if not (own and storing):
                wrong.append((name, module))
    assert not wrong, f"ask the room's store instead: {wrong}"
    assert seen > 5, "the check has lost what it looks for"


def test_the_engine_has_one_door() -> None:
    inside = [name for name in sources() if any(m == "dbos" or m.startswith("dbos.") for m in imported(name))]
    assert inside == ["src/onecloud/infra/durable.py"]


def test_no_test_sleeps() -> None:
    # A fixed pause is too short on a busy machine and too long on every other. A loop that waits for a condition may
    # pause between two looks, and a fake server may be slow: only what a test does in a straight line counts.
    asleep: list[str] = []
    for name in sources("tests/"):
        for test in ast.walk(tree(name)):
            if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef) and test.name.startswith("test_"):
                loops = [node for node in ast.walk(test) if isinstance(node, ast.While | ast.For | ast.AsyncFor)]
                looping = {id(inner) for loop in loops for inner in ast.walk(loop)}
                asleep += [
                    f"{name}:{node.lineno}"
                    for node in ast.walk(test)
                    if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep" and id(node) not in looping
                ]
    assert not asleep, f"wait for a condition instead: {asleep}"


def test_every_table_is_made_by_a_migration() -> None:
    tables = {
        node.value.value
        for name in sources()
        if name.endswith("/tables.py")
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == "__tablename__"
        and isinstance(node.value, ast.Constant)
    }
    versions = "".join(text(n) for n in files() if n.startswith("src/onecloud/infra/migrations/versions/"))
    assert len(tables) > 5, "the check has lost what it looks for"
    assert not {table for table in tables if not re.search(rf"""create_table\(\s*['"]{table}['"]""", versions)}
