"""`onecloud workspace` on a data folder of its own."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from onecloud.cli.workspace import apply, list_workspaces

DOCUMENT = """
onecloud: 1
name: Finance
environments:
  - { name: DEV }
variables:
  - { key: pw, encrypted: true, default: "${ENV:FINANCE_PW}" }
  - { key: pin, encrypted: true, default: "${STDIN}" }
"""


def test_a_workspace_file_is_applied_and_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, file = tmp_path / "data", tmp_path / "finance.yaml"
    file.write_text(DOCUMENT)
    monkeypatch.setenv("FINANCE_PW", "hunter2")
    monkeypatch.setattr("sys.stdin", io.StringIO("4711\n"))
    assert list_workspaces(data=data) == 0
    assert "no workspaces yet" in capsys.readouterr().out
    assert apply(str(file), data=data, json=True) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["changes"] == ["workspace", "environments.DEV", "variables.pw", "variables.pin"]
    monkeypatch.setattr("sys.stdin", io.StringIO("4711\n"))
    assert apply(str(file), data=data) == 0
    assert "unchanged" in capsys.readouterr().out
    assert list_workspaces(data=data, json=True) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed == {name: value for name, value in made.items() if name != "changes"}
    assert list_workspaces(data=data) == 0
    assert f"DEV (environment {listed['environments'][0]['id']}): 0 chains" in capsys.readouterr().out
    stored = b"".join(path.read_bytes() for path in data.glob("onecloud.db*"))
    assert b"hunter2" not in stored
    assert b"4711" not in stored


def test_a_refusal_is_lines_on_stderr_json_on_stdout_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "finance.yaml"
    file.write_text(DOCUMENT)
    monkeypatch.delenv("FINANCE_PW", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert apply(str(file), data=tmp_path / "data", json=True) == 1
    told = capsys.readouterr()
    assert told.err.splitlines() == [
        f"{file}: variables[0].default: the variable FINANCE_PW is not set. Give it and apply again.",
        f"{file}: variables[1].default: standard input has no further line. Give it and apply again.",
    ]
    assert [problem["where"] for problem in json.loads(told.out)["problems"]] == [
        "variables[0].default",
        "variables[1].default",
    ]
    file.write_text("name: [")
    assert apply(str(file), data=tmp_path / "data") == 1
    assert "not YAML" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert apply(str(tmp_path / "none.yaml"), data=tmp_path) == 2
    (tmp_path / "latin.yaml").write_bytes(b"name: \xff")
    assert apply(str(tmp_path / "latin.yaml"), data=tmp_path) == 2
    assert "not UTF-8" in capsys.readouterr().err
