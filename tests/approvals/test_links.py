"""The signed links of mails: bound to one approval and one person, used once, dead with what they answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onecloud.access import actions as access
from onecloud.approvals import actions, links
from onecloud.approvals.model import Answered, Approval
from onecloud.infra.crypto import Keyring
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, Invalid
from tests.approvals.conftest import Room

DAY = timedelta(days=1)


async def look(room: Room, token: str) -> str:
    """Look by a link; gives whose it is."""
    async with room.ground.database.reading() as db:
        _, seat = await actions.look_by_link(db, room.ground, token)
    return seat.person.name


async def use(room: Room, token: str, comment: str = "") -> Approval:
    """Accept by a link."""
    async with room.ground.database.transaction() as db:
        return await actions.answer_by_link(db, room.ground, room.told, token, "accept", comment)


async def test_a_link_answers_once_in_the_name_of_its_person(room: Room) -> None:
    opened = await room.ask("bob@example.com")
    token = await room.link("bob")
    for _ in range(3):  # a mail scanner may open it as often as it likes
        assert await look(room, token) == "Bob"
    assert await room.see(opened) == opened
    done = await use(room, token, "Fine by me")
    standing = done.seats[0].standing
    assert isinstance(standing, Answered)
    assert (standing.via, standing.comment) == ("mail", "Fine by me")
    assert await room.outcomes() == [("7/sign//1", "approved")]
    for again in (use, look):
        with pytest.raises(Conflict, match="Bob has accepted this already"):
            await again(room, token)
    (trail,) = await room.trail("approval.answer")
    assert (trail.owner_id, trail.parameters["via"]) == (str(room.who("bob").user_id), "mail")


async def test_links_of_one_approval_are_not_each_others(room: Room) -> None:
    opened = await room.ask("bob@example.com", "cleo@example.com", type="flat")
    bob, cleo = await room.link("bob"), await room.link("cleo")
    assert (await look(room, bob), await look(room, cleo)) == ("Bob", "Cleo")
    prefix, _, signature = bob.rpartition(".")
    for forged in (
        cleo.rpartition(".")[0] + "." + signature,
        f"oc_ap_{opened.id + 1}.1.{signature}",
        f"oc_ap_{opened.id}.9.{signature}",
        prefix + "." + "0" * 64,
        bob[:-1],
        bob + "0",
        "",
        "oc_ap_" + "9" * 19 + ".1." + signature,
        bob.upper(),
        bob.replace("1", "\N{ARABIC-INDIC DIGIT ONE}", 1),
    ):
        with pytest.raises(Invalid) as refused:
            await use(room, forged)
        assert refused.value.code == "approval.link_dead"


async def test_a_link_ends_with_the_time_and_with_the_approval(room: Room) -> None:
    await room.ask("bob@example.com", "cleo@example.com", due=DAY)
    bob = await room.link("bob")
    await room.pass_time(DAY)
    # The approval's own moment is part of what is signed, and the test has just moved it.
    with pytest.raises(Invalid):
        await look(room, bob)
    second = await room.ask("bob@example.com", run=8, due=DAY)
    token = await room.link("bob")
    async with room.ground.database.transaction() as db:
        await actions.cancel_for_run(db, second.ask.run_id)
    with pytest.raises(Conflict, match="The run that asked has ended"):
        await look(room, token)


async def test_a_link_that_is_too_late_says_so(room: Room) -> None:
    await room.ask("bob@example.com", due=timedelta(microseconds=1))
    token = await room.link("bob")
    with pytest.raises(Conflict, match="time for Bob to answer ended"):
        await use(room, token)


async def test_a_link_lives_longer_when_the_time_is_prolonged_and_dies_when_its_person_is_skipped(room: Room) -> None:
    opened = await room.ask("bob@example.com", "cleo@example.com", due=timedelta(microseconds=1))
    token = await room.link("bob")

    async def edit(skip: list[int], due: timedelta | None) -> None:
        async with room.ground.database.transaction() as db:
            await actions.edit(db, room.ground, room.told, room.who("ada"), opened.id, skip=skip, add=[], due=due)

    await edit([], DAY)
    assert await look(room, token) == "Bob"
    await edit([1], None)
    with pytest.raises(Conflict, match="taken Bob out"):
        await look(room, token)


async def test_the_links_of_somebody_who_was_disabled_are_dead(room: Room) -> None:
    await room.ask("bob@example.com")
    token = await room.link("bob")
    async with room.ground.database.transaction() as db:
        await access.set_disabled(db, None, room.who("bob").user_id, disabled=True)
    for attempt in (look, use):
        with pytest.raises(Invalid, match="not one of this server's"):
            await attempt(room, token)


async def test_a_link_outlives_a_change_of_the_key_and_not_its_loss(room: Room) -> None:
    await room.ask("bob@example.com")
    token = await room.link("bob")
    old = room.ground.keys.keys
    room.ground = Ground(room.ground.settings, room.ground.database, Keyring((b"\x02" * 32, *old)))
    assert await look(room, token) == "Bob"
    room.ground = Ground(room.ground.settings, room.ground.database, Keyring((b"\x02" * 32,)))
    with pytest.raises(Invalid):
        await look(room, token)


def test_what_a_token_names_is_read_strictly() -> None:
    with pytest.raises(Invalid):
        links.read("oc_ap_0.1." + "a" * 64)
    assert links.read("oc_ap_12.3." + "a" * 64) == (12, 3, "a" * 64)
