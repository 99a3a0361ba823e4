"""`onecloud chain` through a chain's life, on a data folder of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onecloud.cli.chain import app
from onecloud.cli.workspace import apply as apply_workspace

WORKSPACE = "onecloud: 1\nname: Sales\nenvironments: [{name: DEV}, {name: PROD}]\n"
CHAIN = "onecloud: 1\nname: Report\nstart: make\nnodes: {make: {command: files.create, inputs: {text: one}}}\n"
PLACE = ("--workspace", "Sales", "--environment", "DEV")


class Shell:
    """Commands on one data folder; what they print is kept."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capture, self.err = folder, capture, ""
        self.data = ("--data", str(folder / "data"))

    def run(self, *words: str, status: int = 0) -> str:
        """What a command printed; it must end with this status."""
        got: object = app([*words, *self.data], result_action="return_value", exit_on_error=False, print_error=False)
        told = self.capture.readouterr()
        self.err = told.err
        assert got == status, told
        return told.out

    def json(self, *words: str, status: int = 0) -> Any:
        """The same as JSON."""
        return json.loads(self.run(*words, "--json", status=status))

    def apply(self, text: str, *words: str) -> str:
        """Apply a chain document; gives the chain's id."""
        file = self.folder / "chain.yaml"
        file.write_text(text)
        return str(self.json("apply", str(file), *PLACE, *words)["chain_id"])


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A data folder with a workspace."""
    file = tmp_path / "workspace.yaml"
    file.write_text(WORKSPACE)
    assert apply_workspace(str(file), data=tmp_path / "data") == 0
    capsys.readouterr()
    return Shell(tmp_path, capsys)


def test_a_chain_is_published_compared_restored_and_listed(shell: Shell) -> None:
    chain = shell.apply(CHAIN, "--publish", "--comment", "First")
    shell.apply(CHAIN.replace("text: one", "text: two"))
    assert shell.run("diff", chain) == 'nodes\n  ~ make\n      ~ inputs.text: "one" → "two"\n'
    shell.run("diff", "Report", *PLACE, "--exit-code", status=3)
    assert shell.json("diff", chain)["changes"][0]["field"] == "inputs.text"
    assert "Report (chain 1): published as version 2." in shell.run("publish", "Report", *PLACE, "--comment", "Second")
    assert "unchanged; it runs version 2" in shell.run("publish", chain)
    assert shell.run("diff", chain, "--exit-code") == ""
    assert shell.run("diff", chain, "--before", "1", "--after", "2") != ""
    assert "publish it to run it" in shell.run("restore", chain, "1")
    assert shell.json("restore", chain, "1", "--publish", "--comment", "Back")["version"] == 3
    listed = shell.run("versions", chain).splitlines()
    assert [line.split()[-1] for line in listed] == ["Back", "Second", "First"]
    assert [line[0] for line in listed] == ["*", " ", " "]
    assert [v["version"] for v in shell.json("versions", chain, "--limit", "2")["versions"]] == [3, 2]
    shell.run("restore", chain, "9", status=1)
    assert "has no version 9" in shell.err


def test_a_chain_is_copied_renamed_switched_and_deleted(shell: Shell) -> None:
    chain = shell.apply(CHAIN)
    copy = shell.json("copy", chain, "Copy", "--to", "PROD")
    assert (copy["name"], copy["environment_id"] != "1") == ("Copy", True)
    refused = shell.json("copy", chain, "Copy", "--to", "PROD", status=1)
    assert refused["error"] == "chain.name_taken"
    assert "now named Sales report" in shell.run("rename", chain, "Sales report")
    assert "is disabled." in shell.run("disable", "Sales report", *PLACE)
    assert "is disabled already." in shell.run("disable", chain)
    assert shell.json("enable", chain) == {
        "chain_id": chain,
        "name": "Sales report",
        "disabled": False,
        "changed": True,
    }
    assert "is deleted." in shell.run("delete", chain)
    assert shell.json("delete", chain, status=1)["error"] == "chain.not_found"


def test_a_chain_is_promoted_as_planned(shell: Shell) -> None:
    chain = shell.apply(CHAIN, "--publish")
    plan = shell.run("promote", chain, "PROD", "--plan")
    assert plan.startswith("Promoting makes Report in PROD.\n")
    assert shell.json("promote", chain, "PROD", "--plan")["target"]["chain_id"] is None
    there = shell.json("promote", chain, "PROD")
    assert (there["name"], there["revision"], there["problems"]) == ("Report", 1, [])
    shell.apply(CHAIN.replace("text: one", "text: two"), "--publish")
    assert '~ inputs.text: "one" → "two"' in shell.run("promote", "Report", "PROD", *PLACE, "--plan")
    assert "publish it there to run it" in shell.run("promote", chain, "PROD")
    assert shell.json("promote", chain, "PROD", "--connection", "a=b", status=1)["error"] == "chain.promotion"
    assert shell.json("promote", chain, "QA", status=1)["error"] == "environment.not_found"


def test_a_package_is_written_and_imported(shell: Shell) -> None:
    shell.apply(CHAIN.replace("Report", "Child"))
    chain = shell.apply(
        "onecloud: 1\nname: Parent\nstart: run\nnodes: {run: {command: event.run_chain, inputs: {chain: Child}}}\n"
    )
    file = shell.folder / "job.chain"
    assert shell.run("export", chain, "--package", str(file)) == f"{file}: Parent, Child; good for 14 days.\n"
    to = ("--workspace", "Sales", "--environment", "PROD")
    assert shell.run("import", str(file), *to).splitlines() == [
        "Parent is imported as Parent -- Import (chain 3), disabled.",
        "Child is imported as Child -- Import (chain 4), disabled.",
    ]
    assert [c["name"] for c in shell.json("import", str(file), *to)["chains"]] == [
        "Parent -- Import 2",
        "Child -- Import 2",
    ]
    file.write_bytes(b"not a package")
    assert shell.json("import", str(file), *to, status=1)["error"] == "chain_file.foreign"
    shell.run("import", str(shell.folder / "nothing.chain"), *to, status=2)
    shell.run("export", chain, "--package", str(shell.folder / "no" / "such" / "folder"), status=1)
    assert "cannot be written" in shell.err


@pytest.mark.parametrize(
    "words",
    [
        ("versions", "Report"),
        ("versions", "Report", "--workspace", "Sales"),
        ("versions", "1", "--limit", "0"),
        ("diff", "1", "--before", "newest"),
        ("diff", "1", "--after", "0"),
        ("copy", "1", "x", "--of", "newest"),
        ("promote", "1", "PROD", "--connection", "x"),
        ("promote", "1", "PROD", "--of", ""),
    ],
)
def test_options_that_mean_nothing_are_wrong_usage(shell: Shell, words: tuple[str, ...]) -> None:
    shell.run(*words, status=2)
    assert shell.err.startswith("onecloud: ")
