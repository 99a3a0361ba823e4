"""The connector SDK: everything that the author of a connector imports."""

from onecloud.connector.command import Command, Connector, ExitCode
from onecloud.connector.context import Context, FileRef
from onecloud.connector.outcome import CommandFailed, Warned

__all__ = ["Command", "CommandFailed", "Connector", "Context", "ExitCode", "FileRef", "Warned"]
