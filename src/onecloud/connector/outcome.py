"""How a command ends when it does not simply succeed."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel


class CommandFailed(Exception):
    """The command could not do its work: an exit code of its manifest and a sentence with the mend.

    `retryable` False tells the engine that trying again cannot help (bad input, wrong password).
    """

    def __init__(self, exit_code: int, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message
        self.retryable = retryable


@dataclass(frozen=True, slots=True)
class Warned:
    """The command did its work, and something should be looked at; its outputs count."""

    outputs: BaseModel
    exit_code: int
    message: str
