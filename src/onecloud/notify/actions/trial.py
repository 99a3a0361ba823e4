"""A test mail: sent while its sender waits, and honest about what the mail server said."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from onecloud.access.rules import is_email, normal_email
from onecloud.activity import actions as activity
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, Invalid, Problem, Unavailable
from onecloud.kernel.principal import Principal
from onecloud.notify import message, smtp
from onecloud.notify.model import Letter, NotSent, TryOutcome

TRY_AGAIN = timedelta(minutes=1)


async def send_test_mail(ground: Ground, owner: Principal, to: str, now: datetime) -> str:
    """Send a mail to any address now; gives the mail server's name. Only administrators and the operator may.

    Raises: Invalid for what is no address; Conflict when mail is not set up; Unavailable with what the server said.
    """
    email = normal_email(to)
    if not is_email(email):
        sentence = "Give one mail address, such as ada@example.com."
        raise Invalid("mail.address", sentence, problems=(Problem("to", sentence),))
    server = smtp.server_of(ground.settings)
    if server is None:
        raise Conflict("mail.not_set_up", smtp.NOT_SET_UP)
    shown = now.astimezone(UTC)
    letter = Letter(
        to=email,
        subject="Test mail of OneCloud",
        text=(
            f"This mail was asked for by {owner.name} on {shown:%Y-%m-%d %H:%M:%S} UTC.\n\n"
            f"It came by {server.name}. Notifications can be sent."
            + (f"\n\n{ground.settings.public_url}" if ground.settings.public_url else "")
        ),
    )
    thread = ThreadPoolExecutor(1, thread_name_prefix="test-mail")
    try:
        outcome = await asyncio.get_running_loop().run_in_executor(
            thread, _send, ground.settings.public_url, server, letter, now
        )
    finally:
        thread.shutdown(wait=False)  # when the asker has gone, nobody waits for a slow server
    if isinstance(outcome, NotSent):
        raise Unavailable("mail.not_sent", outcome.reason, retry_after=TRY_AGAIN)
    async with ground.database.transaction() as db:
        await activity.record(
            db, key="mail.test", owner=owner, trackable_type="Mail", trackable_id="", parameters={"to": email}
        )
    return server.name


def _send(public_url: str, server: smtp.MailServer, letter: Letter, now: datetime) -> TryOutcome:
    try:
        sender = message.address(server.sender)
        envelope = message.Envelope(
            sender=server.sender,
            message_id=f"test-{secrets.token_hex(12)}@{sender.domain}",
            list_id=message.list_id(public_url, server.sender),
            date=now,
        )
        composed = message.compose(envelope, letter)
    except ValueError as error:
        return NotSent(f"ONECLOUD_SMTP_FROM cannot be used: {error}.")
    return smtp.send(server, composed, smtp.Conversation())
