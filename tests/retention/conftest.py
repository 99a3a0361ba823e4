"""A past to be removed: runs of any age with rows and files, without an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from onecloud.infra.blobs import Blobs
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.kernel.principal import Principal
from onecloud.retention import actions
from onecloud.retention.model import Removed
from onecloud.retention.work import remove_now, try_out
from onecloud.runs.tables import ChainRunRow, NodeResultRow, NodeRunRow, RunEventRow
from tests.runs.conftest import house

__all__ = ["house"]
CHAIN = 1
SHELL = Principal(0, "", "command line", is_admin=True, via="cli")


@dataclass(slots=True)
class Past:
    """Runs, their files, and the passes over them."""

    ground: Ground
    blobs: Blobs
    forgotten: list[int] = field(default_factory=list[int])

    async def run(self, number: int, days: float, **columns: Any) -> int:
        """A run that ended so many days ago (or, with `state`, has not), with two attempts, a message and two files."""
        live = "state" in columns
        async with self.ground.database.transaction() as db:
            at = await database_now(db) - timedelta(days=days)
            row: dict[str, Any] = {
                "id": number,
                "chain_id": CHAIN,
                "environment_id": 1,
                "version_id": 1,
                "state": "all_succeeded",
                "launch_type": "api",
                "inputs": {},
                "variables": {},
                "result_text": "",
                "fence": 1,
                "created_at": at,
                "ended_at": None if live else at,
                **columns,
            }
            await db.execute(insert(ChainRunRow).values(**row))
            await db.execute(
                insert(NodeRunRow).values(
                    run_id=number, key="n", node_id="n", name="n", position=0, state="succeeded", message=""
                )
            )
            for attempt in (1, 2):
                key = f"runs/{number}/n/{attempt}.log"
                await db.execute(
                    insert(NodeResultRow).values(
                        run_id=number, key="n", attempt=attempt, state="succeeded", log_key=key, started_at=at
                    )
                )
                self.blobs.write(key, b"12345")
            await db.execute(insert(RunEventRow).values(run_id=number, kind="stop", created_at=at))
        return number

    async def set(self, **changes: int | None) -> None:
        """Change the settings as the command line does."""
        async with self.ground.database.transaction() as db:
            await actions.change(db, SHELL, changes)

    async def forget(self, run_ids: Sequence[int]) -> None:
        """In the place of the engine's journals."""
        self.forgotten += run_ids

    async def remove(self) -> Removed:
        """A pass."""
        return await remove_now(self.ground, self.blobs, self.forget, "command line")

    async def trial(self) -> Removed:
        """What a pass would remove."""
        return await try_out(self.ground, self.blobs)

    async def ids(self) -> set[int]:
        """The runs that have any row left."""
        found: set[int] = set()
        async with self.ground.database.reading() as db:
            for table, column in (
                ("chain_run", "id"),
                ("node_run", "run_id"),
                ("node_result", "run_id"),
                ("run_event", "run_id"),
            ):
                found |= {row[0] for row in await db.execute(text(f"SELECT {column} FROM {table}"))}
        return found

    async def count(self, what: str) -> int:
        """A count by SQL."""
        async with self.ground.database.reading() as db:
            return int(await db.scalar(text(f"SELECT count(*) FROM {what}")) or 0)

    def folders(self) -> set[int]:
        """The runs that have any file left."""
        return {int(folder.name) for folder in Path(self.blobs.root, "runs").glob("*")}


@pytest.fixture
def past(ground: Ground) -> Past:
    """An empty past."""
    return Past(ground, Blobs(ground.settings.blobs_folder))
