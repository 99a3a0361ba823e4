"""What people install: the wheel has the web app, and works in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.shape.tree import ROOT

UV = str(Path(sys.executable).parent / "uv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout; its web app is built when it is not yet."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(build, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_everything_that_is_needed_at_run_time(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "onecloud/_ui/index.html" in names
    assert any(name.startswith("onecloud/_ui/assets/") for name in names)
    assert any(name.startswith("onecloud/infra/migrations/versions/") for name in names)
    assert {"onecloud/cli/demo/wildlife-strikes.csv", "onecloud/cli/demo/SOURCE.md"} <= names
    assert not [name for name in names if name.startswith(("tests", "web")) or "node_modules" in name]


@pytest.mark.slow
def test_the_wheel_alone_gives_a_working_command(wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    # Its packages come from this environment: what is tried is the wheel, not the download of its dependencies.
    subprocess.run([UV, "venv", "--quiet", "--offline", "--python", sys.executable, str(venv)], check=True)
    python = str(venv / "bin" / "python")
    subprocess.run(
        [UV, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, str(wheel)], check=True
    )
    ours = next(Path(sys.executable).parent.parent.glob("lib/python*/site-packages"))
    theirs = next(venv.glob("lib/python*/site-packages"))
    # After the environment's own packages, so that the installed wheel wins over the checkout.
    (theirs / "zz.pth").write_text(f"import sys; sys.path.append({str(ours)!r})\n", encoding="utf-8")
    done = subprocess.run(
        [str(venv / "bin" / "onecloud"), "openapi"], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    where = subprocess.run(
        [python, "-c", "import onecloud; print(onecloud.__file__)"], check=True, capture_output=True, text=True
    )
    assert where.stdout.startswith(str(venv))
