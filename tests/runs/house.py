"""A small house for engine tests: workspace, environment, an administrator, and an engine that can be restarted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from onecloud.access import actions as access
from onecloud.chains import actions as chains
from onecloud.infra.blobs import Blobs
from onecloud.infra.http import Ground
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.principal import Principal
from onecloud.runs import actions, store
from onecloud.runs.changes import Changes
from onecloud.runs.engine import Engine
from onecloud.runs.model import ENDED_STATES, LaunchType, RunState
from onecloud.runs.records import ResultRecord, RunRecord
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields

PASSWORD = "correct-horse-9"


@dataclass(slots=True)
class House:
    """Everything a test of the engine touches."""

    ground: Ground
    blobs: Blobs
    changes: Changes
    engine: Engine
    caller: Principal
    environment_id: int

    async def chain(self, text: str) -> int:
        """Apply and publish a chain document; gives its id."""
        async with self.ground.database.transaction() as db:
            applied = await chains.apply(db, self.ground.keys, self.caller, self.environment_id, text, publish=True)
        return applied.chain.id

    async def start(self, chain_id: int, inputs: Mapping[str, Json] | None = None) -> int:
        """Start a run; gives its id."""
        async with self.ground.database.transaction() as db:
            run = await actions.start(
                db, self.ground.keys, self.engine, self.caller, chain_id, inputs or {}, LaunchType.API
            )
        return run.id

    async def run(self, run_id: int) -> RunRecord:
        """The run as it is now."""
        async with self.ground.database.reading() as db:
            found = await store.run(db, run_id)
        assert found is not None
        return found

    async def wait(self, run_id: int, *states: RunState, within_s: float = 60) -> RunRecord:
        """The run once it is in one of these states (default: any end)."""
        wanted = states or ENDED_STATES
        async with asyncio.timeout(within_s):
            with self.changes.watching(run_id) as changed:
                while (run := await self.run(run_id)).state not in wanted:
                    assert run.state not in ENDED_STATES, f"ended {run.state.value}: {run.result_text}"
                    changed.clear()
                    try:
                        async with asyncio.timeout(0.5):
                            await changed.wait()
                    except TimeoutError:
                        continue
        return run

    async def result(self, run_id: int) -> dict[str, list[ResultRecord]]:
        """Every attempt by node key, oldest first."""
        async with self.ground.database.reading() as db:
            rows = await store.results_of(db, run_id)
        found: dict[str, list[ResultRecord]] = {}
        for row in rows:
            found.setdefault(row.key, []).append(row)
        return found

    async def nodes(self, run_id: int) -> dict[str, str]:
        """Every node's state by its key."""
        async with self.ground.database.reading() as db:
            return {node.key: node.state.value for node in await store.nodes_of(db, run_id)}

    def log(self, row: ResultRecord) -> str:
        """The log of an attempt."""
        path = self.blobs.path(row.log_key)
        return path.read_text() if path.exists() else ""


async def furnish(ground: Ground) -> tuple[Principal, int]:
    """An administrator, and an environment DEV in a workspace Finance."""
    async with ground.database.transaction() as db:
        user = await access.create_admin(db, "ada@example.com", PASSWORD, "Ada", "Lovelace")
        caller = Principal(user.id, "ada@example.com", "Ada Lovelace", is_admin=True, via="cli")
        workspace = await workspaces.create_workspace(db, caller, WorkspaceFields("Finance"))
        environment = await workspaces.create_environment(db, caller, workspace.id, EnvironmentFields("DEV"))
    return caller, environment.id
