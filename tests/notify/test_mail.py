"""Mail to real servers on this machine: good ones, encrypted ones, unwilling and broken ones."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from onecloud.access import actions as access
from onecloud.notify.message import Envelope, compose
from onecloud.notify.model import Attachment, Letter, NotSent
from onecloud.notify.smtp import Conversation, send, server_of
from tests.notify.conftest import ADA, Office
from tests.notify.servers import PASSWORD, USER, certificate, mail_house, talking

LETTER = Letter(ADA, "Nightly load: errored", "Line one\n\nSee https://cloud.example.com/runs/7.", run_id=7, chain_id=3)


async def test_a_letter_arrives_as_text_and_html_with_its_headers(office: Office) -> None:
    async with mail_house() as house:
        office.mail_goes_to(house.port, public_url="https://cloud.example.com")
        await office.queue(LETTER)
        await office.send()
    (mail,) = house.taken
    assert (mail.sender, mail.recipients) == ("robot@cloud.example.com", [ADA])
    assert mail.message["Subject"] == "Nightly load: errored"
    assert mail.message["From"] == "OneCloud <robot@cloud.example.com>"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["List-Id"] == "OneCloud notifications <notifications.cloud.example.com>"
    assert mail.message["Date"]
    assert mail.message["Message-ID"].startswith("<delivery-")
    assert mail.message["Message-ID"].endswith("@cloud.example.com>")
    assert mail.text() == "Line one\n\nSee https://cloud.example.com/runs/7.\n"
    assert '<a href="https://cloud.example.com/runs/7">' in mail.html()
    sent = await office.delivery()
    assert (sent.state, sent.attempts, sent.next_try_at, sent.last_error) == ("sent", 1, None, None)
    assert (sent.run_id, sent.chain_id) == (7, 3)
    assert sent.sent_at is not None
    async with office.ground.database.reading() as db:  # what may hold a link for one person is not kept
        row = (await db.execute(text("SELECT text, html, sealed_address FROM delivery"))).one()
    assert tuple(row) == ("", None, None)


async def test_letters_of_every_alphabet_arrive_as_they_were(office: Office) -> None:
    subject, words = "Zażółć 日本語 🚀 " + "long " * 30, "Grüße\r\nπ ≈ 3\u2028end " + "x" * 3000
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        await office.queue(Letter(ADA, subject, words))
        await office.send()
    (mail,) = house.taken
    assert mail.message["Subject"] == subject.strip()
    assert mail.text() == "Grüße\nπ ≈ 3\nend " + "x" * 3000 + "\n"


async def test_nothing_in_a_letter_makes_a_header(office: Office) -> None:
    evil = "Hi\r\nBcc: everybody@example.com\n\n<script>alert(1)</script>"
    file = Attachment("a/b.txt", 'x"\r\nX-Evil: 1/../../etc/passwd\n', 2, "text/plain\r\nX-Evil: 2")
    office.blobs.write("a/b.txt", b"hi")
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        await office.queue(Letter(ADA, evil, evil, attachments=(file,)))
        await office.send()
    (mail,) = house.taken
    assert mail.recipients == [ADA]
    assert mail.message["Bcc"] is None
    assert mail.message["X-Evil"] is None
    assert [part["X-Evil"] for part in mail.message.walk()] == [None] * 5
    assert mail.message["Subject"] == "Hi Bcc: everybody@example.com <script>alert(1)</script>"
    assert "<script>" not in mail.html()
    assert list(mail.files()) == ["passwd"]


async def test_the_way_is_encrypted_and_the_user_signs_in(office: Office, tmp_path: Path) -> None:
    public, context = certificate(tmp_path)
    secret = tmp_path / "password"
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    async with mail_house(starttls=context, sign_in=True) as house:
        office.mail_goes_to(
            house.port, smtp_security="starttls", smtp_user=USER, smtp_password_file=secret, smtp_ca_file=public
        )
        await office.queue(LETTER)
        await office.send()
    (mail,) = house.taken
    assert (mail.encrypted, mail.user) == (True, USER)


async def test_tls_from_the_first_byte(office: Office, tmp_path: Path) -> None:
    public, context = certificate(tmp_path)
    async with mail_house(tls=context) as house:
        office.mail_goes_to(house.port, smtp_security="tls", smtp_ca_file=public)
        await office.queue(LETTER)
        await office.send()
    assert len(house.taken) == 1
    assert house.taken[0].encrypted


async def test_an_unknown_certificate_gets_no_mail(office: Office, tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    async with mail_house(starttls=context) as house:
        office.mail_goes_to(house.port, smtp_security="starttls")
        await office.queue(LETTER)
        await office.send()
    assert house.taken == []
    failed = await office.delivery()
    assert failed.state == "failed"
    assert "is not trusted" in (failed.last_error or "")
    assert "ONECLOUD_SMTP_CA_FILE" in (failed.last_error or "")


async def test_a_server_without_starttls_gets_no_mail(office: Office) -> None:
    async with mail_house() as house:
        office.mail_goes_to(house.port, smtp_security="starttls")
        await office.queue(LETTER)
        await office.send()
    assert house.taken == []
    failed = await office.delivery()
    assert failed.state == "failed"
    assert "offers no STARTTLS" in (failed.last_error or "")


async def test_a_wrong_password_is_tried_again_and_never_shown(office: Office, tmp_path: Path) -> None:
    public, context = certificate(tmp_path)
    async with mail_house(starttls=context, sign_in=True) as house:
        office.mail_goes_to(
            house.port,
            smtp_security="starttls",
            smtp_user=USER,
            smtp_password="not-the-right-one",
            smtp_ca_file=public,
        )
        await office.queue(LETTER)
        await office.send()
    failed = await office.delivery()
    assert failed.state == "failed"
    assert "refused the user robot: 535" in (failed.last_error or "")
    assert "not-the-right-one" not in (failed.last_error or "")


async def test_a_recipient_refused_for_good_is_given_up_at_once(office: Office) -> None:
    async with mail_house() as house:
        house.rcpt_answers = ["550 5.1.1 No such mailbox here"]
        office.mail_goes_to(house.port)
        await office.queue(LETTER)
        await office.send()
    given_up = await office.delivery()
    assert (given_up.state, given_up.next_try_at) == ("given_up", None)
    assert given_up.last_error is not None
    assert given_up.last_error.endswith("refused the recipient: 550 5.1.1 No such mailbox here.")


async def test_a_greylisting_server_takes_the_next_try(office: Office) -> None:
    async with mail_house() as house:
        house.rcpt_answers = ["450 4.2.0 Greylisted, come back later"]
        office.mail_goes_to(house.port)
        await office.queue(LETTER)
        await office.send()
        first = await office.delivery()
        assert first.state == "failed"
        assert first.next_try_at is not None
        assert 55 < (first.next_try_at - first.created_at).total_seconds() < 120
        await office.send()  # not due yet
        assert house.tries == 1
        await office.let_time_pass()
        await office.send()
    second = await office.delivery()
    assert (second.state, second.attempts, second.last_error) == ("sent", 2, None)
    assert len(house.taken) == 1


async def test_a_message_refused_for_good_is_given_up_and_one_refused_for_now_is_not(office: Office) -> None:
    async with mail_house() as house:
        house.data_answers = ["554 5.7.1 Looks like spam", "452 4.3.1 Disk full"]
        office.mail_goes_to(house.port, delivery_slots=1)
        await office.queue(LETTER)
        await office.send()
        await office.queue(Letter(ADA, "Another", "one"))
        await office.send()
    spam, full = await office.deliveries()
    assert (spam.state, full.state) == ("given_up", "failed")
    assert "554 5.7.1 Looks like spam" in (spam.last_error or "")


async def test_a_refused_sender_is_the_operators_to_mend(office: Office) -> None:
    async with mail_house() as house:
        house.mail_answers = ["553 5.7.1 Sender not owned by user"]
        office.mail_goes_to(house.port)
        await office.queue(LETTER)
        await office.send()
    failed = await office.delivery()
    assert failed.state == "failed"
    assert "ONECLOUD_SMTP_FROM" in (failed.last_error or "")


async def test_a_server_that_says_nothing_is_left(office: Office) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with talking(silent) as port:
        office.mail_goes_to(port, smtp_timeout_seconds=1)
        await office.queue(LETTER)
        await office.send()
    failed = await office.delivery()
    assert failed.state == "failed"
    assert "did not answer within 1 s" in (failed.last_error or "")


async def test_a_server_that_drips_is_ended(office: Office) -> None:
    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(b"2")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with talking(dripping) as port:
        office.mail_goes_to(port)
        server = server_of(office.ground.settings)
        assert server is not None
        composed = compose(Envelope(server.sender, "1@x", "l.x", datetime.now(UTC)), LETTER)
        found = await asyncio.to_thread(send, replace(server, timeout_s=0.1), composed, Conversation())
    assert isinstance(found, NotSent)
    assert "took longer than 0.8 s in all" in found.reason


async def test_a_server_that_hangs_up_in_the_middle_is_tried_again(office: Office) -> None:
    async def hanging_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ESMTP\r\n")
        for answer in (b"250 mail.test\r\n", b"250 OK\r\n", b"250 OK\r\n", b"354 Go on\r\n"):
            await reader.readline()
            writer.write(answer)
            await writer.drain()
        await reader.readline()  # the first line of the message, and away

    async with talking(hanging_up) as port:
        office.mail_goes_to(port)
        await office.queue(LETTER)
        await office.send()
    failed = await office.delivery()
    assert failed.state == "failed"
    assert failed.last_error


async def test_a_server_that_is_not_there_or_busy_is_tried_again(office: Office) -> None:
    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"421 4.3.2 Too busy\r\n")
        await writer.drain()
        await reader.read()

    async with talking(busy) as port:
        office.mail_goes_to(port)
        await office.queue(LETTER)
        await office.send()
    assert "takes no mail now: 421 4.3.2 Too busy" in ((await office.delivery()).last_error or "")
    await office.let_time_pass()
    await office.send()  # by now nobody listens there
    gone = await office.delivery()
    assert (gone.state, gone.attempts) == ("failed", 2)
    assert "cannot be reached: Connection refused" in (gone.last_error or "")


async def test_a_local_part_beyond_ascii_needs_a_server_that_takes_it(office: Office) -> None:
    async with office.ground.database.transaction() as db:
        await access.create_admin(db, "żółw@bücher.example", "correct-horse-1")
    async with mail_house(utf8=False) as old, mail_house() as new:
        office.mail_goes_to(old.port)
        await office.queue(Letter("żółw@bücher.example", "Hi", "there"))
        await office.send()
        assert (await office.delivery()).state == "given_up"
        office.mail_goes_to(new.port)
        await office.queue(Letter("żółw@bücher.example", "Hi", "there"))
        await office.send()
    assert old.taken == []
    assert new.taken[0].recipients == ["żółw@xn--bcher-kva.example"]


async def test_files_go_along_until_the_limit_and_the_rest_is_named(office: Office) -> None:
    big = b"\x00\x01\xff" * 300_000
    office.blobs.write("r/1/small.csv", b"a,b\n1,2\n")
    office.blobs.write("r/1/big.bin", big)
    office.blobs.write("r/1/too-big.bin", b"x" * 800_000)
    files = (
        Attachment("r/1/small.csv", "small.csv", 8, "text/csv"),
        Attachment("r/1/big.bin", "big.bin", len(big)),
        Attachment("r/1/too-big.bin", "too big.bin", 800_000),
        Attachment("r/1/gone.txt", "gone.txt", 5, "text/plain"),
    )
    async with mail_house() as house:
        office.mail_goes_to(house.port, mail_attachments_mb=1)
        await office.queue(Letter(ADA, "Files", "Here they are.", attachments=files))
        await office.send()
    (mail,) = house.taken
    assert mail.files() == {"small.csv": b"a,b\n1,2\n", "big.bin": big}
    for said in (mail.text(), mail.html()):
        assert "The file too big.bin is not attached: it has 781.3 KB, and 879 KB are attached already" in said
        assert "may have 1 MB in total. Zip the file" in said
        assert "The file gone.txt is not attached: it is no longer stored." in said


async def test_only_active_users_get_mail(office: Office) -> None:
    async with office.ground.database.transaction() as db:
        other = await access.create_admin(db, "bob@example.com", "correct-horse-1")
        await access.set_disabled(db, None, other.id, disabled=True)
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        await office.queue(
            Letter("bob@example.com", "Hi", "there"),
            Letter("eve@elsewhere.example", "Hi", "there"),
            Letter("Ada@Example.COM", "Hi", "there"),
            Letter("ada@example.com,eve@elsewhere.example", "Hi", "there"),
        )
        await office.send()
    disabled, outsider, ada, both = await office.deliveries()
    assert [mail.recipients for mail in house.taken] == [["Ada@Example.COM"]]
    assert ada.state == "sent"
    assert (disabled.state, outsider.state, both.state) == ("given_up", "given_up", "given_up")
    assert "is disabled" in (disabled.last_error or "")
    assert "notifications go to users only" in (outsider.last_error or "")


async def test_without_a_mail_server_a_delivery_fails_at_once_and_says_what_to_set(office: Office) -> None:
    await office.queue(LETTER)
    await office.send()
    failed = await office.delivery()
    assert (failed.state, failed.attempts) == ("given_up", 1)
    assert "Set ONECLOUD_SMTP_HOST and ONECLOUD_SMTP_FROM" in (failed.last_error or "")


@pytest.mark.parametrize("sender", ["not an address", "a@b\r\nBcc: eve@example.com", "@", "Name <>"])
async def test_a_wrong_sender_address_is_named(office: Office, sender: str) -> None:
    async with mail_house() as house:
        office.mail_goes_to(house.port, smtp_from=sender)
        await office.queue(LETTER)
        await office.send()
    found = await office.delivery()
    if found.state == "sent":  # a line end in a setting is a blank in the header, never a header of its own
        assert house.taken[0].message["Bcc"] is None
    else:
        assert "ONECLOUD_SMTP_FROM cannot be used" in (found.last_error or "")
