"""Zip and unzip, and archives that a stranger made to do harm."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from onecloud.connector import FileRef
from onecloud.connector.testing import Ended, FakeContext, run_command
from onecloud.connectors import find_command


async def run(ctx: FakeContext, name: str, /, **inputs: Any) -> Ended:
    command = find_command(f"files.{name}")
    assert command is not None
    ended = await run_command(command, ctx, inputs)
    ctx.next_attempt()
    return ended


def archive(ctx: FakeContext, *entries: tuple[str | zipfile.ZipInfo, str]) -> FileRef:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in entries:
            packed.writestr(name, text)
    return ctx.add_file("a.zip", content.getvalue())


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


async def test_what_is_packed_comes_out_again(ctx: FakeContext) -> None:
    for name in ("2023/a.csv", "2024/a.csv"):
        path = ctx.files / name
        path.parent.mkdir()
        path.write_text(name)
    packed = await run(ctx, "zip", files=["**/*.csv", ctx.add_file("a.csv", "ref"), ctx.add_file("a.csv", "again")])
    assert packed.outputs.count == 4
    assert packed.outputs.file.media_type == "application/zip"
    stored = await run(ctx, "unzip", file=packed.outputs.file)
    assert stored.outputs.names == ["2023/a.csv", "2024/a.csv", "a.csv", "a (2).csv"]
    assert [ctx.text(file) for file in stored.outputs.files] == ["2023/a.csv", "2024/a.csv", "ref", "again"]
    delivered = await run(ctx, "unzip", file=packed.outputs.file, destination="out", pattern="2024/*")
    assert delivered.outputs.paths == ["out/2024/a.csv"]
    assert (ctx.files / "out/2024/a.csv").read_text() == "2024/a.csv"


async def test_stored_files_always_give_the_same_archive(ctx: FakeContext) -> None:
    file = ctx.add_file("a.txt", "text")
    first, second = await run(ctx, "zip", files=file), await run(ctx, "zip", files=file, name="archive.zip")
    assert first.outputs.file == second.outputs.file


async def test_unzip_does_not_overwrite_unless_told(ctx: FakeContext) -> None:
    (ctx.files / "b.txt").write_text("old")
    file = archive(ctx, ("a.txt", "new"), ("b.txt", "new"))
    assert (await run(ctx, "unzip", file=file, destination=".")).exit_code == 5
    assert not (ctx.files / "a.txt").exists()
    assert (await run(ctx, "unzip", file=file, destination=".", overwrite=True)).means == "success"
    assert (ctx.files / "b.txt").read_text() == "new"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("../evil.txt", "`..`"),
        ("a/../../evil.txt", "`..`"),
        ("..\\evil.txt", "`..`"),
        ("/etc/evil.txt", "absolute"),
        ("\\evil.txt", "absolute"),
        ("C:evil.txt", "absolute"),
        ("a\\b.txt", "backslash"),
        (special("link", stat.S_IFLNK | 0o777), "a link"),
        (special("pipe", stat.S_IFIFO | 0o666), "neither"),
    ],
)
async def test_an_archive_with_an_unsafe_entry_is_refused_whole(
    ctx: FakeContext, entry: str | zipfile.ZipInfo, reason: str
) -> None:
    ended = await run(ctx, "unzip", file=archive(ctx, ("good.txt", "x"), (entry, "/etc/passwd")), destination="out/")
    assert (ended.exit_code, ended.retryable) == (1, False)
    assert reason in ended.message
    assert ctx.world() == {}


async def test_a_link_in_the_destination_does_not_lead_out(ctx: FakeContext) -> None:
    outside = ctx.files.parent / "outside"
    outside.mkdir()
    (ctx.files / "out").mkdir()
    (ctx.files / "out/sub").symlink_to(outside)
    ended = await run(ctx, "unzip", file=archive(ctx, ("sub/a.txt", "x")), destination="out")
    assert ended.exit_code == 1
    assert list(outside.iterdir()) == []


async def test_an_entry_that_is_there_twice_is_refused(ctx: FakeContext) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        file = archive(ctx, ("a.txt", "one"), ("a.txt", "two"))
    assert "twice" in (await run(ctx, "unzip", file=file)).message


async def test_too_many_entries_are_refused_by_number(ctx: FakeContext) -> None:
    file = archive(ctx, *((f"{n}.txt", "") for n in range(11)))
    assert "more than 10 entries" in (await run(ctx, "unzip", file=file, max_entries=10)).message


async def test_a_directory_far_too_large_is_refused_unread(ctx: FakeContext) -> None:
    file = archive(ctx, *((f"{n:060}.txt", "") for n in range(50)))
    assert "more than 2 entries" in (await run(ctx, "unzip", file=file, max_entries=2)).message


async def test_a_bomb_is_refused_by_what_it_says_of_itself(ctx: FakeContext) -> None:
    file = archive(ctx, ("zeros", "0" * 1_000_001))
    ended = await run(ctx, "unzip", file=file, max_total_bytes=1_000_000)
    assert "1,000,001 bytes, and 1,000,000 are allowed" in ended.message


async def test_a_bomb_that_lies_about_its_size_is_cut_off(ctx: FakeContext) -> None:
    content = bytearray(ctx.content(archive(ctx, ("zeros", "0" * 1_000_000))))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):  # the sizes in both headers
        place = content.find(mark) + at
        content[place : place + 4] = (1000).to_bytes(4, "little")
    ended = await run(ctx, "unzip", file=ctx.add_file("lies.zip", bytes(content)), max_total_bytes=10_000)
    assert ended.exit_code == 1
    assert ctx.world() == {}


def _nothing_like_it(_: bytes) -> bytes:
    return b"no archive at all"


def _half_of_it(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _one_letter_changed(content: bytes) -> bytes:
    return content.replace(b"hello", b"hallo", 1)


def _empty(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize(
    "damage",
    [
        _nothing_like_it,
        _half_of_it,
        _one_letter_changed,
        _empty,
    ],
)
async def test_a_damaged_archive_is_a_sentence(ctx: FakeContext, damage: Callable[[bytes], bytes]) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("a.txt", "hello")
    ended = await run(ctx, "unzip", file=ctx.add_file("a.zip", damage(content.getvalue())))
    assert ended.exit_code == 1
    assert "cannot be read" in ended.message


async def test_an_encrypted_archive_is_refused(ctx: FakeContext) -> None:
    content = bytearray(ctx.content(archive(ctx, ("a.txt", "x"))))
    content[content.find(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in (await run(ctx, "unzip", file=ctx.add_file("a.zip", bytes(content)))).message


async def test_nothing_that_matches_is_told(ctx: FakeContext) -> None:
    assert (await run(ctx, "unzip", file=archive(ctx, ("a.txt", "x")), pattern="*.csv")).exit_code == 4
    assert (await run(ctx, "zip", files="*.none")).exit_code == 4
