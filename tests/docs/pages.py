"""Takes a page's commands out of it, and makes one shell script of them.

A block of ```sh is run as it stands, page by page, in an empty folder; one that begins with `onecloud serve` runs on
while the next ones wait for the server. What a page takes for granted is in blocks inside a comment that readers do
not see. A comment right above a block says otherwise: `<!-- the server is stopped -->` before it, or
`<!-- not run: … -->` with one of the reasons below. `oc_at_…` stands for the variable ACCESS_TOKEN, `oc_rt_…` for
REFRESH_TOKEN, and PAGE is the page itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

REASONS: Final = {"downloads every package once more", "changes the system"}
STOPPED: Final = "the server is stopped"
PORT: Final = "8000"
DATABASE: Final = "postgresql://onecloud:secret@127.0.0.1:5432/onecloud"
_BLOCK: Final = re.compile(r"(?:^<!-- (?P<note>[^\n]*) -->\n)?^```sh\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of commands; `note` is the comment above it, or empty."""

    text: str
    note: str


def blocks(page: str) -> list[Block]:
    """The page's blocks of commands, in order."""
    return [Block(match["text"], match["note"] or "") for match in _BLOCK.finditer(page)]


def left_out(block: Block) -> str | None:
    """Why a block is not run, or None when it is."""
    return block.note.removeprefix("not run: ") if block.note.startswith("not run: ") else None


def is_only_make(block: Block) -> bool:
    """Whether the block names commands of the Makefile and nothing else: these are what runs the tests themselves."""
    return all(line.startswith("make ") for line in block.text.splitlines())


def script(page: str, port: int, database: str) -> str:
    """A script that does what the page says, with a port and a database of the test's own; it stops at a failure."""
    lines = [
        "set -euo pipefail",
        "server=",
        'stop() { if [ -n "$server" ]; then kill "$server"; wait "$server"; server=; fi; }',
        'trap \'[ -z "$server" ] || kill "$server"\' EXIT',
    ]
    for block in blocks(page):
        if left_out(block) is not None or is_only_make(block):
            continue
        if block.text.startswith("onecloud serve"):
            wait = f"until curl -fs http://127.0.0.1:{PORT}/readyz > /dev/null; do"
            wait += ' kill -0 "$server" || { cat server.log; exit 1; }; sleep 0.1; done'
            lines += [f"{block.text.rstrip()} > server.log 2>&1 &", "server=$!", wait]
        elif block.note == STOPPED:
            lines += ["stop", block.text]
        else:
            lines.append(block.text)
    text = "\n".join(lines) + "\n"
    for shown, real in {
        f"127.0.0.1:{PORT}": f"127.0.0.1:{port}",
        f"--port {PORT}": f"--port {port}",
        DATABASE: database,
        "oc_at_…": "$ACCESS_TOKEN",
        "oc_rt_…": "$REFRESH_TOKEN",
    }.items():
        text = text.replace(shown, real)
    return text
