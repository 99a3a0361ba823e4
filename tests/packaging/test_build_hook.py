"""The build hook: built when the sources changed, and only then; a clear sentence when it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

import hatch_build
from hatch_build import STAMP, WebBuildError, build_web, fingerprint


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose web app is made by a one-line script, without any package of its own."""
    monkeypatch.delenv(hatch_build.SKIP, raising=False)
    web = tmp_path / "web"
    (web / "src").mkdir(parents=True)
    (web / "src" / "main.ts").write_text("one")
    (web / "package.json").write_text(
        '{"name": "tiny", "version": "1.0.0", "scripts": {"build": "node build.mjs"}}', encoding="utf-8"
    )
    (web / "package-lock.json").write_text(
        '{"name": "tiny", "version": "1.0.0", "lockfileVersion": 3, "requires": true,'
        ' "packages": {"": {"name": "tiny", "version": "1.0.0"}}}',
        encoding="utf-8",
    )
    (web / "build.mjs").write_text(
        'import { mkdirSync, rmSync, writeFileSync } from "node:fs";\n'
        'const out = "../src/onecloud/_ui";\n'
        "rmSync(out, { recursive: true, force: true });\n"
        "mkdirSync(out, { recursive: true });\n"
        "writeFileSync(`${out}/index.html`, process.version);\n",
        encoding="utf-8",
    )
    (web / "node_modules").mkdir()  # npm makes none for a project without packages
    return tmp_path


def built(root: Path) -> Path:
    return root / "src" / "onecloud" / "_ui"


@pytest.mark.slow
def test_the_web_app_is_built_once_for_each_state_of_its_sources(root: Path) -> None:
    assert "built" in build_web(root)
    assert (built(root) / "index.html").read_text().startswith("v24."), "built with the packaged Node"
    assert "unchanged" in build_web(root)
    (root / "web" / "src" / "main.ts").write_text("two")
    assert "unchanged" not in build_web(root)


@pytest.mark.slow
def test_a_failing_build_shows_what_npm_said(root: Path) -> None:
    (root / "web" / "build.mjs").write_text('throw new Error("a missing semicolon")', encoding="utf-8")
    with pytest.raises(WebBuildError, match="a missing semicolon"):
        build_web(root)
    assert not (built(root) / STAMP).exists()


@pytest.mark.slow
def test_an_unreachable_registry_is_named_with_both_ways_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(root / "empty-cache"))
    (root / "web" / "package.json").write_text(
        '{"name": "tiny", "version": "1.0.0", "dependencies": {"left": "1.0.0"}}', encoding="utf-8"
    )
    (root / "web" / "package-lock.json").write_text(
        '{"name": "tiny", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {'
        '"": {"name": "tiny", "version": "1.0.0", "dependencies": {"left": "1.0.0"}},'
        '"node_modules/left": {"version": "1.0.0", "integrity": "sha512-AAAA"}}}',
        encoding="utf-8",
    )
    with pytest.raises(
        WebBuildError, match=r"npm registry cannot be reached[\s\S]*npm_config_registry[\s\S]*SKIP_WEB=1"
    ):
        build_web(root)


def test_the_web_app_can_be_left_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(hatch_build.SKIP, "1")
    assert "left out" in build_web(root)
    assert not built(root).exists()


def test_a_source_distribution_brings_the_web_app_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(hatch_build.SKIP, raising=False)
    with pytest.raises(WebBuildError, match="neither"):
        build_web(tmp_path)
    built(tmp_path).mkdir(parents=True)
    (built(tmp_path) / STAMP).write_text("anything")
    assert "as built" in build_web(tmp_path)


def test_the_fingerprint_sees_sources_and_nothing_made_from_them(root: Path) -> None:
    web = root / "web"
    before = fingerprint(web)
    (web / "node_modules" / "x.js").write_text("made")
    (web / "src" / "routes.gen.ts").write_text("made")
    assert fingerprint(web) == before
    (web / "src" / "main.ts").rename(web / "src" / "other.ts")
    assert fingerprint(web) != before, "a name counts, too"
