"""Mailing an invitation's link, when mail is set up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.settings import Settings
from onecloud.kernel.principal import Principal
from onecloud.notify import smtp
from onecloud.notify.actions import queue
from onecloud.notify.model import Letter


async def mail(
    db: AsyncSession, settings: Settings, caller: Principal, to: str, url: str, expires_at: datetime
) -> bool:
    """Queue the mail with the link, within the transaction that makes it; False when mail is not set up."""
    if smtp.server_of(settings) is None:
        return False
    await queue(db, [letter(caller, to, url, expires_at)])
    return True


def letter(caller: Principal, to: str, url: str, expires_at: datetime) -> Letter:
    """The mail to the invited person."""
    text = (
        f"{caller.name} invites you to OneCloud.\n\n"
        f"To choose a password and come in, open\n\n{url}\n\n"
        f"The link works once, until {expires_at:%Y-%m-%d %H:%M} UTC. It is for you alone."
    )
    return Letter(to=to, subject="Invitation to OneCloud", text=text)
