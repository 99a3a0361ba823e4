"""`onecloud admin group` on a data folder of its own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from onecloud.access.rules import NAME_MOST
from onecloud.cli.ground import open_ground
from onecloud.cli.group import app
from tests.access.world import make_world, person


class Shell:
    """Commands on one data folder; what went to standard error is kept."""

    def __init__(self, data: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.data, self.capture, self.err = data, capture, ""

    def run(self, *words: str, status: int = 0) -> str:
        """What a command printed; it must end with this status."""
        words = (*words, "--data", str(self.data))
        got: object = app(list(words), result_action="return_value", exit_on_error=False, print_error=False)
        told = self.capture.readouterr()
        self.err = told.err
        assert got == status, told
        return told.out

    def json(self, *words: str, status: int = 0) -> Any:
        """The same as JSON."""
        return json.loads(self.run(*words, "--json", status=status))


@pytest.fixture
async def furnished(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with two workspaces, Ada who is an administrator, and Bob."""
    for name in [name for name in os.environ if name.startswith("ONECLOUD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ONECLOUD_DATABASE_URL", database_url)
    async with open_ground(tmp_path / "data") as ground:
        await make_world(ground)
        async with ground.database.transaction() as db:
            await person(db, "ada@example.com", admin=True)
            await person(db, "bob@example.com")
    return tmp_path / "data"


@pytest.fixture
def shell(furnished: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Commands on it."""
    capsys.readouterr()
    return Shell(furnished, capsys)


BOB = ("--email", "bob@example.com")
REPORT = ("--workspace", "Sales", "--environment", "DEV", "--chain", "Report")


def test_a_group_is_created_listed_and_deleted(shell: Shell) -> None:
    assert shell.run("create", "Accountants", "--description", "They close.") == (
        "The group Accountants is created (group 3).\n"
    )
    assert shell.run("list").splitlines() == [
        "1\tAdmin\t1 member, built in, API access",
        "2\tDefault\t2 members, built in",
        "3\tAccountants\t0 members",
    ]
    assert [one["name"] for one in shell.json("list")] == ["Admin", "Default", "Accountants"]
    assert shell.json("create", "Clerks", "--api-access") == {
        "id": "4",
        "name": "Clerks",
        "description": "",
        "built_in": False,
        "api_access": True,
        "members_count": 0,
    }
    assert shell.json("create", "Clerks", status=1)["error"] == "user_group.name_taken"
    assert shell.run("delete", "Clerks") == "The group Clerks is deleted.\n"
    assert shell.json("delete", "Clerks", status=1)["error"] == "user_group.not_found"
    assert "`onecloud admin group list` lists them" in shell.err
    assert shell.json("delete", "Default", status=1)["error"] == "user_group.built_in"
    shell.run("create", "x" * (NAME_MOST + 1), status=1)
    assert str(NAME_MOST) in shell.err


def test_people_come_and_go_and_it_is_told_when_nothing_changed(shell: Shell) -> None:
    shell.run("create", "Clerks")
    assert shell.run("add", "Clerks", *BOB) == "bob@example.com is now in Clerks.\n"
    assert shell.run("add", "Clerks", *BOB) == "bob@example.com is in Clerks already.\n"
    assert [one["email"] for one in shell.json("list", "Clerks")["members"]] == ["bob@example.com"]
    gone = shell.json("remove", "Clerks", *BOB)
    assert (gone["email"], gone["changed"], gone["members_count"]) == ("bob@example.com", True, 0)
    assert shell.run("remove", "Clerks", *BOB) == "bob@example.com was not in Clerks.\n"
    assert shell.json("add", "Clerks", "--email", "eve@example.com", status=1)["error"] == "user.not_found"
    assert shell.json("add", "Default", *BOB, status=1)["error"] == "user_group.everyone"
    last = shell.json("remove", "Admin", "--email", "ada@example.com", status=1)
    assert last["error"] == "user.last_administrator"


def test_levels_are_granted_and_revoked_object_by_object(shell: Shell) -> None:
    shell.run("create", "Clerks")
    assert shell.run("grant", "Clerks", "execute", *REPORT) == "Clerks has execute on the chain Report.\n"
    assert shell.run("grant", "Clerks", "execute", *REPORT) == "Clerks has execute on the chain Report already.\n"
    assert shell.json("grant", "Clerks", "read", "--workspace", "Sales")["changed"] is True
    raised = shell.json("grant", "Clerks", "write", *REPORT)
    assert [(one["level"], one["object_type"], one["object_name"]) for one in raised["permissions"]] == [
        ("read", "workspace", "Sales"),
        ("write", "chain", "Report"),
    ]
    chain = raised["permissions"][1]["object_id"]
    assert shell.run("list", "Clerks").splitlines() == [
        "3\tClerks\t0 members",
        "  read\tworkspace Sales (workspace 2)",
        f"  write\tchain Report (chain {chain})",
    ]
    assert "no longer a permission on the chain Report" in shell.run("revoke", "Clerks", *REPORT)
    assert "had no permission on the chain Report" in shell.run("revoke", "Clerks", *REPORT)
    assert shell.json("revoke", "Clerks", "--workspace", "Sales")["permissions"] == []


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("grant", "Clerks", "see", "--workspace", "Sales"), 2, "read, execute, write, create, admin"),
        (("revoke", "Clerks", "--workspace", "Sales", "--chain", "Report"), 2, "--environment"),
        (("grant", "Team", "read", "--workspace", "Sails"), 1, "Finance"),
        (("grant", "Team", "read", "--workspace", "Sales", "--environment", "QA"), 1, "PROD"),
        (("grant", "Team", "read", *REPORT[:-1], "Nothing"), 1, "Nothing"),
        (("grant", "Clerks", "read", "--workspace", "Sales"), 1, "`onecloud admin group list`"),
        (("grant", "Admin", "read", "--workspace", "Sales"), 1, "Administrators may do everything"),
        (("list", "Clerks"), 1, "`onecloud admin group list`"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(shell: Shell, words: tuple[str, ...], status: int, told: str) -> None:
    shell.run("create", "Team")
    assert shell.run(*words, status=status) == ""
    assert shell.err.startswith("onecloud: ")
    assert told in shell.err
