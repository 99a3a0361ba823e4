"""`make gen`: writes again everything that is derived from the code, so that it is never edited by hand.

The reference pages, the JSON Schema of the chain document, the OpenAPI document and, from that, the web app's API
client. Tests fail when one is out of date.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from onecloud.chains.catalog import catalog
from onecloud.chains.schema import schema_text
from tools.pages import PAGES

ROOT = Path(__file__).resolve().parent.parent
OPENAPI = "web/openapi.json"
CHAIN_SCHEMA = "src/onecloud/chains/chain.schema.json"


def openapi() -> str:
    """The OpenAPI document as the command line prints it."""
    command = [str(Path(sys.executable).parent / "onecloud"), "openapi"]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout


def main() -> None:
    """Write every derived file and say which changed."""
    made = {name: make() for name, make in PAGES.items()} | {OPENAPI: openapi(), CHAIN_SCHEMA: schema_text(catalog())}
    for name, text in made.items():
        file = ROOT / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            print(f"gen: wrote {name}")
    subprocess.run([sys.executable, str(ROOT / "hatch_build.py"), "run", "api"], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
