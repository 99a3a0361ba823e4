"""Reading and changing how long things are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import actions as activity
from onecloud.kernel.principal import Principal
from onecloud.retention import rules, store
from onecloud.retention.model import Held, Pass
from onecloud.workspaces.model import COMPANY_ID


@dataclass(frozen=True, slots=True)
class Shown:
    """The policy in force and the newest pass (None: there was none yet)."""

    held: Held
    last_pass: Pass | None


async def show(db: AsyncSession) -> Shown:
    """How long the company keeps things, and what the last pass did or is doing."""
    return Shown(await store.held(db, COMPANY_ID), await store.last_pass(db))


async def change(db: AsyncSession, caller: Principal, changes: Mapping[str, int | None]) -> Shown:
    """Change some of the settings; the next pass goes by them.

    Raises: Invalid with one problem for each setting that is unknown or out of its bounds.
    """
    before = (await store.held(db, COMPANY_ID)).policy
    after = rules.changed(before, changes)
    if different := rules.differences(before, after):
        await store.save(db, COMPANY_ID, after, caller.user_id or None, caller.name if caller.user_id else "")
        await activity.record(
            db,
            key="retention.change",
            owner=caller,
            trackable_type="Company",
            trackable_id=str(COMPANY_ID),
            parameters={name: list(values) for name, values in different.items()},
        )
    return await show(db)
