"""Run Python Script: with the interpreter of the server, isolated."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from onecloud.connector import Command, Context, Warned
from onecloud.connectors.script.runner import run_script
from onecloud.connectors.script.shapes import EXIT_CODES, ScriptInputs, ScriptOutputs


class PythonInputs(ScriptInputs):
    """Inputs of Run Python Script."""


def start(script: Path) -> list[str]:
    """The interpreter, apart from user settings (-I) and with its lines sent at once (-u)."""
    return [sys.executable, "-I", "-u", "-B", "-X", "utf8", str(script)]


async def run(ctx: Context, inputs: PythonInputs) -> ScriptOutputs | Warned:
    """Run the script to its end."""
    return await run_script(ctx, inputs, "script.py", start)


COMMAND: Final = Command(
    id="python",
    title="Run Python Script",
    description="Runs a Python script in a process of its own, with the interpreter and the packages of the worker. "
    "It is not run again after a crash of the worker, since nobody knows what it did.",
    inputs=PythonInputs,
    outputs=ScriptOutputs,
    run=run,
    exit_codes=EXIT_CODES,
    repeatable=False,
)
