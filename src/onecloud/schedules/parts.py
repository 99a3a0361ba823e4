"""What the routes and the dispatcher of schedules need beside the database: the files that hold calendars."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.blobs import Blobs
from onecloud.kernel.errors import NotFound
from onecloud.resources import actions as resources
from onecloud.resources.reading import existing
from onecloud.runs.parts import Parts
from onecloud.schedules.reading import Calendars
from onecloud.workspaces import actions as workspaces


def workspace_calendars(blobs: Blobs) -> Calendars:
    """Calendars that are resources of the chain's workspace, in the version in force."""

    async def calendar(db: AsyncSession, environment_id: int, name: str) -> str | None:
        workspace_id = (await workspaces.get_environment(db, environment_id)).workspace_id
        found = (await resources.current(db, workspace_id, [name])).get(name)
        if found is None:
            return None
        try:
            path = existing(blobs, name, found.version)
        except NotFound:
            return None
        return await asyncio.to_thread(path.read_text, "utf-8", "replace")

    return calendar


async def calendars_of(parts: Parts) -> Calendars:
    """The calendars of the application that serves this request."""
    return workspace_calendars(parts.blobs)


CalendarsPart = Annotated[Calendars, Depends(calendars_of)]
