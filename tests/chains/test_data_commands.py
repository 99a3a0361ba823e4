"""`onecloud chain apply`, `validate` and `export` on a data folder."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from onecloud.chains import actions
from onecloud.cli.chain import app
from onecloud.cli.ground import open_ground
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields

SOUND = "onecloud: 1\nname: Sound\nstart: a\nnodes:\n  a: {command: files.create, inputs: {text: x}}\n"
FAULTY = SOUND.replace("{text: x}", "{txt: x}")
PLACE = ("--workspace", "Sales", "--environment", "DEV")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with the workspace Sales and its environment DEV."""
    monkeypatch.delenv("ONECLOUD_DATABASE_URL", raising=False)

    async def make() -> None:
        async with open_ground(tmp_path / "data") as ground, ground.database.transaction() as db:
            workspace = await workspaces.create_workspace(db, None, WorkspaceFields("Sales"))
            await workspaces.create_environment(db, None, workspace.id, EnvironmentFields("DEV"))

    asyncio.run(make())
    return tmp_path / "data"


def call(data: Path, *words: str) -> int:
    """The exit status of `onecloud chain … --data …`."""
    status: object = app([*words, "--data", str(data)], result_action="return_value", exit_on_error=False)
    assert isinstance(status, int)
    return status


def file(data: Path, text: str) -> str:
    """A file with the text."""
    path = data.parent / "chain.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_apply_publish_export_and_apply_again(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(data, "apply", file(data, SOUND), *PLACE, "--publish", "--comment", "First", "--json") == 0
    applied = json.loads(capsys.readouterr().out)
    assert (applied["name"], applied["version"], applied["changed"]) == ("Sound", 1, True)

    assert call(data, "export", applied["chain_id"]) == 0
    exported = capsys.readouterr().out
    assert call(data, "apply", file(data, exported), *PLACE, "--publish") == 0
    assert "is unchanged, published as version 1" in capsys.readouterr().out

    assert call(data, "export", "--name", "Sound", *PLACE, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"chain_id": applied["chain_id"], "document": exported}


def test_a_chain_with_faults_is_not_published_and_is_kept_as_a_draft(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = file(data, FAULTY)
    assert call(data, "apply", where, *PLACE, "--publish") == 1
    assert capsys.readouterr().err.startswith(f"{where}:5: nodes.a.inputs.txt: ")
    assert call(data, "apply", where, *PLACE) == 0
    shown = capsys.readouterr()
    assert f"{where}:5: draft only: nodes.a.inputs.txt" in shown.err
    assert "publish it to run it" in shown.out

    async def published() -> bool:
        async with open_ground(data) as ground, ground.database.reading() as db:
            place = await workspaces.find_environment(db, "Sales", "DEV")
            return (await actions.find_chain(db, place.id, "Sound")).published_version_id is not None

    assert not asyncio.run(published())


def test_validate_in_a_place_checks_the_names_of_the_place(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = file(data, SOUND.replace("text: x", "text: '${{ workspace.x }}'"))
    assert call(data, "validate", where, *PLACE) == 1
    assert "The workspace has no variable `x`. There are none." in capsys.readouterr().err
    kept = file(data, SOUND + "variables: [{name: key, value: null, encrypted: true}]\n")
    assert call(data, "validate", kept, *PLACE) == 1
    assert "No value of the encrypted variable `key` is stored yet." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "999"], "There is no chain 999."),
        (["export", "--name", "Sond", *PLACE], "The environment has no chain named `Sond`."),
        (["export", "--name", "x", "--workspace", "Sale", "--environment", "DEV"], "Sales"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(
    data: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(data, *words) == 1
    assert said in capsys.readouterr().err


def test_a_refusal_is_json_too(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(data, "apply", file(data, "a: ["), *PLACE, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["error"], told["problems"][0]["where"]) == ("chain.document", "document")
