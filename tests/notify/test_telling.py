"""What the engine calls when something happened: letters at once, lines of digests, summaries by their time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import actions as access
from onecloud.access.model import GroupFields
from onecloud.kernel.errors import Conflict, Invalid, NotFound
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.secret import Secret
from onecloud.notify import actions
from onecloud.notify.model import Attachment, Happening, Letter, Notice, RunCounts
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields
from onecloud.workspaces.permits import place_of
from tests.notify.conftest import ADA, Office
from tests.notify.servers import mail_house

LONG_AGO = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)
HAPPENING = Happening("errored", 3, "Nightly load", "Finance", "PROD", 1, 7, LONG_AGO, "Load ledger", "exit code 3")
URL = "https://cloud.example.com"


async def tell(office: Office, *notices: Notice, occasion: str = "run/7/load/errored/1") -> None:
    async with office.ground.database.transaction() as db:
        happening = replace(HAPPENING, environment_id=office.environment_id)
        await actions.tell(db, office.ground.keys, URL, happening, notices, occasion)


async def lines(office: Office) -> int:
    async with office.ground.database.reading() as db:
        return len((await db.execute(text("SELECT id FROM digest_entry"))).all())


async def test_a_notice_becomes_one_letter_for_each_recipient(office: Office) -> None:
    file = Attachment("r/7/rows.csv", "rows.csv", 4, "text/csv")
    office.blobs.write("r/7/rows.csv", b"a,b\n")
    notice = Notice(to=(f"{ADA}, bob@example.com", "ADA@example.com"), text="3 rows: ok", attachments=(file,))
    async with mail_house() as house:
        office.mail_goes_to(house.port, public_url=URL)
        await tell(office, notice)
        await tell(office, notice)  # the same turn, done again after a crash
        await office.send()
    ada, bob = await office.deliveries()
    assert (ada.to, ada.state, ada.run_id, ada.chain_id) == (ADA, "sent", 7, 3)
    assert (bob.to, bob.state) == ("bob@example.com", "given_up")
    (mail,) = house.taken
    assert mail.message["Subject"] == "[PROD] Nightly load → Load ledger: errored"
    assert mail.text().startswith("3 rows: ok\n\nState: errored\n")
    assert "https://cloud.example.com/runs/7" in mail.text()
    assert 'href="https://cloud.example.com/runs/7"' in mail.html()
    assert mail.files() == {"rows.csv": b"a,b\n"}


async def test_a_message_to_a_service_goes_beside_the_mail(office: Office) -> None:
    address = Secret("json://127.0.0.1:1/t0kenOfTheChannel")
    await tell(office, Notice(to=(ADA,), text="long", apprise=address, apprise_text="short"))
    mail, message = await office.deliveries()
    assert (mail.kind, message.kind) == ("mail", "apprise")
    async with office.ground.database.reading() as db:
        texts = [row[0] for row in await db.execute(text("SELECT text FROM delivery ORDER BY id"))]
    assert texts[0].startswith("long\n\nState")
    assert texts[1].startswith("short\n\nState")


async def test_a_notice_for_nobody_is_seen_by_administrators(office: Office) -> None:
    await tell(office, Notice(to=("",)), occasion="a")
    await tell(office, Notice(faults=("`${{ workspace.OWNER }}` has no value.",)), occasion="b")
    await tell(office, Notice(apprise=Secret("not an address")), occasion="c")
    nobody, unresolved, wrong = await office.deliveries()
    assert [found.state for found in (nobody, unresolved, wrong)] == ["given_up"] * 3
    assert "names no recipient" in (nobody.last_error or "")
    assert unresolved.last_error == "`${{ workspace.OWNER }}` has no value."
    assert "no Apprise address" in (wrong.last_error or "")
    assert nobody.to == "(nobody)"


async def test_what_could_not_be_resolved_stands_in_the_letter(office: Office) -> None:
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        await tell(office, Notice(to=(ADA,), faults=("The file of `node.load.rows` is not there.",)))
        await office.send()
    assert "The file of `node.load.rows` is not there." in house.taken[0].text()
    assert "The file of `node.load.rows` is not there." in house.taken[0].html()


async def test_an_occasion_of_any_length_names_what_happened(office: Office) -> None:
    for end in ("1", "1", "2"):
        await tell(office, Notice(to=(ADA,)), Notice(to=(ADA,), digest="daily"), occasion="x" * 300 + end)
    assert len(await office.deliveries()) == 2
    assert await lines(office) == 2


async def test_a_digest_collects_and_is_sent_once(office: Office) -> None:
    digest = Notice(to=(ADA,), digest="daily")
    for number in range(3):
        await tell(office, digest, occasion=f"run/{number}")
        await tell(office, digest, occasion=f"run/{number}")
    await tell(office, Notice(to=(ADA,), digest="hourly"), occasion="run/9")
    assert await office.deliveries() == []
    assert await lines(office) == 4
    assert await actions.send_digests(office.ground) == 2
    assert await actions.send_digests(office.ground) == 0
    assert await lines(office) == 0
    assert sorted(found.subject for found in await office.deliveries()) == [
        "Daily digest: 3 errored",
        "Hourly digest: 1 errored",
    ]


async def test_a_digest_that_is_not_due_waits(office: Office) -> None:
    async with office.ground.database.transaction() as db:
        late = replace(HAPPENING, at=datetime.now(UTC) + timedelta(minutes=1))
        await actions.tell(db, office.ground.keys, URL, late, [Notice(to=(ADA,), digest="hourly")], "run/1")
    assert await actions.send_digests(office.ground) == 0
    assert await lines(office) == 1


async def test_digests_go_to_services_too_and_keep_the_address_sealed(office: Office) -> None:
    address = Secret("json://127.0.0.1:1/t0kenOfTheChannel")
    for number in range(2):  # sealing gives another text each time, and still it is one recipient
        await tell(office, Notice(apprise=address, digest="hourly"), occasion=f"run/{number}")
    async with office.ground.database.reading() as db:
        stored = repr([tuple(row) for row in await db.execute(text("SELECT * FROM digest_entry"))])
    assert "t0kenOfTheChannel" not in stored
    assert await actions.send_digests(office.ground) == 1
    found = await office.delivery()
    assert (found.kind, found.subject) == ("apprise", "Hourly digest: 2 errored")


async def test_what_a_digest_cannot_hold_is_seen_by_administrators(office: Office) -> None:
    await tell(office, Notice(to=(ADA,), digest="daily", faults=("One recipient has no value.",)), occasion="a")
    await tell(office, Notice(apprise=Secret("nothing"), digest="daily"), occasion="b")
    assert await lines(office) == 1
    first, second = await office.deliveries()
    assert first.last_error == "One recipient has no value."
    assert "no Apprise address" in (second.last_error or "")


async def reader(office: Office, email: str) -> Place:
    """A person without the administrator right; gives the place that they may be given a right on."""
    async with office.ground.database.transaction() as db:
        person = await access.create_admin(db, email, "correct-horse-1")
        await access.set_admin(db, None, person.id, is_admin=False)
        return await place_of(db, office.environment_id)


async def grant(office: Office, email: str, *places: Place) -> None:
    """Give the person the right to read these, and nothing else."""
    async with office.ground.database.transaction() as db:
        person = await access.user_by_email(db, email)
        group = await access.create_group(db, None, GroupFields(f"Readers {len(places)}"))
        await access.set_permissions(db, None, group.id, dict.fromkeys(places, Level.READ))
        await access.add_member(db, None, group.id, person.id)


async def test_only_who_may_see_the_chain_is_told(office: Office) -> None:
    place = await reader(office, "bob@example.com")
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        await tell(office, Notice(to=("bob@example.com",)), occasion="before")
        await office.send()
        hidden = await office.delivery()
        assert hidden.state == "given_up"
        assert "may not see the chain" in (hidden.last_error or "")
        await grant(office, "bob@example.com", place)
        await tell(office, Notice(to=("bob@example.com",)), occasion="after")
        await office.send()
    assert [mail.recipients for mail in house.taken] == [["bob@example.com"]]


async def test_a_digest_leaves_out_chains_that_its_reader_may_not_see(office: Office) -> None:
    place = await reader(office, "bob@example.com")
    digest = Notice(to=("bob@example.com",), digest="daily")
    await tell(office, digest, occasion="a")
    assert await actions.send_digests(office.ground) == 1
    first = await office.delivery()
    assert (first.state, "may not see the chain" in (first.last_error or "")) == ("given_up", True)
    await grant(office, "bob@example.com", place)
    await tell(office, digest, occasion="b")
    async with office.ground.database.transaction() as db:
        elsewhere = await workspaces.create_environment(db, None, place.workspace_id, EnvironmentFields("SECRET"))
        other = replace(HAPPENING, environment_id=elsewhere.id, chain_id=99, chain="Other")
        await actions.tell(db, office.ground.keys, URL, other, [digest], "c")
    assert await actions.send_digests(office.ground) == 1
    second = (await office.deliveries())[1]
    assert (second.state, second.subject) == ("queued", "Daily digest: 1 errored")


async def test_a_letter_about_an_environment_that_is_gone_goes_nowhere(office: Office) -> None:
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        await office.queue(Letter(ADA, "s", "t", environment_id=999, chain_id=1))
        await office.send()
    assert house.taken == []
    assert (await office.delivery()).state == "given_up"


# --- summaries ---


async def count(_db: AsyncSession, _environment_id: int, start: datetime, end: datetime) -> RunCounts:
    assert end - start == timedelta(days=1)
    return RunCounts(succeeded=4, errored=1)


async def test_a_summary_is_sent_when_its_moment_has_come_and_only_once(office: Office) -> None:
    place = office.environment_id
    async with office.ground.database.transaction() as db:
        made = await actions.create_summary(
            db, office.ground.keys, office.admin, place, "daily", email="Ada@Example.com"
        )
    assert made.recipient.shown == ADA
    assert made.next_at > datetime.now(UTC) - timedelta(minutes=1)
    assert await actions.send_summaries(office.ground, count) == 0
    async with office.ground.database.transaction() as db:
        await db.execute(text("UPDATE summary SET next_at = '2026-01-05 09:00:00.000000'"))
    assert await actions.send_summaries(office.ground, count) == 1
    assert await actions.send_summaries(office.ground, count) == 0
    found = await office.delivery()
    assert found.subject.startswith("Finance / PROD: 5 runs, 4 succeeded, 1 failed (")
    async with office.ground.database.reading() as db:
        (after,), _ = await actions.list_summaries(db, None, 50)
    assert after.next_at > datetime.now(UTC) - timedelta(minutes=1)


async def test_a_summary_has_a_recipient_that_can_be_told(office: Office) -> None:
    place = office.environment_id
    async with office.ground.database.transaction() as db:
        with pytest.raises(Invalid, match="notifications go to users only"):
            await actions.create_summary(db, office.ground.keys, office.admin, place, "daily", email="eve@x.example")
        with pytest.raises(Invalid, match="no Apprise address"):
            await actions.create_summary(db, office.ground.keys, office.admin, place, "daily", apprise=Secret("slack"))
        with pytest.raises(NotFound):
            await actions.create_summary(db, office.ground.keys, office.admin, 999, "daily", email=ADA)


async def test_nobody_is_subscribed_twice(office: Office) -> None:
    place = office.environment_id
    keys, address = office.ground.keys, Secret("json://127.0.0.1:1/t0ken")
    async with office.ground.database.transaction() as db:
        await actions.create_summary(db, keys, office.admin, place, "daily", apprise=address)
        weekly = await actions.create_summary(db, keys, office.admin, place, "weekly", apprise=address)

    async def again() -> None:
        async with office.ground.database.transaction() as db:
            await actions.create_summary(db, keys, office.admin, place, "daily", apprise=address)

    async def change() -> None:
        async with office.ground.database.transaction() as db:
            await actions.change_summary(db, keys, office.admin, weekly.id, frequency="daily")

    for act in (again, change):
        with pytest.raises(Conflict) as refused:
            await act()
        assert refused.value.code == "summary.exists"
        assert "t0ken" not in refused.value.message
