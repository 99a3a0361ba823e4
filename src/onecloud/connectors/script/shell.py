"""Run Shell Script: with sh or bash."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from onecloud.connector import Command, CommandFailed, Context, Warned
from onecloud.connectors.script.runner import run_script
from onecloud.connectors.script.shapes import EXIT_CODES, FAILED, ScriptInputs, ScriptOutputs


class ShellInputs(ScriptInputs):
    """Inputs of Run Shell Script."""

    shell: Literal["sh", "bash"] = Field(
        default="sh",
        title="Shell",
        description="Which shell reads the script. A failing line does not end it: begin with `set -e` if it should.",
    )


async def run(ctx: Context, inputs: ShellInputs) -> ScriptOutputs | Warned:
    """Run the script to its end."""
    program = shutil.which(inputs.shell)
    if program is None:
        raise CommandFailed(FAILED, f"This worker has no {inputs.shell}. Install it, or choose sh.", retryable=False)
    options = ["--noprofile", "--norc"] if inputs.shell == "bash" else []

    def start(script: Path) -> list[str]:
        return [program, *options, str(script)]

    return await run_script(ctx, inputs, "script.sh", start)


COMMAND: Final = Command(
    id="shell",
    title="Run Shell Script",
    description="Runs a shell script in a process of its own. "
    "It is not run again after a crash of the worker, since nobody knows what it did.",
    inputs=ShellInputs,
    outputs=ScriptOutputs,
    run=run,
    exit_codes=EXIT_CODES,
    repeatable=False,
)
