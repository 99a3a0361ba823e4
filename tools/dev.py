"""`make dev`: the server and the web app together, both reloading on change; one Ctrl-C ends both.

The server restarts when a Python file changes (sign-ins and runs survive: they are in the data folder); Vite replaces
changed web modules in the open page and passes API requests on to the server.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from watchfiles import PythonFilter, run_process

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def serve(data: str, port: int) -> None:
    """Run the server, again after every change, until Ctrl-C."""
    command = f"{BIN / 'onecloud'} serve --data {data} --port {port}"
    run_process(ROOT / "src", target=command, target_type="command", watch_filter=PythonFilter(), sigint_timeout=15)


def main() -> None:
    """Start both; whichever ends first takes the other along."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="data")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    environment = dict(os.environ, ONECLOUD_DEV_SERVER=f"http://127.0.0.1:{options.port}")
    # A session of its own: npm, its shell and Vite then end together, by one signal to the group.
    vite = subprocess.Popen(
        [BIN / "python", ROOT / "hatch_build.py", "run", "dev"], env=environment, start_new_session=True
    )

    def end_with_vite() -> None:
        vite.wait()
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=end_with_vite, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        serve(options.data, options.port)
    with contextlib.suppress(KeyboardInterrupt, ProcessLookupError):
        os.killpg(vite.pid, signal.SIGTERM)
        vite.wait(15)


if __name__ == "__main__":
    main()
