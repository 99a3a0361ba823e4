"""Delete: remove files, and folders only when that is said."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from onecloud.connector import Command, CommandFailed, Context, ExitCode, Inputs, Outputs, Stop, Warned
from onecloud.connectors.files.endings import DISK, ERROR, NOT_FOUND, NOTHING, SUCCESS, WhenNothing, nothing, on_disk
from onecloud.connectors.files.places import WILDCARDS, is_allowed_folder_itself, matching, shown

# Source: product facts 3.3, the delete command of SFTP: 6 = folders matched but neither skipped nor recursive.
FOLDERS: Final = ExitCode(6, "error", "Folders matched")


class DeleteInputs(Inputs):
    """What to delete."""

    path: str = Field(
        min_length=1,
        title="Path",
        description="Files in the allowed folders. " + WILDCARDS,
        examples=["outbox/*.tmp"],
    )
    folders: Literal["refuse", "skip", "delete"] = Field(
        default="refuse",
        title="Folders",
        description="What to do with folders that match: refuse the whole command, leave them, or delete them with "
        "all that is in them.",
    )
    when_nothing: WhenNothing = Field(
        default="warn",
        title="When nothing matches",
        description="How it ends when there is nothing to delete.",
    )


class DeleteOutputs(Outputs):
    """What is gone."""

    deleted_files: list[str] = Field(title="Deleted files", description="The files that were deleted.")
    deleted_folders: list[str] = Field(title="Deleted folders", description="The folders that were deleted.")
    count: int = Field(title="Count", description="How many files and folders were deleted.")


def _delete(stop: Stop, ctx: Context, inputs: DeleteInputs) -> tuple[list[str], list[str]]:
    found = [item.path for item in matching(stop, ctx, inputs.path)]
    folders = [path for path in found if path.is_dir() and not path.is_symlink()]
    if folders and inputs.folders == "refuse":
        message = f"{inputs.path!r} matches folders ({shown(ctx, folders[0])}). Say whether to skip or delete them."
        raise CommandFailed(FOLDERS.code, message, retryable=False)
    if inputs.folders == "skip":
        found = [path for path in found if path not in set(folders)]
    if any(is_allowed_folder_itself(ctx, path) for path in found):
        raise CommandFailed(ERROR.code, "The files folder itself cannot be deleted.", retryable=False)
    deleted_files: list[str] = []
    deleted_folders: list[str] = []
    for path in found:
        _remove(stop, ctx, path, deleted_files, deleted_folders)
    return deleted_files, deleted_folders


def _remove(stop: Stop, ctx: Context, path: Path, files: list[str], folders: list[str]) -> None:
    """Remove an entry and what is in it; a link goes, what it leads to stays."""
    stop.check()
    if path.is_dir() and not path.is_symlink():
        for child in sorted(path.iterdir()):
            _remove(stop, ctx, child, files, folders)
        path.rmdir()
        folders.append(shown(ctx, path))
    else:
        path.unlink(missing_ok=True)
        files.append(shown(ctx, path))
    ctx.log(f"deleted {shown(ctx, path)}")


async def run(ctx: Context, inputs: DeleteInputs) -> DeleteOutputs | Warned:
    """Delete every file that is named."""
    files, folders = await on_disk(ctx, _delete, ctx, inputs)
    outputs = DeleteOutputs(deleted_files=files, deleted_folders=folders, count=len(files) + len(folders))
    return outputs if outputs.count else nothing(repr(inputs.path), inputs.when_nothing, outputs)


COMMAND = Command(
    id="delete",
    title="Delete",
    description="Deletes files, and folders when asked to, within the allowed folders.",
    inputs=DeleteInputs,
    outputs=DeleteOutputs,
    run=run,
    exit_codes=(SUCCESS, ERROR, DISK, NOT_FOUND, FOLDERS, NOTHING),
    # What a first run deleted stays deleted; a second one that must not find nothing would fail.
    repeatable_when=lambda inputs: inputs.when_nothing != "fail",
)
