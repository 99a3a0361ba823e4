"""`onecloud admin retention` as a process, also one that is killed in the middle; on both databases."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from onecloud.infra.migrate import sync_engine, upgrade
from onecloud.infra.settings import Settings

OLD, YOUNG = 1200, 20
RUNS = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
INSERT INTO chain_run (id, chain_id, environment_id, version_id, state, launch_type, inputs, variables, result_text,
  fence, created_at, ended_at)
SELECT n, 1, 1, 1, 'all_succeeded', 'api', '{}', '{}', '', 1, :at, :at FROM numbers WHERE n >= :first
"""
NODES = """
INSERT INTO node_run (run_id, key, node_id, name, position, state, message)
SELECT id, 'n', 'n', 'n', 0, 'succeeded', '' FROM chain_run
"""
RESULTS = """
INSERT INTO node_result (run_id, key, "outer", item, attempt, state, retryable, message, log_key, started_at)
SELECT id, 'n', -1, -1, 1, 'succeeded', true, '', 'runs/' || id || '/n/1.log', created_at FROM chain_run
"""


class Command:
    """The command on a data folder, and a look at what it left."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine = sync_engine(settings)
        self.environment = {**os.environ, "ONECLOUD_DATABASE_URL": settings.database_url}

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command."""
        data = ["--data", str(self.settings.data), "--json"]
        return subprocess.Popen(
            [sys.executable, "-m", "onecloud.cli.main", "admin", "retention", *arguments, *data],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )

    def run(self, *arguments: str, status: int = 0) -> Any:
        """Run the command to its end; gives what it printed, or its complaint."""
        done = self.begin(*arguments)
        printed, complaint = done.communicate(timeout=120)
        assert done.returncode == status, printed + complaint
        return json.loads(printed) if status == 0 else complaint

    def ask(self, query: str) -> list[Any]:
        """The first column of a query."""
        with self.engine.connect() as connection:
            return [row[0] for row in connection.execute(text(query))]

    def do(self, statement: str, **values: Any) -> None:
        """A change by SQL."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def folders(self) -> set[int]:
        """The runs that have any file left."""
        return {int(folder.name) for folder in Path(self.settings.blobs_folder, "runs").glob("*")}


@pytest.fixture
def command(settings: Settings) -> Command:
    upgrade(settings)
    return Command(settings)


def test_settings_are_shown_and_changed(command: Command) -> None:
    assert command.run("show")["settings"]["run_days"] == 90
    changed = command.run("set", "--run-days", "30", "--activity-days", "none", "--runs-per-chain", "5")
    assert changed["settings"]["run_days"] == 30
    assert changed["settings"]["activity_days"] is None
    assert command.run("show") == changed
    assert command.ask("SELECT via FROM activity WHERE key = 'retention.change'") == ["cli"]
    assert "run_days: It is 0. Give 1 to 36500" in command.run("set", "--run-days", "0", status=1)
    assert "say what to set" in command.run("set", status=2)


def test_a_killed_command_leaves_no_run_without_its_files_and_the_next_one_finishes(command: Command) -> None:
    command.do(RUNS, first=1, last=OLD, at="2026-01-01 00:00:00.000000")
    command.do(RUNS, first=OLD + 1, last=OLD + YOUNG, at="2999-01-01 00:00:00.000000")
    command.do(NODES)
    command.do(RESULTS)
    for number in range(1, OLD + YOUNG + 1):
        folder = Path(command.settings.blobs_folder, "runs", str(number), "n")
        folder.mkdir(parents=True)
        (folder / "1.log").write_text("12345")
    counted = command.run("run", "--dry-run")
    assert counted["dry_run"] is True
    assert (counted["removed"]["runs"], counted["removed"]["bytes"]) == (OLD, 5 * OLD)
    for left in (OLD - 250, OLD - 700):
        process = command.begin("run")
        while command.ask("SELECT count(*) FROM chain_run")[0] > left + YOUNG:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert "is removing already" in command.run("run", status=1)
        shown = set(command.ask("SELECT id FROM chain_run WHERE removed_at IS NULL"))
        assert 0 < len(shown) - YOUNG < OLD
        assert shown <= command.folders()
        assert shown <= set(command.ask("SELECT run_id FROM node_result"))
        assert shown <= set(command.ask("SELECT run_id FROM node_run"))
        command.do("DELETE FROM retention_lease")  # its time runs out by itself; this test need not wait for it
    assert command.run("show")["last_pass"]["state"] == "running"
    command.run("run")
    young = set(range(OLD + 1, OLD + YOUNG + 1))
    assert young == command.folders() == set(command.ask("SELECT id FROM chain_run"))
    assert young == set(command.ask("SELECT run_id FROM node_result"))
    assert command.ask("SELECT count(*) FROM blob_removal") == [0]
    last = command.run("show")["last_pass"]
    assert (last["state"], last["by"]) == ("done", "command line")
