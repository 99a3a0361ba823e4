"""Which files of a folder count: properties of the comparison, and what a look at a real folder gives."""

from __future__ import annotations

import itertools
import os
import tempfile
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import fsspec  # pyright: ignore[reportMissingTypeStubs] - it has none
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.connector import Stop
from onecloud.triggers.appearing import CannotLook, Known, Look, Seen, compare
from onecloud.triggers.folder import look, place_problem
from onecloud.triggers.model import FileWatch
from onecloud.triggers.object_store import fits

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def watch(**more: Any) -> FileWatch:
    """A watch of a folder."""
    return FileWatch.model_validate({"kind": "file", "folder": "in", **more})


def seen(path: str, version: str) -> Seen:
    """A file of that version."""
    return Seen(path, version, path, "in", 1, NOW)


def after(known: dict[str, Known], look_: Look) -> dict[str, Known]:
    """What is known after a look whose files were all dealt with."""
    kept = {path: one for path, one in known.items() if path not in look_.gone}
    kept |= {one.path: one for one in (*look_.new, *look_.changed)}
    return kept | {one.path: replace(one, done=True) for one in look_.ready}


# What a folder holds at each look, one second after the other: the versions of two files, None for one that is gone.
folders = st.lists(
    st.fixed_dictionaries({"a": st.sampled_from([None, "1", "2", "3"]), "b": st.sampled_from([None, "1"])})
)


@given(folders, st.integers(0, 4), st.booleans(), st.booleans())
def test_a_version_counts_once_and_only_when_it_has_stayed(
    looks: list[dict[str, str | None]], stable: int, existing: bool, changes: bool
) -> None:
    asked = watch(stable_for_s=stable, existing=existing, changes=changes)
    known: dict[str, Known] = {}
    counted: dict[str, list[tuple[int, str]]] = {"a": [], "b": []}
    for second, folder in enumerate(looks):
        here = {path: seen(path, version) for path, version in folder.items() if version is not None}
        came = compare(known, here, asked, NOW + second * SECOND, first=second == 0)
        for one in came.ready:
            counted[one.path].append((second, one.version))
        known = after(known, came)
        assert known.keys() == here.keys()
    for path, found in counted.items():
        versions = [folder[path] for folder in looks]
        for second, version in found:
            stayed = versions[max(0, second - stable) : second + 1]
            assert stayed == [version] * (stable + 1), "it was still being written"
        for (first, one), (second, other) in itertools.pairwise(found):
            between = versions[first : second + 1]
            assert one != other or len(set(between)) > 1, "the same version counted twice"
            if not changes:
                assert None in between, "a change counted although changes do not"
        if versions and versions[0] is not None and not existing and len(set(versions)) == 1:
            assert found == [], "what was there at the first look counted"
        if existing and len(versions) > stable and versions[0] is not None and len(set(versions)) == 1:
            assert [version for _, version in found] == [versions[0]], "what was there counts when it is asked for"
        if len(versions) > stable + 1 and versions[0] is None and len(set(versions[1:])) == 1 and versions[1]:
            assert [version for _, version in found] == [versions[1]], "a new file that stays counts"


def test_a_file_that_was_there_counts_once_it_is_written_again() -> None:
    came = compare({}, {"a": seen("a", "1")}, watch(stable_for_s=0), NOW, first=True)
    assert (came.ready, [one.done for one in came.new]) == ([], [True])
    came = compare(after({}, came), {"a": seen("a", "2")}, watch(stable_for_s=0), NOW, first=False)
    assert [(one.path, one.event) for one in came.ready] == [("a", "changed")]


def folder_of(tmp_path: Path) -> tuple[Path, tuple[Path, ...]]:
    """A folder `in` in the folder that is open."""
    home = (tmp_path / "files").resolve()
    (home / "in").mkdir(parents=True)
    return home / "in", (home,)


def test_a_look_finds_files_by_their_pattern_and_nothing_outside(tmp_path: Path) -> None:
    inbox, folders_ = folder_of(tmp_path)
    (inbox / "sub").mkdir()
    for name in ("a.csv", "b.txt", ".hidden.csv", "sub/c.csv"):
        (inbox / name).write_text("x")
    (tmp_path / "secret.csv").write_text("x")
    (inbox / "link.csv").symlink_to(tmp_path / "secret.csv")
    (inbox / "folder.csv").mkdir()
    os.mkfifo(inbox / "pipe.csv")
    (Path(os.fsdecode(os.fsencode(inbox) + b"/\xff.csv"))).write_text("x")
    assert sorted(look(watch(pattern="*.csv"), folders_, Stop())) == ["in/a.csv"]
    found = look(watch(pattern="**/*.csv"), folders_, Stop())
    assert sorted(found) == ["in/a.csv", "in/sub/c.csv"]
    one = found["in/sub/c.csv"]
    assert (one.name, one.folder, one.size_bytes) == ("c.csv", "in/sub", 1)
    before = look(watch(pattern="a.csv"), folders_, Stop())["in/a.csv"].version
    (inbox / "a.csv").write_text("longer")
    assert look(watch(pattern="a.csv"), folders_, Stop())["in/a.csv"].version != before


def test_another_open_folder_is_named_whole(tmp_path: Path) -> None:
    _, folders_ = folder_of(tmp_path)
    other = (tmp_path / "other").resolve()
    other.mkdir()
    (other / "a").write_text("x")
    assert list(look(watch(folder=str(other)), (*folders_, other), Stop())) == [str(other / "a")]


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"folder": "../.."}, "source.folder"),
        ({"folder": "/etc"}, "source.folder"),
        ({"folder": "in\x00"}, "source.folder"),
        ({"pattern": "../*"}, "source.pattern"),
        ({"pattern": "/etc/*"}, "source.pattern"),
    ],
)
def test_what_leaves_the_open_folders_is_refused(tmp_path: Path, more: dict[str, Any], where: str) -> None:
    _, folders_ = folder_of(tmp_path)
    problem = place_problem(watch(**more), folders_)
    assert problem is not None
    assert problem.where == where
    with pytest.raises(CannotLook):
        look(watch(**more), folders_, Stop())


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    _, folders_ = folder_of(tmp_path)
    assert place_problem(watch(folder="later"), folders_) is None, "it may be made later"
    with pytest.raises(CannotLook) as caught:
        look(watch(folder="later"), folders_, Stop())
    assert "There is no folder `later`" in str(caught.value)


def test_an_object_store_is_looked_at_where_it_was_opened() -> None:
    store: Any = cast(Any, fsspec).filesystem("memory")
    base = f"memory://{uuid.uuid4().hex}/in"
    for name in ("a.csv", "b.txt", ".c.csv", "sub/d.csv"):
        store.pipe(f"{base}/{name}", b"xy")
    asked = watch(folder=base, pattern="*.csv", existing=True)
    with pytest.raises(CannotLook):
        look(asked, (Path("/nowhere"),), Stop())
    found = look(asked, (Path("/nowhere"),), Stop(), [base])
    assert [(one.name, one.size_bytes, one.changed_at is None) for one in found.values()] == [("a.csv", 2, False)]
    assert next(iter(found)).startswith("memory://")
    deep = look(watch(folder=base, pattern="**/*.csv"), (Path("/nowhere"),), Stop(), [base])
    assert sorted(one.name for one in deep.values()) == ["a.csv", "d.csv"]
    store.pipe(f"{base}/a.csv", b"xz")
    again = look(asked, (Path("/nowhere"),), Stop(), [base])
    assert [one.version for one in again.values()] != [one.version for one in found.values()]


def test_a_folder_of_a_store_without_a_file_is_empty_and_a_bucket_that_is_not_there_is_told() -> None:
    """Else the first file ever would make the first look, which takes what it finds for known."""
    store: Any = cast(Any, fsspec).filesystem("memory")
    bucket = f"memory://{uuid.uuid4().hex}"
    base = f"{bucket}/in"
    with pytest.raises(CannotLook, match="There is no folder"):
        look(watch(folder=base, pattern="*.csv"), (Path("/nowhere"),), Stop(), [base])
    store.pipe(f"{bucket}/elsewhere.txt", b"x")
    assert look(watch(folder=base, pattern="*.csv"), (Path("/nowhere"),), Stop(), [base]) == {}


@pytest.mark.parametrize("folder", ["s3://other", "s3://mine/inbox", "s3://mine/in/../x", "file:///etc", "s3://mine"])
def test_an_object_store_that_was_not_opened_is_refused(folder: str) -> None:
    problem = place_problem(watch(folder=folder), (Path("/nowhere"),), ["s3://mine/in/"])
    assert problem is not None
    assert problem.where == "source.folder"


def test_within_an_opened_folder_of_a_store_everything_may_be_watched() -> None:
    for folder in ("s3://mine/in", "s3://mine/in/", "s3://mine/in/deeper"):
        assert place_problem(watch(folder=folder), (Path("/nowhere"),), ["s3://mine/in"]) is None


def test_a_store_without_its_package_or_its_folder_is_told() -> None:
    for folder, words in (("nostore://a", "cannot read `nostore://`"), (f"memory://{uuid.uuid4().hex}", "no folder")):
        with pytest.raises(CannotLook) as caught:
            look(watch(folder=folder), (Path("/nowhere"),), Stop(), [folder])
        assert words in str(caught.value)


@given(
    st.lists(st.sampled_from(["a", "b.csv", ".h"]), min_size=1, max_size=3),
    st.sampled_from(["*", "*.csv", "a/*", "**/*.csv", "**", "**/a/*", ".h", "?", "a/**/b.csv"]),
)
def test_patterns_mean_the_same_in_a_store_and_on_disk(parts: list[str], pattern: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        path = home.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        on_disk = look(watch(folder=".", pattern=pattern), (home,), Stop())
        assert bool(on_disk) == fits(parts, pattern.split("/"))
