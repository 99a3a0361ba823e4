"""The inputs and outputs that scripts of every language share, and how their exit codes are told apart."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Final

from pydantic import AfterValidator, Field, JsonValue, model_validator

from onecloud.connector import MULTILINE, ExitCode, FileOrPath, FileRef, Inputs, Outputs

FAILED: Final = 1
ENDED_BADLY: Final = 2
KILLED: Final = 3
BEYOND: Final = 4
WARNING: Final = 10

# A script's own exit codes are arbitrary, so they are not the command's: the output `exit_code` has the script's.
EXIT_CODES: Final = (
    ExitCode(0, "success", "The script ended with 0"),
    ExitCode(FAILED, "error", "Error running the command: the script did not start"),
    ExitCode(ENDED_BADLY, "error", "The script ended with another exit code than 0"),
    ExitCode(KILLED, "error", "A signal ended the script"),
    ExitCode(BEYOND, "error", "The script passed a limit, or left outputs that cannot be read"),
    ExitCode(WARNING, "warning", "The script ended with one of the warning exit codes"),
)

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED: Final = "outputs"


def _file_name(text: str) -> str:
    if text in {"", ".", "..", _RESERVED} or PurePosixPath(text).name != text or "\0" in text:
        raise ValueError(f"{text!r} is no file name for the script's folder: no folders in it, and not {_RESERVED!r}")
    return text


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text) or text.startswith("ONECLOUD_"):
        raise ValueError(
            f"{text!r} is no name for a variable of yours: letters, digits, _; not beginning with ONECLOUD_"
        )
    return text


class ScriptInputs(Inputs):
    """What a script is and gets."""

    code: str = Field(
        default="",
        title="Script",
        description="The script's text. Either this or a script file.",
        json_schema_extra=MULTILINE,
        examples=["echo hello"],
    )
    script_file: FileOrPath | None = Field(
        default=None, title="Script file", description="The script as a file, in place of its text."
    )
    arguments: list[str] = Field(
        default_factory=list, title="Arguments", description="What the script gets on its command line."
    )
    stdin: str = Field(
        default="", title="Standard input", description="What the script can read.", json_schema_extra=MULTILINE
    )
    files: dict[Annotated[str, AfterValidator(_file_name)], FileOrPath] = Field(
        default_factory=dict,
        title="Files",
        description="Files by the name under which they are copied into the folder that the script starts in.",
        examples=[{"sales.csv": "sales.csv"}],
    )
    values: dict[str, JsonValue] = Field(
        default_factory=dict,
        title="Values",
        description="Values for the script, any JSON: the variable ONECLOUD_INPUTS names a file with this object.",
        examples=[{"period": "2024-01"}],
    )
    environment: dict[Annotated[str, AfterValidator(_variable)], str] = Field(
        default_factory=dict,
        title="Environment",
        description="Variables of the script's environment. Nothing of the server's is in it but the search path.",
    )
    warning_exit_codes: list[Annotated[int, Field(ge=1, le=255)]] = Field(
        default_factory=list,
        title="Warning exit codes",
        description="Exit codes of the script that are a warning. 0 is success, every other one is an error.",
        examples=[[3]],
    )
    memory_limit_mb: int | None = Field(
        default=None,
        ge=16,
        title="Memory limit (MB)",
        description="How much address space each process of the script may have; empty: as much as the worker allows.",
    )
    print_limit_kb: int = Field(
        default=1024,
        ge=1,
        le=65536,
        title="Print limit (KB)",
        description="How much the script may print, standard output and error together, before it is ended.",
    )
    file_limit_mb: int = Field(
        default=1024, ge=1, title="File limit (MB)", description="How large a file that the script writes may become."
    )

    @model_validator(mode="after")
    def _one_script(self) -> ScriptInputs:
        if bool(self.code) == (self.script_file is not None):
            raise ValueError("give either the script's text or a script file")
        return self


class ScriptOutputs(Outputs):
    """What a script left behind."""

    stdout: str = Field(title="Standard output", description="All that the script printed to its standard output.")
    exit_code: int = Field(title="Exit code", description="The script's own exit code.")
    values: dict[str, JsonValue] = Field(
        title="Values",
        description="The JSON object that the script wrote to the file named by the variable ONECLOUD_OUTPUTS.",
    )
    files: list[FileRef] = Field(
        title="Files", description="The files in the script's folder outputs/, by name; links are left out."
    )
