"""Deliveries are durable: queued with their transaction, taken once, tried again, given up, forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from onecloud.notify import actions
from onecloud.notify.model import Letter, Settled
from onecloud.notify.sender import Sender, sending
from onecloud.notify.store import deliveries as store
from tests.notify.conftest import ADA, Office
from tests.notify.servers import MailHouse, mail_house

LEASE = timedelta(minutes=5)
DAY = timedelta(days=1)


def letters(count: int) -> list[Letter]:
    return [Letter(ADA, f"Letter {number}", "text", dedupe_key=f"test/{number}") for number in range(count)]


def subjects(house: MailHouse) -> list[str]:
    return sorted(str(mail.message["Subject"]) for mail in house.taken)


async def test_a_letter_goes_only_when_its_transaction_commits(office: Office) -> None:
    class TurnedBackError(Exception):
        pass

    async def turn_back() -> None:
        async with office.ground.database.transaction() as db:
            await actions.queue(db, letters(1))
            raise TurnedBackError

    with pytest.raises(TurnedBackError):
        await turn_back()
    assert await office.deliveries() == []


async def test_the_same_letter_is_queued_once(office: Office) -> None:
    assert await office.queue(*letters(2)) == 2
    assert await office.queue(*letters(3)) == 1
    assert len(await office.deliveries()) == 3
    assert await office.queue(Letter(ADA, "no key", "a"), Letter(ADA, "no key", "a")) == 2


async def test_a_key_of_any_length_tells_letters_apart(office: Office) -> None:
    first, second = (Letter(ADA, "a", "b", dedupe_key="x" * 300 + end) for end in ("1", "2\x00"))
    assert await office.queue(first, second, first, second) == 2


async def test_a_letter_with_letters_that_no_database_holds_is_queued_all_the_same(office: Office) -> None:
    await office.queue(Letter("a\x00" + "d" * 400, "a\x00b\ud800", "a\x00b\x07\udfff", html="<p>\x00</p>"))
    found = await office.delivery()
    assert found.subject == "a b"
    assert len(found.to) == 320


async def test_servers_beside_each_other_send_each_letter_once(office: Office) -> None:
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        await office.queue(*letters(12))
        servers = [Sender(office.ground, office.blobs) for _ in range(3)]

        async def work(server: Sender) -> None:
            while await server.turn() == 0:
                pass
            await server.idle()

        await asyncio.gather(*(work(server) for server in servers))
        for server in servers:
            await server.close()
    assert subjects(house) == sorted(f"Letter {number}" for number in range(12))
    assert {found.state for found in await office.deliveries()} == {"sent"}


async def test_no_more_are_sent_at_once_than_there_are_slots(office: Office) -> None:
    async with mail_house() as house:
        office.mail_goes_to(house.port, delivery_slots=2)
        await office.queue(*letters(7))
        await office.send()
    assert len(house.taken) == 7
    assert house.most_at_once <= 2


async def test_what_a_dead_server_had_taken_is_sent_when_its_lease_ends(office: Office) -> None:
    await office.queue(*letters(1))
    async with office.ground.database.transaction() as db:
        (taken,) = await store.claim(db, 10, LEASE, DAY)
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        await office.send()
        assert house.taken == []
        assert (await office.delivery()).state == "sending"
        await office.let_time_pass()
        await office.send()
        assert len(house.taken) == 1
    async with office.ground.database.transaction() as db:  # the dead one was only slow: its result counts no more
        assert not await store.settle(db, taken, Settled("failed", None, "late"))
    found = await office.delivery()
    assert (found.state, found.attempts) == ("sent", 2)


async def test_copies_have_one_message_id(office: Office) -> None:
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        await office.queue(*letters(1))
        await office.send()
        async with office.ground.database.transaction() as db:
            await store.queue_again(db, (await office.delivery()).id)
        await office.send()
    first, second = house.taken
    assert first.message["Message-ID"] == second.message["Message-ID"]


async def test_a_delivery_is_given_up_in_the_end_and_says_so(office: Office) -> None:
    async with mail_house() as house:
        house.rcpt_answers = ["450 Later"] * 3
        office.mail_goes_to(house.port)
        await office.queue(*letters(1))
        await office.send()
        await office.let_time_pass()
        await office.send()
        await office.let_time_pass()
        await office.let_time_pass("give_up_at")
        await office.send()
        found = await office.delivery()
        assert (found.state, found.attempts, found.next_try_at) == ("given_up", 3, None)
        assert (found.last_error or "").endswith("450 Later. Given up after trying 3 times.")
        await office.let_time_pass()
        await office.send()
        assert house.tries == 3


async def test_a_queued_letter_is_sent_at_once(office: Office) -> None:
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        async with sending(office.ground, office.blobs):
            await asyncio.sleep(0)
            async with asyncio.timeout(5):  # looking comes round every ten seconds only
                await office.queue(*letters(1))
                await house.arrived.wait()
                while (await office.delivery()).state != "sent":
                    await asyncio.sleep(0.01)


async def test_a_fault_does_not_end_the_loop(office: Office) -> None:
    faults = iter([ValueError("a fault of a chore")])

    async def chore() -> None:
        for fault in faults:
            raise fault

    async with mail_house() as house:
        office.mail_goes_to(house.port)
        async with sending(office.ground, office.blobs, [chore]):
            await asyncio.sleep(0.05)
            async with asyncio.timeout(5):
                await office.queue(*letters(1))
                await house.arrived.wait()
    assert house.tries == 1


async def test_closing_cuts_off_a_slow_mail_server_and_leaves_the_letter_for_later(office: Office) -> None:
    async with mail_house() as house:
        house.hold = asyncio.Event()
        office.mail_goes_to(house.port)
        async with sending(office.ground, office.blobs), asyncio.timeout(20):
            await office.queue(*letters(1))
            await house.arrived.wait()
        house.hold.set()
    left = await office.delivery()
    assert left.state == "failed"
    assert left.next_try_at is not None
    assert left.last_error == "The server was stopped while the mail was on its way."


async def test_old_deliveries_are_forgotten_and_waiting_ones_never(office: Office) -> None:
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        await office.queue(*letters(1))
        await office.send()
        house.rcpt_answers = ["450 Later"]
        await office.queue(Letter(ADA, "waiting", "text"))
        await office.send()
        await office.let_time_pass("created_at")
        office.mail_goes_to(house.port)  # a new sender looks at once
        await office.send()
    assert [found.subject for found in await office.deliveries()] == ["waiting"]
