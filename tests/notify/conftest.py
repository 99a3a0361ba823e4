"""A post office: the ground with people in it, and a sender whose turns a test takes by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from onecloud.access import actions as access
from onecloud.infra.blobs import Blobs
from onecloud.infra.http import Ground
from onecloud.infra.settings import Settings
from onecloud.kernel.principal import Principal
from onecloud.notify import actions
from onecloud.notify.model import Delivery, Letter
from onecloud.notify.sender import Sender
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields

ADA = "ada@example.com"


@dataclass(slots=True)
class Office:
    """What a test of sending touches."""

    ground: Ground
    blobs: Blobs
    admin: Principal
    environment_id: int
    sender: Sender | None = None

    def mail_goes_to(self, port: int, **changes: object) -> None:
        """Set the mail server up, in plain text unless told otherwise."""
        told: dict[str, object] = {
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_security": "none",
            "smtp_from": "OneCloud <robot@cloud.example.com>",
            "smtp_timeout_seconds": 5,
        }
        self.set(**{**told, **changes})

    def set(self, **changes: object) -> None:
        """Other settings, as if the server had been started with them."""
        settings = Settings.model_validate({**self.ground.settings.model_dump(), **changes})
        self.ground = Ground(settings, self.ground.database, self.ground.keys)
        self.sender = Sender(self.ground, self.blobs)

    async def queue(self, *letters: Letter) -> int:
        """Queue letters in a transaction of their own."""
        async with self.ground.database.transaction() as db:
            return await actions.queue(db, letters)

    async def send(self) -> None:
        """Take turns until nothing is due, and wait for what was begun."""
        self.sender = self.sender or Sender(self.ground, self.blobs)
        while await self.sender.turn() == 0:
            pass
        await self.sender.idle()

    async def deliveries(self) -> list[Delivery]:
        """Every delivery, oldest first."""
        async with self.ground.database.reading() as db:
            found, _ = await actions.deliveries(db, None, None, 200)
        return found[::-1]

    async def delivery(self) -> Delivery:
        """The only delivery."""
        (found,) = await self.deliveries()
        return found

    async def let_time_pass(self, column: str = "next_try_at") -> None:
        """What is to come later is due now (or, for `give_up_at`, has been for long)."""
        async with self.ground.database.transaction() as db:
            await db.execute(
                text(f"UPDATE delivery SET {column} = '2020-01-01 00:00:00.000000' WHERE {column} IS NOT NULL")
            )


@pytest.fixture
async def office(ground: Ground) -> AsyncIterator[Office]:
    """A post office with the administrator Ada and the environment Finance / PROD; mail is not set up."""
    async with ground.database.transaction() as db:
        user = await access.create_admin(db, ADA, "correct-horse-1", "Ada", "Lovelace")
        principal = Principal(user.id, ADA, "Ada Lovelace", is_admin=True, via="session")
        workspace = await workspaces.create_workspace(db, principal, WorkspaceFields("Finance"))
        made = await workspaces.create_environment(db, principal, workspace.id, EnvironmentFields("PROD"))
    office = Office(ground, Blobs(ground.settings.blobs_folder), principal, made.id)
    yield office
    if office.sender is not None:
        await office.sender.close()
