"""Runtime uploads: what is asked, which files are taken, how it ends; rules first, then both databases."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.approvals.due import turn
from onecloud.approvals.model import Ask, Person
from onecloud.approvals.uploads import actions, receive, rules
from onecloud.approvals.uploads.model import Upload, UploadedFile, UploadRequest
from onecloud.approvals.uploads.rules import MEGABYTE
from onecloud.chains.events.upload import UploadOutputs
from onecloud.connector.context import FileRef
from onecloud.infra.settings import Settings
from onecloud.kernel.errors import Conflict, Forbidden, Invalid, NotFound, OneCloudError
from onecloud.kernel.permission import Level, Place
from tests.approvals.conftest import Room
from tests.approvals.make import ASK, DAY, NOON, ORIGIN, person

BOB = person(1)


def upload(*names: str, **more: object) -> Upload:
    """An upload that was asked for at noon, with files of these names."""
    asked = Upload(
        id=1,
        ask=ASK,
        origin=ORIGIN,
        title="Give the figures",
        details="",
        people=(BOB, person(2)),
        endings=(),
        most_files=3,
        due_at=NOON + DAY,
        files=tuple(given_file(number, name) for number, name in enumerate(names, 1)),
        state="open",
        opened_at=NOON,
    )
    return replace(asked, **more)  # pyright: ignore[reportArgumentType] - whatever a test changes


def given_file(number: int, name: str) -> UploadedFile:
    return UploadedFile(number, FileRef(name=name, blob=f"b/{number}", size_bytes=1), BOB, NOON)


ways = st.sampled_from(["complete", "decline", "expire", "cancel"])


@given(st.lists(st.tuples(ways, st.integers(0, 20)), max_size=8), st.booleans())
def test_an_upload_ends_once_and_never_after_its_time(
    steps: list[tuple[str, int]],
    has_file: bool,
) -> None:
    before, now = upload(*(["a.csv"] if has_file else [])), NOON
    for way, hours in steps:
        now += timedelta(hours=hours)
        try:
            after = {
                "complete": lambda b=before, n=now: rules.completed(b, BOB, "", n),
                "decline": lambda b=before, n=now: rules.declined(b, BOB, "no", n),
                "expire": lambda b=before, n=now: rules.expire(b, n),
                "cancel": lambda b=before, n=now: rules.cancelled(b, n),
            }[way]()
        except OneCloudError:
            assert before.state != "open" or now >= before.due_at or not has_file
            continue
        if before.state != "open":
            assert after is before
        if after.state in ("completed", "declined") and before.state == "open":
            assert now < before.due_at
        if after.state == "expired" and before.state == "open":
            assert now >= before.due_at
        assert after.files == before.files
        outcome = rules.outcome(after)
        assert (outcome is None) == (after.state in ("open", "cancelled"))
        if outcome is not None:
            UploadOutputs.model_validate(outcome.outputs)
            assert (outcome.exit_code == 0) == (after.state == "completed")
            assert bool(outcome.outputs["files"]) == (after.state == "completed")
        before = after


@given(st.text(max_size=260))
def test_a_name_that_is_taken_is_one_part_of_a_path(name: str) -> None:
    try:
        taken = rules.check_file(upload(), name)
    except Invalid:
        return
    path = Path("/store") / f"1-{taken}"
    assert path.name == f"1-{taken}"
    assert len(os.fsencode(f"123456-0123456789abcdef-{taken}.part")) <= 255
    assert taken.isprintable()


def test_only_names_with_a_wanted_ending_are_taken_each_once_and_not_too_many() -> None:
    wanted = upload("a.csv", endings=(".csv", ".tar.gz"))
    assert rules.check_file(wanted, "B.CSV") == "B.CSV"
    assert rules.check_file(wanted, "x.tar.gz") == "x.tar.gz"
    for name, code in (
        ("b.gz", "upload.file_name"),
        ("csv", "upload.file_name"),
        ("../a.csv", "upload.file_name"),
        ("A.csv", "upload.same_name"),
        ("", "upload.file_name"),
        ("a" * 300 + ".csv", "upload.file_name"),
    ):
        with pytest.raises(OneCloudError) as refused:
            rules.check_file(wanted, name)
        assert refused.value.code == code
    with pytest.raises(Conflict, match="at most 3 files"):
        rules.check_file(upload("a", "b", "c"), "d")


def test_endings_are_written_in_any_way_people_do() -> None:
    assert rules.endings_in("csv, *.XLSX;.tar.gz .csv") == (".csv", ".xlsx", ".tar.gz")
    assert rules.endings_in(["csv", ""]) == (".csv",)
    assert rules.endings_in("") == ()


def test_a_faulty_request_names_every_fault() -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_request(UploadRequest("t", "", (), (".c s", "." * 3), 101, timedelta(0)))
    assert [p.where for p in refused.value.problems] == ["people", "due_days", "endings", "endings", "max_files"]
    with pytest.raises(Invalid, match="at most 50"):
        rules.check_request(UploadRequest("t", "", ("a",), tuple(f".e{n}" for n in range(60))))


# --- both databases ---


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def add(room: Room, who: str, asked: Upload, name: str, *parts: bytes, announced: int | None = None) -> Upload:
    return await actions.add_file(room.ground, room.blobs, room.who(who), asked.id, name, announced, chunks(*parts))


async def see(room: Room, asked: Upload, who: str = "ada") -> Upload:
    async with room.ground.database.reading() as db:
        return await actions.get_upload(db, room.who(who), asked.id)


async def end(room: Room, who: str, asked: Upload, way: str = "complete", comment: str = "") -> Upload:
    do = actions.complete if way == "complete" else actions.decline
    async with room.ground.database.transaction() as db:
        return await do(db, room.told, room.who(who), asked.id, comment)


def stored(room: Room) -> list[str]:
    return sorted(path.name for path in room.blobs.root.rglob("*") if path.is_file())


async def test_files_come_and_the_run_goes_on_with_them(room: Room) -> None:
    asked = await room.ask_files("bob@example.com", "cleo@example.com")
    assert await room.ask_files("dan@example.com") == asked
    assert await room.mails() == [("bob", "Files asked: Give the figures"), ("cleo", "Files asked: Give the figures")]
    with pytest.raises(Conflict, match="There is no file yet"):
        await end(room, "bob", asked)
    await add(room, "bob", asked, "a.csv", b"one", b"two")
    two = await add(room, "cleo", asked, "b.bin", b"x" * 3_000_000)
    assert [(one.file.name, one.file.size_bytes, one.by.name) for one in two.files] == [
        ("a.csv", 6, "Bob"),
        ("b.bin", 3_000_000, "Cleo"),
    ]
    done = await end(room, "bob", asked, comment="as agreed")
    assert done == await see(room, asked)
    assert done.text == "Bob uploaded a.csv and b.bin."
    (told,) = await room.trail("test.settled")
    outputs = UploadOutputs.model_validate(told.parameters["outputs"])
    assert (outputs.status, outputs.by, outputs.comment) == ("completed", "bob@example.com", "as agreed")
    assert outputs.file == outputs.files[0]
    assert room.blobs.existing(outputs.files[0].blob).read_bytes() == b"onetwo"
    assert outputs.files[0].media_type == "text/csv"
    with pytest.raises(Conflict, match="No files are waited for any more"):
        await add(room, "bob", asked, "c.csv", b"late")
    with pytest.raises(Conflict):
        await end(room, "cleo", asked, "decline")
    assert len(await room.outcomes()) == 1
    assert len(stored(room)) == 2
    kinds = ("open", "add_file", "complete")
    assert [len(await room.trail(f"upload.{kind}")) for kind in kinds] == [1, 2, 1]


async def test_a_file_over_the_limit_is_refused_and_nothing_of_it_stays(room: Room) -> None:
    settings = Settings.model_validate({**room.ground.settings.model_dump(), "upload_file_mb": 1})
    room.ground = type(room.ground)(settings, room.ground.database, room.ground.keys)
    asked = await room.ask_files("bob@example.com")
    for announced in (None, MEGABYTE + 1):
        with pytest.raises(Invalid, match=r"larger than 1 MB.*ONECLOUD_UPLOAD_FILE_MB"):
            await add(room, "bob", asked, "a.csv", *[b"x" * 600_000] * 3, announced=announced)
    assert await see(room, asked) == asked
    assert stored(room) == []
    assert list(receive.folder_of(settings).iterdir()) == []
    assert (await add(room, "bob", asked, "a.csv", b"x" * MEGABYTE)).files[0].file.size_bytes == MEGABYTE


async def test_what_happens_while_a_file_comes_decides(room: Room) -> None:
    asked = await room.ask_files("bob@example.com", most_files=2)
    await add(room, "bob", asked, "first.csv", b"1")

    async def slow() -> AsyncIterator[bytes]:
        yield b"half"
        await end(room, "bob", asked)
        yield b"rest"

    with pytest.raises(Conflict, match="No files are waited for"):
        await actions.add_file(room.ground, room.blobs, room.who("bob"), asked.id, "late.csv", None, slow())
    assert [name.rpartition("-")[2] for name in stored(room)] == ["first.csv"]
    assert len((await see(room, asked)).files) == 1


async def test_of_many_files_at_once_only_as_many_are_taken_as_are_wanted(room: Room) -> None:
    asked = await room.ask_files("bob@example.com", most_files=2)
    came = await asyncio.gather(
        *(add(room, "bob", asked, f"{number}.csv", b"x") for number in range(5)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in came) == ["Conflict"] * 3 + ["Upload"] * 2
    assert len(stored(room)) == len((await see(room, asked)).files) == 2


async def test_a_file_that_breaks_off_leaves_nothing(room: Room) -> None:
    asked = await room.ask_files("bob@example.com")

    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await actions.add_file(room.ground, room.blobs, room.who("bob"), asked.id, "a.csv", None, broken())
    assert stored(room) == []
    assert list(receive.folder_of(room.ground.settings).iterdir()) == []


async def test_a_file_is_taken_out_again(room: Room) -> None:
    asked = await room.ask_files("bob@example.com")
    one = await add(room, "bob", asked, "a.csv", b"x")
    async with room.ground.database.transaction() as db:
        left, gone = await actions.remove_file(db, room.who("bob"), asked.id, one.files[0].id)
    assert (left.files, gone.file.name) == ((), "a.csv")
    with pytest.raises(NotFound):
        async with room.ground.database.transaction() as db:
            await actions.remove_file(db, room.who("bob"), asked.id, one.files[0].id)


async def test_only_who_is_asked_gives_files_and_an_administrator_of_the_chain_for_them(room: Room) -> None:
    asked = await room.ask_files("bob@example.com")
    with pytest.raises(NotFound):
        await add(room, "cleo", asked, "a.csv", b"x")
    cleo = room.who("cleo")
    for level, expected in ((Level.READ, Forbidden), (Level.ADMIN, None)):
        room.people["cleo"] = type(cleo)(
            cleo.user_id, cleo.email, cleo.name, is_admin=False, via="session", grants={Place(1): level}
        )
        assert (await see(room, asked, "cleo")).id == asked.id
        if expected:
            with pytest.raises(expected):
                await add(room, "cleo", asked, "a.csv", b"x")
        else:
            await add(room, "cleo", asked, "a.csv", b"x")
    assert (await end(room, "ada", asked)).by == Person(room.who("ada").user_id, "ada@example.com", "Ada")


async def test_an_upload_is_declined_or_expires_or_is_cancelled(room: Room) -> None:
    first, second, third = [await room.ask_files("bob@example.com", run=run) for run in (1, 2, 3)]
    await add(room, "bob", first, "a.csv", b"x")
    assert (await end(room, "bob", first, "decline", "not ready")).text == "Declined by Bob: not ready"
    async with room.ground.database.transaction() as db:
        await actions.cancel_ask(db, Ask(3, "files", "", 1))
        await actions.cancel_for_run(db, 3)
    await room.pass_time(7 * DAY)
    assert sorted(await asyncio.gather(*(turn(room.ground, room.told) for _ in range(3)))) == [0, 0, 1]
    assert [(await see(room, one)).state for one in (first, second, third)] == ["declined", "expired", "cancelled"]
    assert await room.outcomes() == [("1/files//1", "declined"), ("2/files//1", "expired")]
    (declined, expired) = await room.trail("test.settled")
    assert declined.parameters["outputs"]["files"] == expired.parameters["outputs"]["files"] == []


async def test_uploads_are_listed_for_who_is_asked(room: Room) -> None:
    mine, other = await room.ask_files("bob@example.com", run=1), await room.ask_files("cleo@example.com", run=2)
    await add(room, "bob", mine, "a.csv", b"x")
    await end(room, "bob", mine)

    async def shown(who: str, **more: object) -> list[int]:
        usual: dict[str, object] = {"state": None, "mine": False, "cursor": None, "limit": 50}
        async with room.ground.database.reading() as db:
            found, _ = await actions.list_uploads(db, room.who(who), **(usual | more))  # pyright: ignore[reportArgumentType] - shortened for the test
        return [one.id for one in found]

    assert await shown("ada") == [other.id, mine.id]
    assert await shown("ada", mine=True) == []
    assert await shown("bob") == [mine.id]
    assert await shown("bob", state="open") == []
    assert await shown("cleo", mine=True, state="open") == [other.id]
    assert await shown("dan") == []


def test_what_a_killed_server_left_half_received_is_swept_after_a_day(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert receive.sweep(settings, datetime.now(UTC)) == 0
    folder = receive.folder_of(settings)
    folder.mkdir()
    for name, age in (("old", timedelta(days=2)), ("young", timedelta(hours=1))):
        (folder / name).write_bytes(b"x")
        moment = (datetime.now(UTC) - age).timestamp()
        os.utime(folder / name, (moment, moment))
    assert receive.sweep(settings, datetime.now(UTC)) == 1
    assert [left.name for left in folder.iterdir()] == ["young"]
