"""`onecloud trigger` on a data folder, as an operator types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onecloud.cli import trigger as command
from onecloud.cli.chain import apply
from onecloud.cli.workspace import apply as apply_workspace
from tests.triggers.conftest import document

PLACE: dict[str, Any] = {"workspace": "Finance", "environment": "DEV", "chain": "One"}


@pytest.fixture
def data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A data folder with a published chain."""
    folder = tmp_path / "data"
    (tmp_path / "workspace.yaml").write_text("{onecloud: 1, name: Finance, environments: [{name: DEV}]}")
    assert apply_workspace(str(tmp_path / "workspace.yaml"), data=folder) in {0, None}
    (tmp_path / "chain.yaml").write_text(document("One"))
    place: dict[str, Any] = {"workspace": "Finance", "environment": "DEV"}
    assert apply(str(tmp_path / "chain.yaml"), **place, publish=True, data=folder) == 0
    capsys.readouterr()
    return folder


def test_a_trigger_is_made_listed_and_switched(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "t.yaml"
    file.write_text('name: hook\nsource: {kind: webhook, signed: true}\ninputs: {value: "${{ trigger.body }}"}\n')
    assert command.create(str(file), **PLACE, data=data, json=True) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["address"].startswith("/hooks/oc_hk_")
    assert made["signing_secret"].startswith("whsec_")
    assert command.list_triggers(**PLACE, data=data) == 0
    shown = capsys.readouterr().out
    assert shown == f"hook: webhook, enabled (trigger {made['id']})\n", "no secret is shown again"
    assert command.disable("hook", **PLACE, data=data) == 0
    assert capsys.readouterr().out == "hook is disabled.\n"
    assert command.list_triggers(**PLACE, data=data, json=True) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["enabled"], [one["code"] for one in listed["hindrances"]]) == (False, ["trigger.disabled"])
    assert command.enable("hook", **PLACE, data=data, json=True) == 0
    assert json.loads(capsys.readouterr().out)["enabled"] is True
    assert command.fires("hook", **PLACE, data=data, json=True) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert command.create(str(file), **PLACE, data=data) == 1
    assert "has a trigger `hook` already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: a\nsource: [", "Line 2"),
        ("name: a", "source: Field required."),
        ("name: a\nsource: {kind: webhook, wait_s: 61}", "less than or equal to 60"),
        ("name: a\nsource: {kind: webhook}\ninputs: {lost: 1}", "inputs.lost: The chain has no runtime input `lost`."),
    ],
)
def test_what_cannot_be_a_trigger_is_told(
    data: Path, tmp_path: Path, text: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(text)
    assert command.create(str(file), **PLACE, data=data) == 1
    assert told in capsys.readouterr().err


def test_what_is_not_there_is_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.enable("none", **PLACE, data=data) == 1
    assert "has no trigger `none`. It has none." in capsys.readouterr().err
    assert command.create("/nowhere", **PLACE, data=data) == 2
    assert command.fires("none", **PLACE, count=0, data=data) == 2
