"""Sizes, names and what must not be in a committed file."""

from __future__ import annotations

import re
import tomllib
from pathlib import PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.shape.tree import GENERATED, ROOT, files, room, sources, text

MOST_LINES = {".py": 400, ".ts": 400, ".tsx": 400}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "service", "services"}
BINARY = {".png", ".ico", ".woff2", ".xlsx", ".parquet", ".zip", ".gz", ".db", ".jpg"}
# Joined here, so that this file does not hold what it looks for.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("py" + "pi", "org"),
        ("python" + "hosted", "org"),
        ("npm" + "js", "org"),
        ("npm" + "js", "com"),
        ("yarn" + "pkg", "com"),
        ("npm" + "mirror", "com"),
        ("deb", "debian", "org"),
        ("crates", "io"),
        ("golang", "org"),
    )
]
NOTE = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")


def texts() -> list[str]:
    """Every committed text file."""
    return [name for name in files() if PurePosixPath(name).suffix not in BINARY]


def test_no_file_has_grown_past_a_second_idea() -> None:
    lengths = {
        name: len(text(name).splitlines())
        for name in files()
        if PurePosixPath(name).suffix in MOST_LINES and not name.startswith(GENERATED) and ".gen." not in name
    }
    too_long = {n: lines for n, lines in lengths.items() if lines > MOST_LINES[PurePosixPath(n).suffix]}
    assert not too_long, f"split these files (lines): {too_long}"


def test_files_are_named_by_what_they_hold() -> None:
    vague = [name for name in files() if PurePosixPath(name).stem in FORBIDDEN_NAMES]
    assert not vague, f"name these files by their content: {vague}"


def test_no_committed_file_names_a_package_registry() -> None:
    found = [(name, host) for name in texts() for host in REGISTRIES if host in text(name)]
    assert not found, f"run `make lock`, or take the host out: {found}"


def test_the_lock_names_no_host_at_all() -> None:
    hosts = set(re.findall(r"https?://([^/\"\s]+)", text("uv.lock")))
    assert hosts == {"index.invalid"}
    assert '"resolved"' not in text("web/package-lock.json")


def test_no_unfinished_work_is_committed() -> None:
    notes = [
        f"{name}:{number}"
        for name in sources("src/")
        + sources("tests/")
        + sources("tools/")
        + sources("web/src/", ".ts")
        + sources("web/src/", ".tsx")
        for number, line in enumerate(text(name).splitlines(), 1)
        if NOTE.search(line)
    ]
    assert not notes, f"do it, or write it down where work is planned: {notes}"


@pytest.mark.parametrize("folder", ["src/onecloud", "tests"])
def test_every_folder_with_python_files_is_a_package(folder: str) -> None:
    folders = {(ROOT / name).parent for name in sources(folder + "/") if "/migrations/" not in name}
    missing = [str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists()]
    assert not missing, f"an __init__.py is missing in: {missing}"


def test_a_cycle_is_not_hidden_from_the_import_contracts() -> None:
    # The command line imports lazily for its start-up time, and may name for the type checker what it loads later.
    hidden = [name for name in sources() if "TYPE_CHECKING" in text(name) and room(name) != "cli"]
    assert not hidden, f"move the value down a floor instead of importing it for types only: {hidden}"


def test_the_lock_knows_every_package_that_is_asked_for() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    asked = list(project["project"]["dependencies"])
    for group in (*project["project"]["optional-dependencies"].values(), *project["dependency-groups"].values()):
        asked += [line for line in group if isinstance(line, str)]
    locked = {package["name"]: package["version"] for package in tomllib.loads(text("uv.lock"))["package"]}
    missing: list[str] = []
    for line in asked:
        requirement = Requirement(line)
        version = locked.get(canonicalize_name(requirement.name))
        if version is None or version not in requirement.specifier:
            missing.append(line)
    assert not missing, f"run `make lock`: {missing}"
