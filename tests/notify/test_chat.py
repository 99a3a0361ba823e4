"""Messages by Apprise addresses to a real receiver on this machine; the address is a secret everywhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest
from sqlalchemy import text

from onecloud.kernel.errors import Invalid
from onecloud.kernel.secret import Secret
from onecloud.notify import actions
from onecloud.notify.model import Letter
from tests.notify.conftest import Office
from tests.notify.servers import talking

LETTER = Letter("", "Load: errored", "Nightly load failed.\nSee https://cloud.example.com/runs/7.", run_id=7)
TOKEN = "t0ken-Of-The-Channel"


@dataclass(slots=True)
class Receiver:
    """A service that takes messages over HTTP; it answers with `statuses`, one after another, then with 200."""

    port: int = 0
    statuses: list[int] = field(default_factory=list[int])
    taken: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")
        )
        body = (await reader.readexactly(length)).decode()
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.taken.append((head.split()[1], body))
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def receiver() -> AsyncGenerator[Receiver]:
    house = Receiver()
    async with talking(house.talk) as port:
        house.port = port
        yield house


async def queue(office: Office, address: str, letter: Letter = LETTER) -> None:
    await office.queue(actions.to_service(office.ground.keys, Secret(address), letter))


async def stored(office: Office) -> str:
    async with office.ground.database.reading() as db:
        return repr([tuple(row) for row in await db.execute(text("SELECT * FROM delivery"))])


async def test_a_message_arrives_as_json(office: Office) -> None:
    async with receiver() as house:
        await queue(office, f"json://127.0.0.1:{house.port}/{TOKEN}")
        await office.send()
    ((path, body),) = house.taken
    assert path.startswith(f"/{TOKEN}")
    message = json.loads(body)
    assert (message["title"], message["message"]) == (LETTER.subject, LETTER.text)
    sent = await office.delivery()
    assert (sent.kind, sent.state, sent.run_id) == ("apprise", "sent", 7)


async def test_a_message_arrives_as_a_form(office: Office) -> None:
    async with receiver() as house:
        await queue(office, f"form://127.0.0.1:{house.port}/hook")
        await office.send()
    ((_, body),) = house.taken
    assert parse_qs(body)["message"] == [LETTER.text]


async def test_the_address_is_nowhere_to_be_seen(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    async with receiver() as house:
        house.statuses = [403]
        await queue(office, f"json://robot:{TOKEN}@127.0.0.1:{house.port}/{TOKEN}?+X-Key={TOKEN}")
        await office.send()
    failed = await office.delivery()
    assert failed.state == "failed"
    assert failed.to.startswith("json://••• (")
    assert (failed.last_error or "").startswith("JSON did not take the message: ")
    assert "403" in (failed.last_error or "")
    captured = capsys.readouterr()
    for seen in (await stored(office), repr(failed), captured.out, captured.err):
        assert TOKEN not in seen


async def test_a_message_that_was_refused_is_tried_again(office: Office) -> None:
    async with receiver() as house:
        house.statuses = [503]
        await queue(office, f"json://127.0.0.1:{house.port}/hook")
        await office.send()
        assert (await office.delivery()).state == "failed"
        await office.let_time_pass()
        await office.send()
        assert len(house.taken) == 1
    assert (await office.delivery()).state == "sent"


async def test_a_long_text_arrives_whole_in_several_messages(office: Office) -> None:
    long = Letter("", "Long", "\n".join(f"line {number}" for number in range(9000)))
    async with receiver() as house:
        await queue(office, f"json://127.0.0.1:{house.port}/hook", long)
        await office.send()
    bodies = [json.loads(body)["message"] for _, body in house.taken]
    assert len(bodies) > 1
    assert "".join("".join(bodies).split()) == "".join(long.text.split())  # it may part at a blank


async def test_a_receiver_that_is_not_there_is_tried_again(office: Office) -> None:
    async with receiver() as house:
        port = house.port
    await queue(office, f"json://127.0.0.1:{port}/{TOKEN}")
    await office.send()
    failed = await office.delivery()
    assert failed.state == "failed"
    assert TOKEN not in (failed.last_error or "")


async def test_an_address_of_no_known_service_is_given_up_at_once(office: Office) -> None:
    await queue(office, f"nonsense://{TOKEN}")
    await office.send()
    given_up = await office.delivery()
    assert given_up.state == "given_up"
    assert "scheme is unknown" in (given_up.last_error or "")


@pytest.mark.parametrize("address", ["hello", "mailto://robot:secret@example.com", "syslog://"])
async def test_what_is_no_address_for_a_message_is_refused(office: Office, address: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.to_service(office.ground.keys, Secret(address), LETTER)
    assert refused.value.code == "notify.address"
    assert "secret@" not in refused.value.message


async def test_a_lost_key_is_said(office: Office) -> None:
    await queue(office, "json://127.0.0.1:1/hook")
    async with office.ground.database.transaction() as db:
        await db.execute(text("UPDATE delivery SET sealed_address = :x"), {"x": "AAAA" * 20})
    await office.send()
    assert "restore that key" in ((await office.delivery()).last_error or "")
