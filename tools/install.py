"""Makes `.venv` from the lock: the same packages everywhere, each checked against its hash.

Needs nothing but Python 3.11 or newer. `python3 tools/install.py` installs the server; `--tests` adds what the checks
need. What is already there is left alone.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
PINS = ROOT / "tools" / "uv.txt"
LEAST = (3, 11)


def say(text: str) -> None:
    """One line of progress."""
    print(f"install: {text}", flush=True)


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run a program; its failure is ours.

    Raises: SystemExit that names the command.
    """
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=env, check=False)
    if done.returncode:
        shown = " ".join(str(part) for part in command)
        sys.exit(f"install: this command failed with exit code {done.returncode} (its message is above): {shown}")


def make_venv() -> None:
    """An empty environment, unless there is one."""
    if PYTHON.exists():
        return
    say(f"making .venv with Python {sys.version.split()[0]}")
    done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False)
    if done.returncode:
        sys.exit("install: Python cannot make environments here; on Debian run: apt-get install python3-venv")


def installer_version() -> str:
    """The version of uv that tools/uv.txt pins."""
    return PINS.read_text(encoding="utf-8").split("==", 1)[1].split()[0]


def installer_environment() -> dict[str, str]:
    """Environment for uv: it follows what pip is told about the index and the certificates, unless told itself."""
    environment = dict(os.environ)
    environment.pop("VIRTUAL_ENV", None)
    for setting, variables in (("index-url", ("UV_DEFAULT_INDEX", "UV_INDEX_URL")), ("cert", ("SSL_CERT_FILE",))):
        if any(name in environment for name in variables):
            continue
        # pip answers for its environment variables and its files alike.
        for section in (":env:", "global"):
            ask = [PYTHON, "-m", "pip", "config", "get", f"{section}.{setting}"]
            told = subprocess.run(ask, check=False, capture_output=True, text=True).stdout.strip()
            if told:
                environment[variables[0]] = told
                break
    return environment


def make_installer() -> Path:
    """The installer, uv, in the pinned version; pip installs it and checks its hash."""
    uv, version = BIN / ("uv.exe" if os.name == "nt" else "uv"), installer_version()
    if uv.exists():
        answer = subprocess.run([uv, "--version"], check=False, capture_output=True, text=True).stdout
        if answer.split()[1:2] == [version]:
            return uv
    say(f"installing the installer, uv {version}")
    if subprocess.run([PYTHON, "-m", "pip", "--version"], check=False, capture_output=True).returncode:
        run(PYTHON, "-m", "ensurepip", "--upgrade")
    run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", PINS)
    return uv


def state_of(python: str) -> str:
    """What an installation was made from: this Python, the lock, the project's own description and this program."""
    digest = hashlib.sha256(python.encode())
    for file in ("uv.lock", "pyproject.toml", "tools/install.py"):
        digest.update((ROOT / file).read_bytes())
    return digest.hexdigest()


def install_packages(group: str) -> None:
    """The locked packages of the server and of that dependency group, then the project itself, editable."""
    stamp, state = VENV / f".onecloud-{group}", state_of(sys.version)
    done = {file.read_text(encoding="ascii") for file in (stamp, VENV / ".onecloud-dev") if file.exists()}
    if state in done:
        return
    uv, environment = make_installer(), installer_environment()
    # Not in the project's folder: there its exclude-newer would ask every mirror for upload times, and the hashes
    # have decided already.
    with tempfile.TemporaryDirectory(prefix="onecloud-install-") as name:
        folder = Path(name)
        export = ("--frozen", "--offline", "--extra", "server", "--group", group, "--no-emit-project")
        run(uv, "export", "--quiet", *export, "--output-file", folder / "packages.txt")
        install = (uv, "pip", "install", "--quiet", "--python", PYTHON)
        say(f"installing the locked packages ({group})")
        locked = ("--require-hashes", "-r", folder / "packages.txt")
        run(*install, "--compile-bytecode", *locked, cwd=folder, env=environment)
        say("installing the project, with its web app")
        run(*install, "--no-deps", "--no-build-isolation", "--offline", "--editable", ROOT, cwd=folder, env=environment)
    stamp.write_text(state, encoding="ascii")


def compile_sources() -> None:
    """Compile the project's modules that have changed, as the packages' are at install.

    Python would do it by itself at the first start, unless it is told not to write (PYTHONDONTWRITEBYTECODE, as in
    many containers) or may not: then every start would compile everything again, which more than doubles its time.
    """
    run(PYTHON, "-m", "compileall", "-q", ROOT / "src" / "onecloud")


def main() -> None:
    """Install what is missing, then bring the web app up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="install what the checks and tests need, too")
    options = parser.parse_args()
    if sys.version_info < LEAST:
        sys.exit(f"install: Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    make_venv()
    install_packages("dev" if options.tests else "build")
    compile_sources()
    run(PYTHON, ROOT / "hatch_build.py")


if __name__ == "__main__":
    main()
