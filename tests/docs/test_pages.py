"""Every command on the pages works, in the order it stands there, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import REASONS, STOPPED, blocks, is_only_make, left_out, script
from tests.postgres import binaries, free_port
from tests.shape.tree import ROOT, files, text

PAGES = [name for name in files() if name.endswith(".md") and not name.startswith("docs/decisions/")]
RUN = [name for name in PAGES if any(left_out(b) is None and not is_only_make(b) for b in blocks(text(name)))]


@pytest.fixture
def database(postgres_url: str) -> str:
    """A fresh database on a real server, by the address that a page would give."""
    import psycopg

    with psycopg.connect(f"{postgres_url}/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS pages")
        connection.execute("CREATE DATABASE pages")
    return f"{postgres_url}/pages"


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN)
def test_the_commands_of_a_page_work(page: str, tmp_path: Path, database: str) -> None:
    programs = [str(Path(sys.executable).parent), str(binaries()), os.environ["PATH"]]
    environment = {
        "PATH": os.pathsep.join(programs),
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "PAGE": str(ROOT / page),
    }
    done = subprocess.run(
        ["bash", "-x", "-c", script(text(page), free_port(), database)],
        cwd=tmp_path,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-6000:]


def test_pages_with_commands_are_found() -> None:
    assert {"docs/install.md", "docs/first-chain.md", "docs/run-as-a-server.md"} <= set(RUN)


def test_the_notes_above_blocks_are_known() -> None:
    notes = {block.note for page in PAGES for block in blocks(text(page)) if left_out(block) is None}
    assert notes <= {"", STOPPED}


def test_a_command_is_left_out_only_for_a_known_reason() -> None:
    reasons = {reason for page in PAGES for block in blocks(text(page)) if (reason := left_out(block)) is not None}
    assert reasons <= REASONS


def test_a_page_that_fails_in_the_middle_fails() -> None:
    page = "```sh\nfalse\n```\n\n```sh\ntrue\n```\n"
    assert subprocess.run(["bash", "-c", script(page, 1, "")], check=False).returncode != 0


def test_every_block_of_commands_is_seen() -> None:
    for page in PAGES:
        assert len(blocks(text(page))) == text(page).count("```sh\n"), page
