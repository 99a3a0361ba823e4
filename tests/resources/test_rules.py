"""What a resource may be called and hold, decided in values."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.infra.blobs import Blobs
from onecloud.kernel.errors import Conflict, Invalid, Stale
from onecloud.resources import rules
from onecloud.resources.incoming import receive
from onecloud.resources.model import Content, Resource, Version

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def a_resource(number: int = 3, sha256: str = "ab" * 32, *, size: int = 5, is_text: bool = True) -> Resource:
    content = Content(rules.blob_key(1, sha256), sha256, size, is_text)
    return Resource(1, 1, "rates.csv", "", NOW, Version(9, 1, number, content, "", None, "Ada", NOW))


@pytest.mark.parametrize("name", ["rates.csv", "Überweisung März.xlsx", "a", ".env", "x" * 100])
def test_a_file_name_is_taken_as_it_is(name: str) -> None:
    rules.check(name)


@pytest.mark.parametrize("name", ["", " ", "a ", "a\nb", "x" * 101, "in/rates.csv", "in\\rates.csv", ".", "..", "\x00"])
def test_what_is_no_file_name_is_refused_with_a_mend(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check(name)
    assert refused.value.code == "resource.invalid"
    assert all(problem.where == "name" and problem.mend for problem in refused.value.problems)


def test_ten_megabytes_are_taken_and_a_byte_more_is_not() -> None:
    rules.check_size(10 * 1024 * 1024)
    with pytest.raises(Invalid, match="at most 10 MB"):
        rules.check_size(10 * 1024 * 1024 + 1)


def test_the_editor_takes_text_of_up_to_256_kilobytes() -> None:
    rules.check_editable("a", a_resource(size=256 * 1024).version.content)
    with pytest.raises(Conflict, match=r"has 256\.5 KB; the editor takes at most 256 KB"):
        rules.check_editable("a", a_resource(size=256 * 1024 + 512).version.content)
    with pytest.raises(Conflict, match="not UTF-8 text"):
        rules.check_editable("a", a_resource(is_text=False).version.content)
    assert len(rules.check_text("ä" * 128 * 1024)) == 256 * 1024
    for text in ("ä" * 128 * 1024 + "a", "\x00", "\ud800"):
        with pytest.raises(Invalid):
            rules.check_text(text)


def test_a_change_made_from_an_older_version_is_refused() -> None:
    newest = a_resource(3)
    rules.check_unchanged(newest, None)
    rules.check_unchanged(newest, rules.tag(newest.version))
    with pytest.raises(Stale, match="version 3 by Ada"):
        rules.check_unchanged(newest, rules.tag(a_resource(2).version))


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.binary(min_size=32, max_size=32), st.binary(min_size=32))
def test_two_versions_share_a_tag_only_when_number_and_bytes_agree(a: int, b: int, one: bytes, two: bytes) -> None:
    first, second = a_resource(a, one.hex()), a_resource(b, two.hex())
    same = a == b and one[:8] == two[:8]
    assert (rules.tag(first.version) == rules.tag(second.version)) is same


@given(st.lists(st.binary(max_size=40), max_size=6))
async def test_what_comes_in_pieces_is_kept_whole(pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await check_kept(Blobs(Path(folder)), pieces)


async def check_kept(blobs: Blobs, pieces: list[bytes]) -> None:
    async def coming():
        for piece in pieces:
            yield piece

    whole = b"".join(pieces)
    content = await receive(coming(), blobs, 7)
    assert blobs.existing(content.blob).read_bytes() == whole
    assert content.blob == f"resources/7/{content.sha256}"
    assert content.size_bytes == len(whole)
    try:
        is_text = "\x00" not in whole.decode()
    except UnicodeDecodeError:
        is_text = False
    assert content.is_text is is_text


async def test_a_stream_that_grows_too_large_is_left_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    taken = 0

    async def endless():
        nonlocal taken
        while True:
            taken += 1
            yield bytes(1024 * 1024)

    with pytest.raises(Invalid, match="at most 10 MB"):
        await receive(endless(), Blobs(tmp_path), 7)
    assert taken == 11
    assert not [name for _, _, names in os.walk(tmp_path) for name in names]
