"""Approvals from the question to the outcome, on both databases: stored, mailed, answered, edited, cancelled."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from onecloud.access import actions as access
from onecloud.access.model import GroupFields
from onecloud.approvals import actions, rules
from onecloud.approvals.due import minding_due, turn
from onecloud.approvals.model import Answered, Approval, ApprovalState, Ask, Asked, Overdue, Skipped, Waiting
from onecloud.approvals.uploads import actions as uploads
from onecloud.connector.context import FileRef
from onecloud.kernel.errors import Conflict, Forbidden, Invalid, NotFound, OneCloudError
from onecloud.kernel.permission import Level, Place
from onecloud.notify.store import deliveries as notify_store
from tests.access.world import make_world
from tests.approvals.conftest import Room, Told

DAY = timedelta(days=1)
ALL = ("bob@example.com", "cleo@example.com", "dan@example.com")
FILE = FileRef(name="report.csv", blob="runs/7/report.csv", size_bytes=3)


async def test_a_question_is_stored_whole_and_mailed_to_whoever_is_asked(room: Room) -> None:
    opened = await room.ask(*ALL[:2], requesters=("ada@example.com",), attachments=(FILE,), due=DAY / 2)
    assert opened == await room.see(opened)
    assert [type(seat.standing) for seat in opened.seats] == [Asked, Waiting]
    assert opened.due == DAY / 2
    assert await room.mails() == [("bob", "Approval asked: Sign the report")]
    async with room.ground.database.transaction() as db:
        (letter,) = await notify_store.claim(db, 9, DAY, DAY)
    assert letter.letter.attachments[0].name == "report.csv"
    assert "All of March" in letter.letter.text
    assert (letter.letter.run_id, letter.letter.chain_id) == (7, 3)


async def test_an_attempt_asks_once_however_often_the_engine_calls(room: Room) -> None:
    first = await room.ask(ALL[0])
    second = await room.ask(ALL[1], title="Something else")
    assert second == first
    together = await asyncio.gather(*(room.ask(*ALL, type="flat", run=8) for _ in range(5)))
    assert len({one.id for one in together}) == 1
    assert [to for to, _ in await room.mails()] == ["bob", "bob", "cleo", "dan"]


async def test_after_a_crash_the_engine_learns_what_was_answered_meanwhile(room: Room) -> None:
    opened = await room.ask(ALL[0])
    await room.answer("bob", opened)
    again = await room.ask(ALL[0])
    outcome = rules.outcome(again)
    assert outcome is not None
    assert outcome.status == "approved"
    assert len(await room.outcomes()) == 1


async def test_a_server_without_an_address_of_its_own_says_so_in_the_mail(room: Room) -> None:
    room.ground = type(room.ground)(
        room.ground.settings.model_copy(update={"public_url": ""}), room.ground.database, room.ground.keys
    )
    await room.ask(ALL[0])
    async with room.ground.database.transaction() as db:
        (letter,) = await notify_store.claim(db, 9, DAY, DAY)
    assert "ONECLOUD_PUBLIC_URL" in letter.letter.text
    assert "oc_ap_" not in letter.letter.text


async def test_sequential_answers_lead_to_the_outcome_and_everybody_is_told(room: Room) -> None:
    opened = await room.ask(*ALL[:2], requesters=("ada@example.com", "dan@example.com"))
    with pytest.raises(Conflict, match="Others are asked first: Bob"):
        await room.answer("cleo", opened)
    await room.answer("bob", opened, comment="Looks good")
    assert await room.outcomes() == []
    done = await room.answer("cleo", opened)
    assert done == await room.see(opened)
    assert done.state == "approved"
    assert await room.outcomes() == [("7/sign//1", "approved")]
    assert await room.mails() == [
        ("bob", "Approval asked: Sign the report"),
        ("cleo", "Approval asked: Sign the report"),
        ("ada", "Approved: Sign the report"),
        ("dan", "Approved: Sign the report"),
    ]
    answers = await room.trail("approval.answer")
    assert [(one.owner_id, one.parameters) for one in answers] == [
        (str(room.who("bob").user_id), {"verdict": "accept", "via": "web"}),
        (str(room.who("cleo").user_id), {"verdict": "accept", "via": "web"}),
    ]
    assert [len(await room.trail(f"approval.{what}")) for what in ("open", "settle")] == [1, 1]


async def test_when_the_run_cannot_be_told_the_answer_does_not_count(room: Room) -> None:
    opened = await room.ask(ALL[0])
    room.told = Told(fails=True)
    with pytest.raises(RuntimeError):
        await room.answer("bob", opened)
    assert await room.see(opened) == opened
    assert await room.outcomes() == []
    room.told = Told()
    assert (await room.answer("bob", opened, "reject")).state == "rejected"


async def test_of_two_answers_at_once_each_counts_once(room: Room) -> None:
    opened = await room.ask(*ALL, type="flat")

    async def one(who: str) -> Approval | OneCloudError:
        try:
            return await room.answer(who, opened)
        except OneCloudError as error:
            return error

    came = await asyncio.gather(*(one(who) for who in ("bob", "cleo", "dan", "bob", "cleo", "dan")))
    refused = [error.code for error in came if isinstance(error, OneCloudError)]
    assert refused == ["approval.answered"] * 3
    assert (await room.see(opened)).state == "approved"
    assert len(await room.outcomes()) == 1


async def test_time_escalates_once_however_many_servers_look(room: Room) -> None:
    opened = await room.ask(*ALL[:2], due=DAY, requesters=("ada@example.com",))
    assert await turn(room.ground, room.told) == 0
    await room.pass_time(DAY)
    changed = await asyncio.gather(*(turn(room.ground, room.told) for _ in range(4)))
    assert sorted(changed) == [0, 0, 0, 1]
    now = await room.see(opened)
    assert [type(seat.standing) for seat in now.seats] == [Overdue, Asked]
    with pytest.raises(Conflict, match="time for Bob to answer ended"):
        await room.answer("bob", opened)
    await room.pass_time(DAY)
    assert await turn(room.ground, room.told) == 1
    assert (await room.see(opened)).text == "Not answered in time by Cleo."
    assert await room.outcomes() == [("7/sign//1", "expired")]
    assert [to for to, _ in await room.mails()] == ["bob", "cleo", "ada"]
    await room.pass_time(DAY)
    assert await turn(room.ground, room.told) == 0


async def test_the_loop_does_what_is_due_and_ends_when_it_is_told_to(room: Room) -> None:
    opened = await room.ask(ALL[0])
    await room.pass_time(30 * DAY)
    async with asyncio.timeout(30):
        async with minding_due(room.ground, room.told):
            while (await room.see(opened)).state == "open":
                await asyncio.sleep(0.01)
    assert await room.outcomes() == [("7/sign//1", "expired")]
    assert len(asyncio.all_tasks()) == 1


async def test_one_fault_does_not_hold_up_the_others_that_are_due(room: Room) -> None:
    class Picky(Told):
        async def settled(self, db: object, asked: Ask, outcome: object) -> None:
            if asked.run_id == 1:
                raise RuntimeError("this run cannot be told")
            await Told.settled(self, db, asked, outcome)  # pyright: ignore[reportArgumentType] - handed through

    first, second = await room.ask(ALL[0], run=1), await room.ask(ALL[0], run=2)
    await room.pass_time(30 * DAY)
    assert await turn(room.ground, Picky()) == 1
    assert [(await room.see(one)).state for one in (first, second)] == ["open", "expired"]
    assert await turn(room.ground, room.told) == 1


async def test_an_edit_keeps_answers_and_asks_whom_it_adds(room: Room) -> None:
    opened = await room.ask(*ALL[:2])
    await room.answer("bob", opened, comment="ok")
    async with room.ground.database.transaction() as db:
        edited = await actions.edit(
            db, room.ground, room.told, room.who("ada"), opened.id, skip=[2], add=["DAN@example.com"], due=3 * DAY
        )
    assert edited == await room.see(opened)
    assert [type(seat.standing) for seat in edited.seats] == [Answered, Skipped, Asked]
    assert [to for to, _ in await room.mails()] == ["bob", "cleo", "dan"]
    (trail,) = await room.trail("approval.edit")
    assert trail.parameters == {"skipped": ["cleo@example.com"], "added": ["dan@example.com"], "due_days": 3.0}
    assert (await room.answer("dan", opened)).state == "approved"


async def test_only_who_has_admin_on_the_chain_edits(room: Room) -> None:
    opened = await room.ask(ALL[0])

    async def edit(who: str) -> Approval:
        async with room.ground.database.transaction() as db:
            return await actions.edit(
                db, room.ground, room.told, room.who(who), opened.id, skip=[], add=["dan@example.com"], due=None
            )

    with pytest.raises(Forbidden, match="permission `admin` on the chain 3"):
        await edit("bob")
    with pytest.raises(NotFound):
        await edit("cleo")
    cleo = room.who("cleo")
    room.people["cleo"] = type(cleo)(
        cleo.user_id, cleo.email, cleo.name, is_admin=False, via="session", grants={Place(1, 2): Level.ADMIN}
    )
    assert len((await edit("cleo")).seats) == 2


async def test_an_edit_with_somebody_unknown_changes_nothing(room: Room) -> None:
    opened = await room.ask(ALL[0])
    with pytest.raises(Invalid, match=r"eve@example\.com is not the email of a user"):
        async with room.ground.database.transaction() as db:
            await actions.edit(
                db, room.ground, room.told, room.who("ada"), opened.id, skip=[1], add=["eve@example.com"], due=None
            )
    assert await room.see(opened) == opened


async def test_whoever_may_not_see_an_approval_is_told_that_there_is_none(room: Room) -> None:
    opened = await room.ask(ALL[0], requesters=("cleo@example.com",))
    for who in ("ada", "bob", "cleo"):
        assert (await room.see(opened, who)).id == opened.id
    with pytest.raises(NotFound):
        await room.see(opened, "dan")
    with pytest.raises(Forbidden):
        await room.answer("cleo", opened)
    with pytest.raises(Forbidden):
        await room.answer("ada", opened)


async def test_people_must_be_users_who_may_sign_in(room: Room) -> None:
    async with room.ground.database.transaction() as db:
        await access.set_disabled(db, None, room.who("dan").user_id, disabled=True)
    with pytest.raises(Invalid) as refused:
        await room.ask("eve@example.com", "dan@example.com", "Runtime User", requesters=("nobody",))
    assert [(problem.where, problem.message) for problem in refused.value.problems] == [
        ("approvers", "eve@example.com is not the email of a user of this server."),
        ("approvers", "The user dan@example.com is disabled."),
        ("approvers", "Runtime User is named, and nobody started this run."),
        ("requesters", "nobody is not the email of a user of this server."),
    ]
    with pytest.raises(Invalid, match="Nobody is named"):
        await room.ask()
    assert await room.mails() == []


async def test_runtime_user_is_whoever_started_the_run(room: Room) -> None:
    opened = await room.ask("runtime user", "bob@example.com", requesters=("Runtime User",), started_by="bob")
    assert [seat.person.name for seat in opened.seats] == ["Bob"]
    assert [person.name for person in opened.requesters] == ["Bob"]
    alone = await room.ask("bob@example.com", requesters=("Runtime User", "ada@example.com"), run=8)
    assert [person.name for person in alone.requesters] == ["Ada"]


async def test_a_run_that_ended_asks_nobody_any_more(room: Room) -> None:
    opened, other = await room.ask(ALL[0]), await room.ask(ALL[0], run=8)
    async with room.ground.database.transaction() as db:
        await actions.cancel_for_run(db, 7)
    assert (await room.see(opened)).state == "cancelled"
    with pytest.raises(Conflict, match="The run that asked has ended"):
        await room.answer("bob", opened)
    await room.pass_time(30 * DAY)
    async with room.ground.database.transaction() as db:
        await actions.cancel_ask(db, Ask(8, "sign", "", 1))
        await actions.cancel_ask(db, Ask(8, "sign", "", 2))
    assert await turn(room.ground, room.told) == 0
    assert (await room.see(other)).state == "cancelled"
    assert await room.outcomes() == []
    assert len(await room.trail("approval.cancel")) == 2


async def test_the_inbox_shows_what_waits_for_me_and_the_list_what_i_may_see(room: Room) -> None:
    mine = await room.ask("bob@example.com", run=1)
    later = await room.ask("cleo@example.com", "bob@example.com", run=2)
    told = await room.ask("cleo@example.com", run=3, requesters=("bob@example.com",))
    await room.ask("cleo@example.com", run=4)

    async def shown(who: str, *, mine: bool, state: ApprovalState | None = "open") -> list[int]:
        async with room.ground.database.reading() as db:
            found, _ = await actions.list_approvals(
                db,
                room.who(who),
                state=state,
                mine=mine,
                cursor=None,
                limit=50,
            )
        return [one.ask.run_id for one in found]

    assert await shown("bob", mine=True) == [1]
    assert await shown("bob", mine=False) == [3, 2, 1]
    assert await shown("ada", mine=True) == []
    assert await shown("ada", mine=False) == [4, 3, 2, 1]
    assert await shown("dan", mine=False) == []
    await room.answer("cleo", later)
    assert await shown("bob", mine=True) == [2, 1]
    assert await shown("cleo", mine=True) == [4, 3]
    await room.answer("bob", mine, "reject")
    await room.answer("cleo", told)
    assert await shown("bob", mine=True, state="rejected") == [1]
    assert await shown("bob", mine=False, state=None) == [3, 2, 1]


async def test_whoever_may_read_the_chain_sees_what_it_asks(room: Room) -> None:
    assert (await make_world(room.ground)).chains[2] == room.chain
    asked = await room.ask("bob@example.com", run=1)
    files = await room.ask_files("bob@example.com", run=1)
    async with room.ground.database.transaction() as db:
        group = await access.create_group(db, room.who("ada"), GroupFields("Readers"))
        await access.set_permissions(db, room.who("ada"), group.id, {Place(1, 2): Level.READ})
        await access.add_member(db, room.who("ada"), group.id, room.who("cleo").user_id)
        cleo = await access.principal_of(db, room.who("cleo").user_id, "session")
    assert cleo is not None
    async with room.ground.database.reading() as db:
        seen, _ = await actions.list_approvals(db, cleo, state=None, mine=False, cursor=None, limit=50)
        given, _ = await uploads.list_uploads(db, cleo, state=None, mine=False, cursor=None, limit=50)
        waiting, _ = await actions.list_approvals(db, cleo, state="open", mine=True, cursor=None, limit=50)
        assert await actions.get_approval(db, cleo, asked.id) == asked
    assert [one.id for one in seen] == [asked.id]
    assert [one.id for one in given] == [files.id]
    assert waiting == []


async def test_the_list_comes_page_by_page(room: Room) -> None:
    for run in range(1, 6):
        await room.ask("bob@example.com", run=run)
    seen: list[int] = []
    cursor: str | None = None
    async with room.ground.database.reading() as db:
        for _ in range(3):
            found, cursor = await actions.list_approvals(
                db, room.who("bob"), state="open", mine=True, cursor=cursor, limit=2
            )
            seen += [one.ask.run_id for one in found]
    assert (seen, cursor) == ([5, 4, 3, 2, 1], None)
