"""How file commands end: their exit codes, and the one place that turns a refusal of the disk into a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, Final, Literal, ParamSpec, TypeAlias, TypeVar

from onecloud.connector import CommandFailed, Context, ExitCode, Outputs, Stop, Warned, stoppable

P = ParamSpec("P")
T = TypeVar("T")
OutputsT = TypeVar("OutputsT", bound=Outputs)

SUCCESS: Final = ExitCode(0, "success", "Success")
ERROR: Final = ExitCode(1, "error", "Wrong inputs")
DISK: Final = ExitCode(2, "error", "The disk refused")
NOT_FOUND: Final = ExitCode(4, "error", "Nothing found")
EXISTS: Final = ExitCode(5, "error", "The target exists")
NOTHING: Final = ExitCode(10, "warning", "Nothing found")

WhenNothing: TypeAlias = Literal["succeed", "warn", "fail"]


async def on_disk(ctx: Context, work: Callable[Concatenate[Stop, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of blocking work on files.

    Raises: CommandFailed (exit code 2) when the operating system refuses.
    """
    try:
        return await stoppable(ctx, work, *args, **kwargs)
    except UnicodeDecodeError as error:
        message = f"The text is not {error.encoding} from byte {error.start} on. Choose its encoding."
        raise CommandFailed(ERROR.code, message, retryable=False) from error
    except OSError as error:
        raise CommandFailed(DISK.code, f"{error.strerror or error}: {error.filename or 'the file'}.") from error


def nothing(what: str, when: WhenNothing, outputs: OutputsT) -> OutputsT | Warned:
    """How a command ends that found nothing to do.

    Raises: CommandFailed (exit code 4) when that counts as a failure.
    """
    if when == "succeed":
        return outputs
    if when == "warn":
        return Warned(outputs, NOTHING.code, f"Nothing matches {what}.")
    raise CommandFailed(NOT_FOUND.code, f"Nothing matches {what}. Check the folder and the pattern.")
