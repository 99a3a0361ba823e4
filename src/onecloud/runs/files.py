"""The workspace's files in a run: which version it uses is decided once, when it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains.model import RuntimeInput, Version
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


async def with_files(
    db: AsyncSession, environment_id: int, asked: Sequence[RuntimeInput], given: Mapping[str, Json]
) -> dict[str, Json]:
    """The given inputs with every file input as a stored file: from outside it is named, as a file of the workspace.

    Only the server makes references to stored files; one that is handed in could lead to anybody's. What names no
    file is left as it is, and refused with the other faulty inputs.
    """
    wanted = {one.name for one in asked if one.type == "file"}
    names = {name: value for name, value in given.items() if name in wanted and isinstance(value, str) and value}
    values: dict[str, Json] = {
        name: "(a reference that was made outside)" if name in wanted and not isinstance(value, str | None) else value
        for name, value in given.items()
    }
    if names:
        workspace_id = (await workspaces.get_environment(db, environment_id)).workspace_id
        found = await resources.current(db, workspace_id, set(names.values()))
        values |= {name: resources.file_ref(found[text]).model_dump() for name, text in names.items() if text in found}
    return values
