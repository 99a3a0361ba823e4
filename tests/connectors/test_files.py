"""File Utilities on real folders: reading, writing, finding, and what they refuse."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from onecloud.connector import FileRef
from onecloud.connector.testing import Ended, FakeContext, check_cancel, run_command
from onecloud.connectors import find_command


async def run(ctx: FakeContext, name: str, /, **inputs: Any) -> Ended:
    command = find_command(f"files.{name}")
    assert command is not None
    ended = await run_command(command, ctx, inputs)
    ctx.next_attempt()
    return ended


def write(ctx: FakeContext, name: str, text: str = "text") -> Path:
    path = ctx.files / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def outside(ctx: FakeContext) -> Path:
    """A folder beside the allowed one, with a file in it."""
    folder = ctx.files.parent / "outside"
    folder.mkdir()
    (folder / "private.txt").write_text("private")
    return folder


async def test_create_writes_text_as_asked(ctx: FakeContext) -> None:
    ended = await run(ctx, "create", text="Grüße\n", name="a.txt", encoding="utf-16", line_end="crlf")
    assert ctx.content(ended.outputs.file).decode("utf-16") == "Grüße\r\n"
    assert ended.outputs.file.name == "a.txt"
    assert ended.outputs.size_bytes == len("Grüße\r\n".encode("utf-16"))


async def test_create_takes_numbers_and_writes_values_as_json(ctx: FakeContext) -> None:
    assert ctx.text((await run(ctx, "create", text=12)).outputs.file) == "12"
    assert ctx.text((await run(ctx, "create", text={"a": [1]})).outputs.file) == '{\n  "a": [\n    1\n  ]\n}'


async def test_create_names_the_letter_that_an_encoding_lacks(ctx: FakeContext) -> None:
    ended = await run(ctx, "create", text="a→b", encoding="iso-8859-1")
    assert (ended.exit_code, ended.retryable) == (1, False)
    assert "'→' (character 2)" in ended.message


async def test_create_keeps_only_the_last_part_of_a_name(ctx: FakeContext) -> None:
    assert (await run(ctx, "create", name="../../etc/passwd")).outputs.file.name == "passwd"


@pytest.mark.parametrize(
    ("text", "lines", "count"),
    [
        ("", [], 0),
        ("a", ["a"], 1),
        ("a\n", ["a"], 1),
        ("a\nb", ["a", "b"], 2),
        ("a\r\nb\r\n\r\n", ["a", "b", ""], 3),
        ("\n\n", ["", ""], 2),
    ],
)
async def test_lines_are_counted_with_and_without_a_last_line_end(
    ctx: FakeContext, text: str, lines: list[str], count: int
) -> None:
    ended = await run(ctx, "list_content", file=ctx.add_file("a.txt", text))
    assert (ended.outputs.lines, ended.outputs.line_count) == (lines, count)
    assert ended.outputs.text == "\n".join(lines)
    unread = await run(ctx, "list_content", file=ctx.add_file("a.txt", text), preview_lines=0)
    assert (unread.outputs.lines, unread.outputs.line_count) == ([], count)


async def test_lines_further_down_are_given(ctx: FakeContext) -> None:
    write(ctx, "long.txt", "".join(f"line {n}\n" for n in range(100)))
    ended = await run(ctx, "list_content", file="long.txt", offset=98, preview_lines=5)
    assert (ended.outputs.lines, ended.outputs.line_count) == (["line 98", "line 99"], 100)
    default = await run(ctx, "list_content", file="long.txt")
    assert len(default.outputs.lines) == 25


async def test_a_preview_that_is_too_large_names_its_limit(ctx: FakeContext) -> None:
    write(ctx, "one-line.txt", "x" * 4_000_001)
    ended = await run(ctx, "list_content", file="one-line.txt")
    assert "4,000,000 characters" in ended.message
    skipped = await run(ctx, "list_content", file="one-line.txt", offset=1)
    assert skipped.outputs.line_count == 1


async def test_text_in_another_encoding_is_a_sentence(ctx: FakeContext) -> None:
    ended = await run(ctx, "list_content", file=ctx.add_file("a.txt", b"\xffabc"))
    assert ended.exit_code == 1
    assert "encoding" in ended.message


async def test_files_go_from_disk_into_the_store_and_back(ctx: FakeContext) -> None:
    write(ctx, "in/a.csv", "1")
    write(ctx, "in/b.csv", "22")
    stored = await run(ctx, "copy", file="in/*.csv")
    assert [file.name for file in stored.outputs.files] == ["a.csv", "b.csv"]
    assert stored.outputs.file == stored.outputs.files[0]
    delivered = await run(ctx, "copy", file=[f.model_dump() for f in stored.outputs.files], destination="out/")
    assert delivered.outputs.paths == ["out/a.csv", "out/b.csv"]
    assert delivered.outputs.file is None
    assert (ctx.files / "out/b.csv").read_text() == "22"


async def test_one_file_is_copied_to_the_path_that_is_given(ctx: FakeContext) -> None:
    ended = await run(ctx, "copy", file=ctx.add_file("a.txt", "x"), destination="reports/2024/jan.txt")
    assert ended.outputs.paths == ["reports/2024/jan.txt"]
    renamed = await run(ctx, "copy", file="reports/2024/jan.txt", destination="reports/", name="feb.txt")
    assert renamed.outputs.paths == ["reports/feb.txt"]


async def test_copy_keeps_the_folders_below_a_double_star(ctx: FakeContext) -> None:
    write(ctx, "in/2023/a.csv")
    write(ctx, "in/2024/a.csv")
    write(ctx, "in/a.csv")
    write(ctx, "in/.hidden.csv")
    ended = await run(ctx, "copy", file="in/**/*.csv", destination="out")
    assert ended.outputs.paths == ["out/2023/a.csv", "out/2024/a.csv", "out/a.csv"]


async def test_copy_does_not_overwrite_unless_told(ctx: FakeContext) -> None:
    write(ctx, "a.txt", "new")
    write(ctx, "out/a.txt", "old")
    write(ctx, "out/b.txt", "other")
    write(ctx, "b.txt", "new")
    refused = await run(ctx, "copy", file=["b.txt", "a.txt"], destination="out")
    assert refused.exit_code == 5
    assert (ctx.files / "out/b.txt").read_text() == "other"
    done = await run(ctx, "copy", file="a.txt", destination="out", overwrite=True)
    assert done.means == "success"
    assert (ctx.files / "out/a.txt").read_text() == "new"
    assert [path.name for path in (ctx.files / "out").iterdir() if path.name.startswith(".")] == []


async def test_two_files_never_become_one(ctx: FakeContext) -> None:
    first, second = ctx.add_file("a.txt", "1"), ctx.add_file("a.txt", "2")
    ended = await run(ctx, "copy", file=[first, second], destination="out")
    assert ended.exit_code == 1
    assert "out/a.txt" in ended.message


@pytest.mark.parametrize(("when", "means"), [("succeed", "success"), ("warn", "warning"), ("fail", "error")])
@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("copy", {"file": "*.none"}),
        ("move", {"path": "*.none", "destination": "out/"}),
        ("delete", {"path": "*.none"}),
        ("find", {"pattern": "*.none"}),
    ],
)
async def test_finding_nothing_ends_as_asked(
    ctx: FakeContext, name: str, inputs: dict[str, str], when: str, means: str
) -> None:
    assert (await run(ctx, name, **inputs, when_nothing=when)).means == means


async def test_move_renames_files_and_folders(ctx: FakeContext) -> None:
    write(ctx, "in/a.txt")
    write(ctx, "in/b.txt")
    moved = await run(ctx, "move", path="in/?.txt", destination="done/")
    assert moved.outputs.paths == ["done/a.txt", "done/b.txt"]
    assert list((ctx.files / "in").iterdir()) == []
    folder = await run(ctx, "move", path="done", destination="archive/2024")
    assert folder.outputs.paths == ["archive/2024"]
    assert (ctx.files / "archive/2024/a.txt").exists()


async def test_move_refuses_taken_names_and_itself(ctx: FakeContext) -> None:
    write(ctx, "a.txt", "a")
    write(ctx, "b.txt", "b")
    assert (await run(ctx, "move", path="a.txt", destination="b.txt")).exit_code == 5
    assert (await run(ctx, "move", path=".", destination="sub/")).exit_code == 1
    write(ctx, "in/x.txt")
    assert (await run(ctx, "move", path="in", destination="in/deeper")).exit_code == 1
    assert (ctx.files / "b.txt").read_text() == "b"


async def test_move_carries_everything_to_another_disk(ctx: FakeContext, monkeypatch: pytest.MonkeyPatch) -> None:
    write(ctx, "in/deep/a.txt", "content")
    (ctx.files / "in/link").symlink_to("deep/a.txt")
    renames = Path.replace

    def replace(self: Path, target: str | Path) -> Path:
        if self.suffix != ".part":
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(self))
        return renames(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    ended = await run(ctx, "move", path="in", destination="out")
    monkeypatch.undo()
    assert ended.means == "success", ended.message
    assert (ctx.files / "out/link").read_text() == "content"
    assert (ctx.files / "out/link").is_symlink()
    assert not (ctx.files / "in").exists()


async def test_delete_wants_to_be_told_about_folders(ctx: FakeContext) -> None:
    write(ctx, "tmp/a.txt")
    write(ctx, "tmp/sub/b.txt")
    refused = await run(ctx, "delete", path="tmp/*")
    assert refused.exit_code == 6
    assert (ctx.files / "tmp/a.txt").exists()
    skipped = await run(ctx, "delete", path="tmp/*", folders="skip")
    assert (skipped.outputs.deleted_files, skipped.outputs.deleted_folders) == (["tmp/a.txt"], [])
    everything = await run(ctx, "delete", path="tmp", folders="delete")
    assert everything.outputs.deleted_files == ["tmp/sub/b.txt"]
    assert everything.outputs.deleted_folders == ["tmp/sub", "tmp"]


async def test_the_allowed_folder_itself_stays(ctx: FakeContext) -> None:
    for path in (".", "x/..", str(ctx.files)):
        assert (await run(ctx, "delete", path=path, folders="delete")).exit_code == 1
    assert ctx.files.exists()


async def test_deleting_a_link_leaves_what_it_leads_to(ctx: FakeContext, outside: Path) -> None:
    (ctx.files / "link").symlink_to(outside)
    ended = await run(ctx, "delete", path="link")
    assert ended.outputs.deleted_files == ["link"]
    assert (outside / "private.txt").exists()


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("copy", {"file": "../outside/private.txt"}),
        ("copy", {"file": "../outside/*"}),
        ("copy", {"file": "*/../../outside/*"}),
        ("copy", {"file": "leak/private.txt"}),
        ("copy", {"file": "leak/*"}),
        ("copy", {"file": "leak.txt"}),
        ("copy", {"file": "*.txt"}),
        ("copy", {"file": "own.md", "destination": "leak/"}),
        ("copy", {"file": "own.md", "destination": "../outside/"}),
        ("copy", {"file": "/etc/hostname"}),
        ("move", {"path": "own.md", "destination": "leak/x"}),
        ("move", {"path": "leak/private.txt", "destination": "x"}),
        ("delete", {"path": "leak/private.txt"}),
        ("delete", {"path": "../outside", "folders": "delete"}),
        ("find", {"folder": "leak"}),
        ("find", {"pattern": "../*"}),
        ("zip", {"files": "leak/private.txt"}),
        ("stack", {"files": "leak.txt"}),
        ("checksum", {"file": "leak.txt"}),
        ("list_content", {"file": "leak.txt"}),
    ],
)
async def test_nothing_leaves_the_allowed_folders(
    ctx: FakeContext, outside: Path, name: str, inputs: dict[str, str]
) -> None:
    write(ctx, "own.md")
    (ctx.files / "leak").symlink_to(outside)
    (ctx.files / "leak.txt").symlink_to(outside / "private.txt")
    ended = await run(ctx, name, **inputs)
    assert (ended.exit_code, ended.retryable) == (1, False)
    assert os.listdir(outside) == ["private.txt"]  # noqa: PTH208 - quicker than a thread


async def test_a_search_does_not_follow_links_to_folders(ctx: FakeContext, outside: Path) -> None:
    write(ctx, "a.txt")
    (ctx.files / "leak").symlink_to(outside)
    (ctx.files / "circle").symlink_to(".")
    assert (await run(ctx, "find", pattern="**/*.txt")).outputs.paths == ["a.txt"]


async def test_a_second_allowed_folder_is_named_by_its_whole_path(ctx: FakeContext, tmp_path: Path) -> None:
    other = tmp_path / "share"
    other.mkdir()
    ctx.other_folders.append(other)
    (other / "a.txt").write_text("shared")
    found = await run(ctx, "find", folder=str(other))
    assert found.outputs.paths == [str(other / "a.txt")]
    copied = await run(ctx, "copy", file=found.outputs.first_path)
    assert ctx.text(copied.outputs.file) == "shared"
    assert (await run(ctx, "delete", path=str(other), folders="delete")).exit_code == 1


async def test_find_sorts_and_filters(ctx: FakeContext) -> None:
    for name, size, day in (("b.txt", 3, 1), ("a.txt", 1, 2), ("sub/c.txt", 2, 3)):
        path = write(ctx, name, "x" * size)
        moment = datetime(2024, 1, day, tzinfo=UTC).timestamp()
        os.utime(path, (moment, moment))
    by_size = await run(ctx, "find", pattern="**/*.txt", sort="size", descending=True, first=2)
    assert by_size.outputs.paths == ["b.txt", "sub/c.txt"]
    newest = await run(ctx, "find", pattern="**/*.txt", sort="changed", descending=True)
    assert newest.outputs.first_path == "sub/c.txt"
    after = await run(ctx, "find", pattern="**", changed_after="2024-01-01T12:00:00Z", min_size_bytes=2)
    assert after.outputs.paths == ["sub/c.txt"]
    assert after.outputs.entries[0].changed_at == datetime(2024, 1, 3, tzinfo=UTC)
    assert (await run(ctx, "find", kind="folders")).outputs.paths == ["sub"]
    assert (await run(ctx, "find", folder="nowhere")).exit_code == 4


async def test_a_name_with_a_wildcard_in_it_is_taken_as_written(ctx: FakeContext) -> None:
    write(ctx, "report [1].txt", "one")
    write(ctx, "report 1.txt", "two")
    ended = await run(ctx, "copy", file="report [1].txt")
    assert ctx.text(ended.outputs.file) == "one"


async def test_stack_appends_files_as_they_are(ctx: FakeContext) -> None:
    parts = [ctx.add_file("a", "h\n1"), ctx.add_file("b", "h\n2\n"), ctx.add_file("c", "")]
    plain = await run(ctx, "stack", files=parts)
    assert ctx.text(plain.outputs.file) == "h\n1h\n2\n"
    ensured = await run(ctx, "stack", files=parts, line_break="ensure", name="all.csv")
    assert ctx.text(ensured.outputs.file) == "h\n1\nh\n2\n"
    assert (ensured.outputs.file.name, ensured.outputs.count) == ("all.csv", 3)
    assert (await run(ctx, "stack", files=[])).exit_code == 4


@pytest.mark.parametrize(
    ("algorithm", "checksum"),
    [
        ("md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("crc32", "352441c2"),
    ],
)
async def test_checksums_are_those_of_the_textbook(ctx: FakeContext, algorithm: str, checksum: str) -> None:
    ended = await run(ctx, "checksum", file=ctx.add_file("a", "abc"), algorithm=algorithm, expected=checksum.upper())
    assert (ended.outputs.checksum, ended.outputs.size_bytes) == (checksum, 3)


async def test_another_checksum_than_expected_fails(ctx: FakeContext) -> None:
    ended = await run(ctx, "checksum", file=ctx.add_file("a", "abc"), expected="00")
    assert (ended.exit_code, ended.retryable) == (3, False)


async def test_one_file_means_one_file(ctx: FakeContext) -> None:
    write(ctx, "a.txt")
    write(ctx, "b.txt")
    assert (await run(ctx, "checksum", file="*.txt")).exit_code == 1
    assert (await run(ctx, "checksum", file="c.txt")).exit_code == 4
    assert (await run(ctx, "checksum", file=".")).exit_code == 1
    gone = FileRef(name="gone.txt", blob="none", size_bytes=1)
    assert "gone.txt" in (await run(ctx, "checksum", file=gone)).message


async def test_what_the_disk_refuses_is_a_sentence_and_may_be_tried_again(ctx: FakeContext) -> None:
    write(ctx, "in/a.txt")
    write(ctx, "out", "a file where a folder should be")
    ended = await run(ctx, "copy", file="in/a.txt", destination="out/b/")
    assert (ended.exit_code, ended.retryable) == (2, True)
    assert "out" in ended.message


async def test_a_cancelled_copy_leaves_nothing_behind(ctx: FakeContext) -> None:
    with (ctx.files / "huge").open("wb") as file:
        file.truncate(1 << 36)
    command = find_command("files.copy")
    assert command is not None
    out = ctx.files / "out"
    await check_cancel(
        command, ctx, {"file": "huge", "destination": "out/"}, lambda: out.exists() and any(out.iterdir())
    )
    assert os.listdir(out) == []  # noqa: PTH208 - quicker than a thread


@pytest.mark.parametrize("path", ["a\0b/c", "circle/a", "x" * 300 + "/a"])
async def test_a_path_that_cannot_be_is_a_wrong_input(ctx: FakeContext, path: str) -> None:
    (ctx.files / "circle").symlink_to("circle")
    ended = await run(ctx, "copy", file=ctx.add_file("a", "x"), destination=path)
    assert ended.exit_code in {1, 2}
    assert (await run(ctx, "checksum", file=path)).exit_code in {1, 2, 4}
