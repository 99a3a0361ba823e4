"""The people commands of the shell, on a real data folder."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from onecloud.cli.admin import app
from tests.access.conftest import EMAIL, PASSWORD


class Shell:
    """Runs commands on one data folder and database."""

    def __init__(self, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self._monkeypatch, self._capsys = data, monkeypatch, capsys

    def run(self, *words: str, typed: bytes = b"") -> tuple[int, str, str]:
        """Exit status, standard output and standard error."""
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
        self._capsys.readouterr()
        status: Any = app([*words, "--data", str(self.data)], result_action="return_value")
        out, err = self._capsys.readouterr()
        return status, out, err

    def create(self, email: str = EMAIL, typed: bytes = PASSWORD.encode() + b"\n") -> tuple[int, str, str]:
        """`admin create`."""
        return self.run("create", "--email", email, "--password-stdin", "--json", typed=typed)


@pytest.fixture
def shell(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    for name in [name for name in os.environ if name.startswith("ONECLOUD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ONECLOUD_DATABASE_URL", database_url)
    return Shell(tmp_path / "data", monkeypatch, capsys)


def test_an_administrator_is_created_on_an_empty_folder_and_listed(shell: Shell) -> None:
    status, out, _ = shell.create()
    assert (status, json.loads(out)["email"], json.loads(out)["is_admin"]) == (0, EMAIL, True)
    assert PASSWORD not in out
    _, listed, _ = shell.run("users", "--json")
    assert [person["email"] for person in json.loads(listed)] == [EMAIL]
    assert shell.run("users")[1] == f"1\t{EMAIL}\tadministrator\n"


def test_a_refusal_is_a_sentence_on_standard_error_and_status_one(shell: Shell) -> None:
    status, out, err = shell.create(typed=b"short\n")
    assert (status, out) == (1, "")
    assert "at least 10 characters" in err
    shell.create()
    status, _, err = shell.create()
    assert (status, err.count("\n")) == (1, 1)
    assert "already" in err
    status, _, err = shell.run("disable", "--email", EMAIL)
    assert (status, "last administrator" in err) == (1, True)
    status, _, err = shell.run("enable", "--email", "nobody@example.com")
    assert (status, "nobody@example.com" in err) == (1, True)


def test_a_password_is_never_an_argument(shell: Shell) -> None:
    status, _, err = shell.run("create", "--email", EMAIL)
    assert (status, "standard input" in err) == (2, True)
    status, _, err = shell.create(typed=b"\xff\xfe")
    assert (status, "UTF-8" in err) == (2, True)


def test_a_person_is_disabled_and_enabled(shell: Shell) -> None:
    shell.create()
    shell.create("bob@example.com")
    assert json.loads(shell.run("disable", "--email", "BOB@example.com", "--json")[1])["disabled"] is True
    assert "bob@example.com\tadministrator, disabled" in shell.run("users")[1]
    assert shell.run("enable", "--email", "bob@example.com")[1] == "bob@example.com is enabled.\n"


def test_a_reset_link_is_printed_alone_on_standard_output(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.create()
    _, out, err = shell.run("reset-link", "--email", EMAIL)
    assert out.startswith("/reset#token=")
    assert "once" in err
    monkeypatch.setenv("ONECLOUD_PUBLIC_URL", "https://cloud.test/")
    link = json.loads(shell.run("reset-link", "--email", EMAIL, "--json")[1])
    assert link["url"] == "https://cloud.test" + link["path"]
