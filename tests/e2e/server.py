"""A real `onecloud serve` process: started, asked, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import httpx2

from tests.postgres import free_port

PASSWORD = "correct-horse-9"


class Server:
    """One server on a data folder; the same folder is used again after a kill."""

    def __init__(self, data: Path, environment: dict[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "ONECLOUD_RATE_LIMIT_BURST": "1000000",
            "ONECLOUD_RATE_LIMIT_DAILY": "100000000",
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def pid(self) -> int:
        """Id of the running process."""
        assert self._process is not None
        return self._process.pid

    def command(self, *arguments: str, stdin: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a `onecloud` command to its end on the same data and settings."""
        return subprocess.run(
            [sys.executable, "-m", "onecloud.cli.main", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment,
            check=check,
            timeout=120,
        )

    def start(self, within_s: float = 60) -> None:
        """Start and wait until it is ready."""
        self._log = (self.data.parent / "server.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "onecloud.cli.main", "serve", "--port", str(self.port), "--data", str(self.data)],
            stdout=self._log,
            stderr=self._log,
            env=self.environment,
        )
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            assert self._process.poll() is None, f"the server ended: {self.log()[-3000:]}"
            try:
                if httpx2.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"the server was not ready within {within_s} s: {self.log()[-3000:]}")

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(20)
        self._close()

    def stop(self, within_s: float = 30) -> int:
        """Ask it to end, as a service manager does; gives its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(within_s)
        self._close()
        return status

    def _close(self) -> None:
        if self._log is not None:
            self._log.close()
        self._process, self._log = None, None

    @property
    def running(self) -> bool:
        """Whether there is a process to end."""
        return self._process is not None

    def log(self) -> str:
        """All that its processes printed."""
        return (self.data.parent / "server.log").read_text(errors="replace")

    def api(self, email: str = "ada@example.com") -> Api:
        """Create an administrator, enable API access by the command line, and give a client with the token."""
        self.command("admin", "create", "--email", email, "--password-stdin", "--data", str(self.data), stdin=PASSWORD)
        shown = self.command("admin", "enable-api", "--email", email, "--data", str(self.data), "--json")
        return Api(self.url, json.loads(shown.stdout)["access_token"])

    def workspace(self, text: str) -> None:
        """Apply a workspace document."""
        file = self.data.parent / "workspace.yaml"
        file.write_text(text)
        self.command("workspace", "apply", str(file), "--data", str(self.data))

    def chain(self, text: str, workspace: str = "Finance", environment: str = "DEV") -> str:
        """Apply and publish a chain; gives its id."""
        file = self.data.parent / "chain.yaml"
        file.write_text(text)
        place = ["--workspace", workspace, "--environment", environment, "--data", str(self.data)]
        done = self.command("chain", "apply", str(file), *place, "--publish", "--json", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return str(json.loads(done.stdout)["chain_id"])


class Api:
    """API v1 with a token; tries again while the server is being restarted."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def call(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        """One request; connection errors are the caller's."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx2.request(method, self.url + path, json=body, headers=headers, timeout=30)

    def data(self, method: str, path: str, body: Any = None) -> Any:
        """The `data` of a successful answer."""
        answer = self.call(method, path, body)
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
        return answer.json()["data"]

    def environment(self) -> str:
        """Id of the first environment of the first workspace."""
        workspace = self.data("GET", "/api/v1/metadata/workspace")[0]["id"]
        return str(self.data("GET", f"/api/v1/metadata/workspace/{workspace}/environment")[0]["id"])

    def start(self, environment: str, chain: str, inputs: dict[str, Any] | None = None) -> str:
        """Start a chain; gives the run's id."""
        path = f"/api/v1/execute/environment/{environment}/chain/{chain}/start"
        return str(self.data("POST", path, {"runtimeVariables": inputs or {}})["id"])

    def nodes(self, run: str) -> Any:
        """The run with its nodes."""
        return self.data("GET", f"/api/v1/execute/chain_run/{run}/nodes")

    def wait(self, run: str, within_s: float = 120) -> Any:
        """The run with its nodes, once it has ended."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            seen = self.nodes(run)
            if seen["state"] in ("errored", "warned", "all_succeeded", "stopped"):
                return seen
            time.sleep(0.05)
        raise AssertionError(f"run {run} did not end within {within_s} s: {self.nodes(run)}")
