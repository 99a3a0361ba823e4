"""The workspace's files in a run: which version it uses is decided once, when it starts."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains.model import Version
from onecloud.chains.uses import resources_of
from onecloud.connector.context import FileRef
from onecloud.kernel.jsonvalue import Json, as_object
from onecloud.resources import actions as resources
from onecloud.runs.records import RunRecord
from onecloud.workspaces import actions as workspaces


async def fixed_files(db: AsyncSession, environment_id: int, version: Version) -> dict[str, Json]:
    """The version in force of every file that the chain refers to, as it is kept with the run.

    A file that is gone is left out; the command that wants it says so. Source: product facts 2.17.
    """
    names = resources_of(version.definition)
    if not names:
        return {}
    workspace_id = (await workspaces.get_environment(db, environment_id)).workspace_id
    found = await resources.current(db, workspace_id, names)
    return {
        name: {"version": resource.version.number, "file": resources.file_ref(resource).model_dump()}
        for name, resource in found.items()
    }


def files_of(run: RunRecord) -> Mapping[str, FileRef]:
    """The files of a run by name, in the versions that were in force at its start."""
    kept = as_object(run.variables.get("resource") or {})
    return {name: FileRef.model_validate(as_object(entry)["file"]) for name, entry in kept.items()}
