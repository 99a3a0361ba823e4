"""File Utilities: work on files of earlier commands and on the folders that the platform may use."""

from onecloud.connector import Connector
from onecloud.connectors.files import checksum, copy, create, delete, find, list_content, move, stack, unzip
from onecloud.connectors.files import zip as zip_

CONNECTOR = Connector(
    id="files",
    title="File Utilities",
    description="Create, read, copy, move, delete, find, pack and compare files.",
    icon="files",
    commands=(
        checksum.COMMAND,
        copy.COMMAND,
        create.COMMAND,
        delete.COMMAND,
        find.COMMAND,
        list_content.COMMAND,
        move.COMMAND,
        stack.COMMAND,
        unzip.COMMAND,
        zip_.COMMAND,
    ),
)
