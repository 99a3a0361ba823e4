"""Script Runner: scripts in processes of their own. Source: product facts 3.3."""

from typing import Final

from onecloud.connector import Connector
from onecloud.connectors.script import python, shell

CONNECTOR: Final = Connector(
    id="script",
    title="Script Runner",
    description="Runs Python and shell scripts: own process, own folder, limits, and files and values in and out.",
    commands=(python.COMMAND, shell.COMMAND),
    icon="terminal-2",
)
