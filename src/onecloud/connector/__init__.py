"""The connector SDK: everything that the author of a connector imports."""

from onecloud.connector.command import Command, Connector, ExitCode
from onecloud.connector.context import Context, FileRef
from onecloud.connector.fields import MULTILINE, FileOrPath, Inputs, Outputs, TextOrJson
from onecloud.connector.folders import local_file, safe_name
from onecloud.connector.outcome import CommandFailed, Warned
from onecloud.connector.stoppable import Stop, stoppable

__all__ = [
    "MULTILINE",
    "Command",
    "CommandFailed",
    "Connector",
    "Context",
    "ExitCode",
    "FileOrPath",
    "FileRef",
    "Inputs",
    "Outputs",
    "Stop",
    "TextOrJson",
    "Warned",
    "local_file",
    "safe_name",
    "stoppable",
]
