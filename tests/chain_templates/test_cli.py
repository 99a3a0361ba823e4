"""`onecloud template` on a data folder of its own."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from onecloud.cli.template import apply, export, list_templates
from tests.chain_templates.test_rules import TEMPLATE


def test_a_template_file_is_applied_published_listed_and_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, file = tmp_path / "data", tmp_path / "load.yaml"
    file.write_text(TEMPLATE)
    assert list_templates(data=data) == 0
    assert "no templates yet" in capsys.readouterr().out
    assert apply(str(file), publish=True, data=data, json=True) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["name"], made["published_version"], made["changed"], made["problems"]) == ("Monthly load", 1, True, [])
    assert apply(str(file), publish=True, data=data) == 0
    assert "is unchanged, published as version 1" in capsys.readouterr().out
    assert export("Monthly load", folder="Loads", data=data) == 0
    text = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert apply("-", data=data) == 0
    assert "is unchanged" in capsys.readouterr().out
    assert list_templates(data=data) == 0
    assert "Loads / Monthly load (template 1): version 1" in capsys.readouterr().out
    assert list_templates(data=data, json=True) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == [made["id"]]


def test_a_template_with_faults_stays_a_draft_and_tells_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = tmp_path / "data", tmp_path / "load.yaml"
    file.write_text(TEMPLATE.replace("chain.limit", "chain.limt"))
    assert apply(str(file), data=data) == 0
    assert "draft only: chain.nodes.many.group.nodes.ask.inputs.sql: Line 20" in capsys.readouterr().err
    assert apply(str(file), publish=True, data=data, json=True) == 1
    assert json.loads(capsys.readouterr().out)["error"] == "template.invalid"
    file.write_text("template: x\n")
    assert apply(str(file), data=data) == 1
    assert apply(str(tmp_path / "none.yaml"), data=data) == 2
    assert export("x", data=data) == 1
    told = capsys.readouterr().err
    for said in ("`onecloud` is missing", "cannot be read", "no template `x`"):
        assert said in told
