"""What the README promises is there, under the names it uses."""

from __future__ import annotations

import re
import subprocess

from tests.shape.tree import ROOT, files, text

MAKE = re.compile(r"\bmake ([a-z]+)\b")


def targets() -> set[str]:
    """The Makefile's commands."""
    return set(re.findall(r"^([a-z]+):", text("Makefile"), flags=re.MULTILINE))


def pages() -> list[str]:
    """Every page for people."""
    return [name for name in files() if name.endswith(".md")]


def test_every_make_command_on_a_page_exists() -> None:
    # "make" is an English verb, too: only what is set as code counts.
    code = re.compile(r"^```sh\n(.*?)^```|`([^`\n]+)`", flags=re.MULTILINE | re.DOTALL)
    named = {
        (page, target)
        for page in pages()
        for match in code.finditer(text(page))
        for target in MAKE.findall(match.group(1) or match.group(2) or "")
    }
    assert ("README.md", "demo") in named
    assert ("README.md", "test") in named
    assert not {pair for pair in named if pair[1] not in targets()}


def test_every_make_command_explains_itself() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    shown = {line.split()[0] for line in listed.splitlines()}
    assert shown == targets() - {"python"}


def test_ci_runs_make_test_and_nothing_else() -> None:
    lines = [line for line in text(".ci/run").splitlines() if line and not line.startswith("#")]
    assert lines[-1] == "exec make test"
    assert len(lines) == 3  # strict mode, the folder, the command


def test_every_link_between_pages_leads_somewhere() -> None:
    broken: list[tuple[str, str]] = []
    for page in pages():
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text(page)):
            if "://" not in target and not target.startswith(("/", "mailto:")):
                there = (ROOT / page).parent / target
                if not there.exists():
                    broken.append((page, target))
    assert not broken


def test_every_decision_is_one_page_of_five_headings_and_listed() -> None:
    decisions = [name for name in pages() if re.fullmatch(r"docs/decisions/\d{4}-[a-z0-9-]+\.md", name)]
    assert len(decisions) > 3
    listed = text("docs/decisions/README.md")
    for name in decisions:
        assert f"({name.rsplit('/', 1)[1]})" in listed, name
        headings = re.findall(r"^## (.+)$", text(name), flags=re.MULTILINE)
        assert headings == ["Context", "Decision", "Why", "Consequences", "Status"], name
        assert re.search(r"\b2\d{3}-\d{2}-\d{2}\b", text(name)), f"{name} has no date"
