"""The demo, whole, as `make demo ONCE=1` runs it; and what makes it refuse."""

from __future__ import annotations

import hashlib
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from onecloud.cli.demo.api import masked, shown
from onecloud.cli.demo.stage import DATA_FILE, HERE

TOKEN = re.compile(r"oc_[ar]t_[A-Za-z0-9_-]{8,}")


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `onecloud demo --once`."""
    command = [sys.executable, "-m", "onecloud.cli.main", "demo", "--once", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=240)


@pytest.mark.slow
def test_the_demo_does_the_main_job_twice_in_one_folder(tmp_path: Path) -> None:
    first = demo("--data", str(tmp_path))
    assert first.returncode == 0, first.stdout[-3000:] + first.stderr[-3000:]
    for fact in ("The run succeeded", "The branch for failure ran", "The old access token is dead", "invalid_grant"):
        assert fact in first.stdout
    assert "curl -s" in first.stdout
    assert not TOKEN.search(first.stdout), "tokens are masked in what is printed"
    again = demo("--data", str(tmp_path))
    assert again.returncode == 0, again.stdout[-3000:] + again.stderr[-3000:]


@pytest.mark.slow
def test_a_demo_that_cannot_do_its_work_says_why_and_fails(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = demo("--data", str(tmp_path), "--port", str(port))
    assert refused.returncode == 1
    assert f"port {port} is in use" in refused.stderr


def test_tokens_are_masked_wherever_they_stand() -> None:
    token = "oc_at_" + "a" * 40 + "WXYZ"
    assert masked(f'{{"access_token": "{token}"}}') == '{"access_token": "oc_at_…WXYZ"}'
    assert token not in shown({"deep": [{"token": token}]})


def test_a_long_answer_is_cut_and_says_so() -> None:
    text = shown(list(range(100)))
    assert text.endswith("more lines")
    assert len(text.splitlines()) < 40


def test_the_data_is_the_file_that_its_source_note_describes() -> None:
    digest = hashlib.sha256((HERE / DATA_FILE).read_bytes()).hexdigest()
    assert digest in (HERE / "SOURCE.md").read_text(encoding="utf-8")
