"""`onecloud chain validate` and `schema`, which need neither a server nor data."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from onecloud.cli.chain import app

SOUND = "onecloud: 1\nname: Sound\nstart: a\nnodes:\n  a: {command: files.create, inputs: {text: x}}\n"
FAULTY = SOUND.replace("files.create", "files.creat") + "  b: {command: files.create}\n"


def call(*words: str) -> int:
    """The exit status of `onecloud chain …`."""
    status: object = app(list(words), result_action="return_value", exit_on_error=False, print_error=False)
    assert isinstance(status, int)
    return status


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the chain's file is."""
    return tmp_path / "chain.yaml"


def test_a_sound_file_is_said_to_be_sound(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(SOUND)
    assert call("validate", str(file)) == 0
    assert capsys.readouterr().out == f"{file}: sound\n"


def test_each_problem_is_a_line_with_file_and_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(FAULTY)
    assert call("validate", str(file)) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith(f"{file}:5: nodes.a.command: There is no command `files.creat`. Did you mean")
    assert told[1].startswith(f"{file}:6: note: nodes.b: The start does not reach this node")


def test_a_file_that_is_no_chain_is_refused_the_same_way(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("onecloud: 1\nnam: x\n")
    assert call("validate", str(file)) == 1
    assert f"{file}:2: nam: There is no field `nam` here. Did you mean `name`?" in capsys.readouterr().err


def test_json_holds_the_problems_in_parts(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(FAULTY)
    assert call("validate", str(file), "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["valid"] is False
    assert (told["problems"][0]["where"], told["problems"][0]["line"]) == ("nodes.a.command", 5)


def test_standard_input_is_read_by_a_dash(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(("\ufeff" + FAULTY).encode())))
    assert call("validate", "-") == 1
    assert capsys.readouterr().err.startswith("<stdin>:5: nodes.a.command")


@pytest.mark.parametrize("content", [None, b"name: \xff"])
def test_a_file_that_cannot_be_read_is_wrong_usage(
    content: bytes | None, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        file.write_bytes(content)
    assert call("validate", str(file)) == 2
    assert capsys.readouterr().err.startswith(f"onecloud: {file} ")


@pytest.mark.parametrize(
    "words",
    [
        ["validate", "x", "--workspace", "W"],
        ["validate", "x", "--data", "d"],
        ["export"],
        ["export", "1", "--name", "x"],
        ["export", "--name", "x"],
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(words: list[str]) -> None:
    assert call(*words) == 2


def test_the_schema_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("schema") == 0
    assert json.loads(capsys.readouterr().out)["title"] == "OneCloud chain"
