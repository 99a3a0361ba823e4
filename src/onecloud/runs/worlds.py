"""Making the world of a run from what is stored: for its turns, and for what is told of it after its end."""

from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

from onecloud.chains import actions as chains
from onecloud.chains.model import Definition, Version
from onecloud.chains.templates import notification_texts, output_texts
from onecloud.infra.blobs import Blobs
from onecloud.infra.http import Ground
from onecloud.kernel.jsonvalue import Json, as_object
from onecloud.runs import store
from onecloud.runs.changes import Changes
from onecloud.runs.facts import references_of, references_of_node
from onecloud.runs.files import files_of
from onecloud.runs.plan import Plan, plan_of
from onecloud.runs.records import RunRecord
from onecloud.runs.values import secrets_in
from onecloud.runs.world import RunWorld, opened
from onecloud.variables.model import Known, Resolved
from onecloud.workspaces import actions as workspaces

MOST_PREPARED: Final = 500
ENVIRONMENT: Final = "chain_environment"
PREVIOUS: Final = "chain_previous_started_at"


class Worlds:
    """Makes the worlds of this process's runs."""

    def __init__(self, ground: Ground, blobs: Blobs, threads: ThreadPoolExecutor, changes: Changes) -> None:
        self.ground = ground
        self._blobs = blobs
        self._threads = threads
        self._changes = changes
        self._prepared: dict[int, tuple[Plan, frozenset[str]]] = {}

    async def world(self, record: RunRecord) -> tuple[RunWorld, Definition]:
        """The world of a run as it begins, and the definition that it runs."""
        ground = self.ground
        async with ground.database.reading() as db:
            version = await chains.version(db, record.version_id)
            plan, asked = self._prepare(version)
            environment = (
                (await workspaces.get_environment(db, record.environment_id)).name if ENVIRONMENT in asked else ""
            )
            previous = await store.previous_start(db, record.chain_id, record.id) if PREVIOUS in asked else None
        kept = dict(record.dynamic or {})
        world = RunWorld(
            ground=ground,
            blobs=self._blobs,
            threads=self._threads,
            run=record,
            plan=plan,
            known=known_of(ground, record, version.definition.name, environment, previous),
            on_change=functools.partial(self._changes.notify_from_anywhere, record.id),
            dynamic={name: opened(ground, value) for name, value in kept.items()},
            kept_dynamic=kept,
        )
        world.meet(secrets_in(world.known.workspace) | secrets_in(world.known.chain) | secrets_in(world.dynamic))
        return world, version.definition

    def _prepare(self, version: Version) -> tuple[Plan, frozenset[str]]:
        """The plan of a version, and the system values it asks for; kept, since a version never changes."""
        if version.id not in self._prepared:
            if len(self._prepared) >= MOST_PREPARED:
                self._prepared.clear()
            plan = plan_of(version.definition)
            self._prepared[version.id] = plan, system_values_asked(plan, version.definition)
        return self._prepared[version.id]


def system_values_asked(plan: Plan, definition: Definition) -> frozenset[str]:
    """The system values that the nodes of a plan, the chain's outputs and what is told refer to."""
    nodes = [reference for node in plan.nodes.values() for reference in references_of_node(node)]
    outputs = references_of(text for _, text in output_texts(definition))
    specs = [*definition.notifications, *(spec for node in plan.nodes.values() for spec in node.notifications)]
    told = references_of(text for _, text in notification_texts(specs))
    return frozenset(reference.name for reference in (*nodes, *outputs, *told) if reference.scope == "system")


def known_of(
    ground: Ground, run: RunRecord, chain_name: str, environment_name: str, previous: datetime | None
) -> Known:
    """The values that do not change during the run; what belongs to one command is added when it starts."""
    base = ground.settings.public_url.rstrip("/")
    return Known(
        workspace=all_opened(ground, run.variables.get("workspace")),
        chain=all_opened(ground, run.variables.get("chain")),
        resource=files_of(run),
        input=run.inputs,
        system={
            "chain_id": str(run.chain_id),
            "chain_run_id": str(run.id),
            "chain_name": chain_name,
            "chain_environment": environment_name,
            "chain_url": f"{base}/chains/{run.chain_id}",
            "chain_started_at": run.created_at.isoformat(timespec="seconds"),
            "chain_previous_started_at": "" if previous is None else previous.isoformat(timespec="seconds"),
            "runner_directory": "",
            "user_email": run.user_email or "",
            "user_name": run.user_name or "",
            "user_id": "" if run.user_id is None else str(run.user_id),
        },
    )


def all_opened(ground: Ground, kept: Json) -> dict[str, Resolved]:
    """Variables as they were fixed at the start."""
    return {name: opened(ground, value) for name, value in as_object(kept or {}).items()}
