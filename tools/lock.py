"""Pins every package: `uv lock`, with the registry's host names taken out of the result.

A lock names versions and hashes; where the files come from is the affair of the machine that installs them. uv accepts
the neutral lock as the starting point of the next one, so versions stay until they are asked to change (`--upgrade`).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = re.compile(r'https?://[^/"\s]+')
NOWHERE = "https://index.invalid"
UV = str(Path(sys.executable).parent / "uv")


def neutral(lock: str) -> str:
    """The lock with every host replaced by one that can never exist (RFC 2606)."""
    return HOST.sub(NOWHERE, lock)


def bootstrap_pin(folder: Path) -> str:
    """The installer's own pin, as lines for pip."""
    command = [UV, "export", "--frozen", "--offline", "--only-group", "bootstrap", "--no-annotate", "--no-header"]
    return subprocess.run(command, cwd=folder, check=True, text=True, capture_output=True).stdout


def main(arguments: list[str]) -> None:
    """Write uv.lock and tools/uv.txt; the raw lock exists only in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="onecloud-lock-") as name:
        folder = Path(name)
        for file in ("pyproject.toml", "uv.lock"):
            if (ROOT / file).exists():
                shutil.copy(ROOT / file, folder)
        subprocess.run([UV, "lock", "--no-progress", *arguments], cwd=folder, check=True)
        (folder / "uv.lock").write_text(neutral((folder / "uv.lock").read_text(encoding="utf-8")), encoding="utf-8")
        (ROOT / "tools" / "uv.txt").write_text(bootstrap_pin(folder), encoding="utf-8")
        shutil.copy(folder / "uv.lock", ROOT)


if __name__ == "__main__":
    main(sys.argv[1:])
