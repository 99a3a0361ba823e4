"""Sends what is queued: takes due deliveries under a lease, tries them in threads, and writes what became of them.

At least once: a server that dies between the mail server's yes and writing it down leaves a delivery that is sent
again when its lease ends. The mail's Message-ID is the same both times.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from onecloud.infra.blobs import Blobs
from onecloud.infra.crypto import KeyUnusable
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.infra.settings import Settings
from onecloud.infra.turning import at_work
from onecloud.kernel.secret import Secret
from onecloud.notify import actions, outgoing, smtp
from onecloud.notify.chat import TIMEOUT_S, post
from onecloud.notify.model import Claimed, NotSent, Retrying, Sent, TryOutcome
from onecloud.notify.rules import delivery as rules
from onecloud.notify.store import deliveries as store
from onecloud.notify.wake import listening

log = structlog.get_logger()

POLL_S: Final = 10.0  # what other processes queue is found by looking
AFTER_FAULT_S: Final = 10.0
CLOSING_S: Final = 3.0
CHORES_EVERY_S: Final = 10.0
FORGET_EVERY: Final = timedelta(hours=1)

Chore = Callable[[], Awaitable[object]]


def retrying_of(settings: Settings) -> Retrying:
    """How long and how often, by the settings."""
    return Retrying(
        first_pause=timedelta(seconds=settings.delivery_first_pause_seconds),
        longest_pause=timedelta(minutes=settings.delivery_longest_pause_minutes),
        give_up_after=timedelta(hours=settings.delivery_give_up_hours),
    )


def lease_of(settings: Settings) -> timedelta:
    """Longer than the longest try, so that nobody else takes a delivery whose sender is alive."""
    return timedelta(seconds=max(settings.smtp_timeout_seconds * (smtp.WAITS + 2), TIMEOUT_S) + 60)


@asynccontextmanager
async def sending(ground: Ground, blobs: Blobs, chores: Sequence[Chore] = ()) -> AsyncGenerator[Sender]:
    """A sender that works while the block lasts; `chores` are done every ten seconds: what makes letters by time."""
    sender = Sender(ground, blobs, chores)
    try:
        async with at_work(sender.work()):
            yield sender
    finally:
        await sender.close()


class Sender:
    """One process's sender. `work` is its loop; `turn` is one look at what is due."""

    def __init__(self, ground: Ground, blobs: Blobs, chores: Sequence[Chore] = ()) -> None:
        self._ground, self._blobs, self._chores = ground, blobs, chores
        self._retrying, self._lease = retrying_of(ground.settings), lease_of(ground.settings)
        self._slots = ground.settings.delivery_slots
        # Threads of its own: a slow mail server must not take those that the engine works with.
        self._threads = ThreadPoolExecutor(self._slots, thread_name_prefix="deliver")
        self._under_way: dict[asyncio.Task[None], smtp.Conversation] = {}
        self._free = asyncio.Event()
        self._forgotten_at: datetime | None = None
        self._chores_from = 0.0

    async def work(self) -> None:
        """Send what is due for ever; no fault ends it."""
        with listening() as queued:
            while True:
                queued.clear()
                try:
                    pause = await self.turn()
                except (SQLAlchemyError, OSError) as error:
                    log.warning("delivery.turn_failed", reason=type(error).__name__)
                    pause = AFTER_FAULT_S
                except Exception:
                    log.exception("delivery.turn_failed")
                    pause = AFTER_FAULT_S
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await queued.wait()

    async def turn(self) -> float:
        """Do the chores and start sending what is due; gives how many seconds there is nothing to do."""
        await self._do_chores()
        await self._room()
        async with self._ground.database.reading() as db:
            wait_s = await store.seconds_to_next(db)
        if wait_s is None or wait_s > 0:
            return min(POLL_S, POLL_S if wait_s is None else wait_s)
        async with self._ground.database.transaction() as db:
            free = self._slots - len(self._under_way)
            claimed = await store.claim(db, free, self._lease, self._retrying.give_up_after)
        for one in claimed:
            conversation = smtp.Conversation()
            task = asyncio.create_task(self._deliver(one, conversation))
            self._under_way[task] = conversation
            task.add_done_callback(self._done)
        return 0.0 if claimed else POLL_S

    async def idle(self) -> None:
        """Wait until everything that was taken has been tried."""
        while self._under_way:
            await asyncio.wait(tuple(self._under_way))

    async def close(self) -> None:
        """Let what is under way come to its end for a moment, then cut it off: it is tried again later."""
        if self._under_way:
            await asyncio.wait(tuple(self._under_way), timeout=CLOSING_S)
        for conversation in self._under_way.values():
            conversation.end("The server was stopped while the mail was on its way.")
        await self.idle()
        self._threads.shutdown(wait=False)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self._free.set()

    async def _room(self) -> None:
        while len(self._under_way) >= self._slots:
            self._free.clear()
            await self._free.wait()

    async def _deliver(self, claimed: Claimed, conversation: smtp.Conversation) -> None:
        try:
            outcome = await self._attempt(claimed, conversation)
        except Exception:
            log.exception("delivery.fault", delivery_id=claimed.id)
            outcome = NotSent("The server met a fault of its own while sending; its log tells more.")
        tried = log.bind(delivery_id=claimed.id, kind=claimed.letter.kind, attempt=claimed.attempt)
        try:
            async with self._ground.database.transaction() as db:
                settled = rules.settle(claimed, outcome, self._retrying, await database_now(db))
                await store.settle(db, claimed, settled)
        except (SQLAlchemyError, OSError):
            # The lease ends by itself, and then it is tried again.
            tried.exception("delivery.not_noted", sent=isinstance(outcome, Sent))
            return
        if settled.state == "sent":
            tried.info("delivery.sent")
        else:
            tried.warning("delivery.failed", state=settled.state, reason=settled.last_error)

    async def _attempt(self, claimed: Claimed, conversation: smtp.Conversation) -> TryOutcome:
        letter = claimed.letter
        in_thread = asyncio.get_running_loop().run_in_executor
        if letter.kind == "apprise":
            try:
                address = Secret(self._ground.keys.unseal(letter.sealed_address or "", actions.PURPOSE))
            except KeyUnusable as error:
                return NotSent(f"The address cannot be opened: {error}.")
            return await in_thread(self._threads, post, address, letter.subject, letter.text)
        server = smtp.server_of(self._ground.settings)
        if server is None:
            return NotSent(smtp.NOT_SET_UP, final=True)
        async with self._ground.database.reading() as db:
            refusal = await actions.refusal(db, letter.to, letter.environment_id, letter.chain_id)
        if refusal is not None:
            return NotSent(refusal, final=True)
        settings = self._ground.settings
        now = datetime.now(UTC)
        return await in_thread(self._threads, outgoing.mail, server, settings, self._blobs, claimed, now, conversation)

    async def _do_chores(self) -> None:
        if time.monotonic() < self._chores_from:
            return
        self._chores_from = time.monotonic() + CHORES_EVERY_S
        await self._forget()
        for chore in self._chores:
            await chore()

    async def _forget(self) -> None:
        now = datetime.now(UTC)
        if self._forgotten_at is not None and now - self._forgotten_at < FORGET_EVERY:
            return
        self._forgotten_at = now
        async with self._ground.database.transaction() as db:
            await store.forget(db, now - timedelta(days=self._ground.settings.delivery_history_days))
