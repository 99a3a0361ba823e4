"""The project's own files, as git knows them, for the tests of the house's shape."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ("src/onecloud/infra/migrations/versions/", "web/src/api/")


@cache
def files() -> tuple[str, ...]:
    """Every file that is or would be committed, as paths from the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = tuple(sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file()))
    assert len(found) > 50, "git lists too few files for a check to mean anything"
    return found


def sources(prefix: str = "src/onecloud/", suffix: str = ".py") -> list[str]:
    """Files below `prefix` that people write."""
    found = [n for n in files() if n.startswith(prefix) and n.endswith(suffix) and not n.startswith(GENERATED)]
    assert found, f"no {suffix} file below {prefix}"
    return found


def text(name: str) -> str:
    """A file's text."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def tree(name: str) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(text(name), filename=name)


def room(name: str) -> str:
    """The room a file of the package stands in: `chains` for src/onecloud/chains/store.py."""
    return name.removeprefix("src/onecloud/").split("/")[0]


def imported(name: str) -> set[str]:
    """Every module that the file imports, wherever in the file; `from a import b` counts as `a` and `a.b`."""
    found: set[str] = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found
