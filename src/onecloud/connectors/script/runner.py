"""From a command's inputs to its outputs: lay out the folder, run the program, collect what it left.

A script is kept apart from the server, not locked in: it runs as the server's user of the system and can read what
that user can. Only people who may be trusted with that account should be able to edit chains with scripts.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import JsonValue, TypeAdapter, ValidationError

from onecloud.connector import CommandFailed, Context, FileRef, Warned
from onecloud.connectors.script.process import Ended, Limits, PrintedTooMuch, run
from onecloud.connectors.script.shapes import BEYOND, ENDED_BADLY, FAILED, KILLED, WARNING, ScriptInputs, ScriptOutputs
from onecloud.connectors.tabular.opened import local_path

_KB: Final = 1024
_MB: Final = 1024 * _KB
_MOST_VALUES: Final = 16 * _MB
_MOST_FILES: Final = 1000
_VALUES: Final[TypeAdapter[dict[str, JsonValue]]] = TypeAdapter(dict[str, JsonValue])
_FALLBACK_PATH: Final = "/usr/local/bin:/usr/bin:/bin"

# How a language starts a script: its path → the program and its arguments, before the script's own.
Start = Callable[[Path], list[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things lie: the script and the two JSON files beside the folder that it starts in."""

    script: Path
    folder: Path
    inputs: Path
    outputs: Path
    scratch: Path

    @staticmethod
    def under(workdir: Path, script_name: str) -> Layout:
        """The places in an attempt's folder."""
        return Layout(
            workdir / script_name, workdir / "run", workdir / "inputs.json", workdir / "outputs.json", workdir / "tmp"
        )

    @property
    def results(self) -> Path:
        """The folder whose files become outputs."""
        return self.folder / "outputs"


async def run_script(ctx: Context, inputs: ScriptInputs, script_name: str, start: Start) -> ScriptOutputs | Warned:
    """Run a script to its end and collect its outputs.

    Raises: CommandFailed with one of the codes in `shapes`.
    """
    if os.name != "posix":
        raise CommandFailed(FAILED, "Scripts run on Linux and macOS. Choose another worker.", retryable=False)
    limits = _limits(ctx, inputs)
    layout = Layout.under(ctx.workdir, script_name)
    sources = {name: (await local_path(ctx, file))[0] for name, file in inputs.files.items()}
    script = (await local_path(ctx, inputs.script_file))[0] if inputs.script_file is not None else None
    await ctx.in_thread(_lay_out, layout, inputs, script, sources)
    stdin = ctx.workdir / "stdin" if inputs.stdin else None
    try:
        ended = await run(
            [*start(layout.script), *inputs.arguments],
            folder=layout.folder,
            environment=_environment(layout, inputs.environment),
            stdin=stdin,
            limits=limits,
            tell=ctx.log,
        )
    except PrintedTooMuch as error:
        message = (
            f"The script printed more than {inputs.print_limit_kb} KB, its print_limit_kb. Raise it, or write files."
        )
        raise CommandFailed(BEYOND, message, retryable=False) from error
    except (OSError, ValueError) as error:  # a zero byte in an argument is a ValueError
        raise CommandFailed(FAILED, f"The script cannot be started: {error}.", retryable=False) from error
    _refuse(ended, inputs)
    outputs = ScriptOutputs(
        stdout=ended.stdout,
        exit_code=ended.code,
        values=await ctx.in_thread(_values, layout.outputs),
        files=await _files(ctx, layout),
    )
    return Warned(outputs, WARNING, f"The script ended with exit code {ended.code}.") if ended.code else outputs


def _limits(ctx: Context, inputs: ScriptInputs) -> Limits:
    memory = ctx.memory_limit_bytes if inputs.memory_limit_mb is None else inputs.memory_limit_mb * _MB
    if memory > ctx.memory_limit_bytes:
        allowed = ctx.memory_limit_bytes // _MB
        message = (
            f"A script may have {allowed} MB here, and this one asks for {inputs.memory_limit_mb} MB. Ask for less."
        )
        raise CommandFailed(FAILED, message, retryable=False)
    return Limits(memory, inputs.file_limit_mb * _MB, inputs.print_limit_kb * _KB)


def _lay_out(layout: Layout, inputs: ScriptInputs, script: Path | None, sources: Mapping[str, Path]) -> None:
    layout.results.mkdir(parents=True)
    layout.scratch.mkdir()
    if script is None:
        layout.script.write_text(inputs.code, encoding="utf-8", newline="\n")
    else:
        shutil.copyfile(script, layout.script)
    for name, source in sources.items():
        shutil.copyfile(source, layout.folder / name)  # a copy: a stored file must not be changed
    layout.inputs.write_text(json.dumps(inputs.values, ensure_ascii=False), encoding="utf-8")
    if inputs.stdin:
        (layout.script.parent / "stdin").write_text(inputs.stdin, encoding="utf-8", newline="")


def _environment(layout: Layout, own: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", _FALLBACK_PATH),
        "HOME": str(layout.folder),
        "TMPDIR": str(layout.scratch),
        "LANG": "C.UTF-8",
        **own,
        "ONECLOUD_INPUTS": str(layout.inputs),
        "ONECLOUD_OUTPUTS": str(layout.outputs),
    }


def _refuse(ended: Ended, inputs: ScriptInputs) -> None:
    """Raises: CommandFailed unless the script ended with 0 or with a warning."""
    if ended.code == 0 or ended.code in inputs.warning_exit_codes:
        return
    said = f": {ended.last_error}" if ended.last_error else "."
    # A shell reports a signal of its child as 128 + number.
    number = -ended.code if ended.code < 0 else ended.code - 128
    if ended.code < 0 or number in {signal.SIGKILL, signal.SIGSEGV, signal.SIGXFSZ, signal.SIGABRT}:
        name = signal.Signals(number).name
        mend = "Passing the memory or the file limit ends scripts like that."
        raise CommandFailed(KILLED, f"The script was ended by the signal {name}{said} {mend}")
    raise CommandFailed(ENDED_BADLY, f"The script ended with exit code {ended.code}{said}")


def _values(path: Path) -> dict[str, JsonValue]:
    if not path.exists():
        return {}
    size = path.stat().st_size
    if size > _MOST_VALUES:
        message = (
            f"The output values are {size} bytes of JSON, and the limit is {_MOST_VALUES}. Write a file into outputs/."
        )
        raise CommandFailed(BEYOND, message, retryable=False)
    if not size:
        return {}
    try:
        return _VALUES.validate_python(json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_json))
    except (ValueError, ValidationError) as error:
        reason = "it is no object" if isinstance(error, ValidationError) else str(error)
        message = f"What the script wrote to the file named by ONECLOUD_OUTPUTS is no JSON object: {reason}."
        raise CommandFailed(BEYOND, message, retryable=False) from error


def _no_json(text: str) -> None:
    raise ValueError(f"{text} has no place in JSON")


async def _files(ctx: Context, layout: Layout) -> list[FileRef]:
    found, skipped = await ctx.in_thread(_walk, layout.results)
    for path in skipped:
        ctx.log(f"outputs/{path.relative_to(layout.results)} is a link or no plain file; it is left out.")
    if len(found) > _MOST_FILES:
        message = f"The script left {len(found)} files in outputs/, and the limit is {_MOST_FILES}. Zip them."
        raise CommandFailed(BEYOND, message, retryable=False)
    return [await ctx.save_file(path, path.relative_to(layout.results).as_posix()) for path in found]


def _walk(folder: Path) -> tuple[list[Path], list[Path]]:
    """Plain files below the folder, by name, and what is neither file nor folder; links are not followed."""
    found: list[Path] = []
    skipped: list[Path] = []
    if folder.is_symlink():  # the script put a link in its place: what it points to is not the script's
        return found, [folder]
    for place, folders, files in os.walk(folder):
        skipped += [Path(place, name) for name in folders if Path(place, name).is_symlink()]
        for name in files:
            path = Path(place, name)
            (found if path.is_file() and not path.is_symlink() else skipped).append(path)
    return sorted(found), sorted(skipped)
