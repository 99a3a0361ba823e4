"""`onecloud workspace resource` on a data folder of its own."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from onecloud.cli.chain import apply as apply_chain
from onecloud.cli.resource import delete, get, list_resources, put
from onecloud.cli.workspace import apply
from tests.resources.test_runs import CHAIN


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "finance.yaml"
    file.write_text("onecloud: 1\nname: Finance\nenvironments: [{name: DEV}]\n")
    assert apply(str(file), data=tmp_path / "data") == 0
    return tmp_path / "data"


def test_a_file_is_kept_changed_listed_given_back_and_deleted(
    data: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rates.csv"
    file.write_bytes(b"EUR,1\n")
    assert list_resources(workspace="Finance", data=data) == 0
    assert put(str(file), workspace="Finance", comment="first", data=data) == 0
    assert put(str(file), workspace="Finance", data=data) == 0
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"EUR,2\n")))
    assert put("-", workspace="Finance", name="rates.csv", data=data, json=True) == 0
    capsysbinary.readouterr()
    assert get("rates.csv", workspace="Finance", data=data) == 0
    assert capsysbinary.readouterr().out == b"EUR,2\n"
    assert get("rates.csv", workspace="Finance", version=1, output=tmp_path / "old.csv", data=data) == 0
    assert (tmp_path / "old.csv").read_bytes() == b"EUR,1\n"
    assert list_resources(workspace="Finance", data=data, json=True) == 0
    (listed,) = json.loads(capsysbinary.readouterr().out)
    assert (listed["version"], listed["size_bytes"], listed["uses"]) == (2, 6, 0)
    assert listed["created_by"] == "the command line"
    chain = tmp_path / "chain.yaml"
    chain.write_text(CHAIN)
    assert apply_chain(str(chain), workspace="Finance", environment="DEV", publish=True, data=data) == 0
    capsysbinary.readouterr()
    assert list_resources(workspace="Finance", data=data) == 0
    assert b"rates.csv: version 2, 6 bytes, 1 chain" in capsysbinary.readouterr().out
    assert delete("rates.csv", workspace="Finance", data=data, json=True) == 1
    told = capsysbinary.readouterr()
    assert b"a chain uses it: `Rates` in DEV" in told.err
    assert json.loads(told.out)["error"] == "resource.in_use"
    file.rename(tmp_path / "other.csv")
    assert put(str(tmp_path / "other.csv"), workspace="Finance", data=data) == 0
    assert delete("other.csv", workspace="Finance", data=data) == 0
    assert b"deleted" in capsysbinary.readouterr().out


def test_wrong_use_and_refusals_tell_what_to_do(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert put("-", workspace="Finance", data=data) == 2
    assert put(str(tmp_path / "none.csv"), workspace="Finance", data=data) == 2
    (tmp_path / "big.bin").write_bytes(bytes(10 * 1024 * 1024 + 1))
    assert put(str(tmp_path / "big.bin"), workspace="Finance", data=data) == 1
    assert put(str(tmp_path / "big.bin"), workspace="Nowhere", data=data) == 1
    assert get("rates.csv", workspace="Finance", data=data) == 1
    told = capsys.readouterr().err
    for said in ("give --name", "none.csv cannot be read", "at most 10 MB", "Nowhere", "no resource `rates.csv`"):
        assert said in told
