"""A house of people: Ada administers, Bob, Cleo and Dan are users, and a record of what was told to the runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import actions as access
from onecloud.access.actions.accounts import add_person
from onecloud.access.model import Profile
from onecloud.activity import actions as activity
from onecloud.approvals import actions
from onecloud.approvals.model import Approval, ApprovalRequest, Ask, Origin, Outcome
from onecloud.approvals.uploads import actions as uploads
from onecloud.approvals.uploads.model import Upload, UploadRequest
from onecloud.infra.blobs import Blobs
from onecloud.infra.http import Ground
from onecloud.infra.settings import Settings
from onecloud.kernel.permission import Place
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret
from onecloud.notify import actions as notify

CHAIN = Place(1, 2, 3)
PASSWORD = "correct-horse-9"
BASE = "https://cloud.example.com"


class Told:
    """What the runs hear: each outcome is a row of the audit trail, committed or rolled back with the answer."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails

    async def settled(self, db: AsyncSession, asked: Ask, outcome: Outcome) -> None:
        """Write the outcome down."""
        await activity.record(
            db,
            key="test.settled",
            owner=None,
            trackable_type="Ask",
            trackable_id=f"{asked.run_id}/{asked.key}/{asked.place}/{asked.attempt}",
            parameters={"status": outcome.status, "exit_code": outcome.exit_code, "outputs": outcome.outputs},
        )
        if self.fails:
            raise RuntimeError("the run could not be told")


@dataclass(slots=True)
class Room:
    """What a test of asking people touches."""

    ground: Ground
    blobs: Blobs
    people: dict[str, Principal]
    told: Told = field(default_factory=Told)
    chain: Place = CHAIN
    place: str = ""

    def who(self, name: str) -> Principal:
        """A person by their first name."""
        return self.people[name]

    async def ask(self, *approvers: str, run: int = 7, started_by: str | None = None, **more: Any) -> Approval:
        """Open an approval as the engine does."""
        usual: dict[str, Any] = {"title": "Sign the report", "details": "All of March"}
        request = ApprovalRequest(approvers=approvers, **(usual | more))
        starter = None if started_by is None else self.who(started_by).user_id
        origin = Origin(self.chain, "Month end", "Sign off", starter)
        async with self.ground.database.transaction() as db:
            return await actions.open_approval(db, self.ground, Ask(run, "sign", self.place, 1), origin, request)

    async def ask_files(self, *people: str, run: int = 7, **more: Any) -> Upload:
        """Open an upload as the engine does."""
        usual: dict[str, Any] = {"title": "Give the figures", "details": ""}
        request = UploadRequest(people=people, **(usual | more))
        origin = Origin(self.chain, "Month end", "Figures", None)
        async with self.ground.database.transaction() as db:
            return await uploads.open_upload(db, self.ground, Ask(run, "files", self.place, 1), origin, request)

    async def answer(self, who: str, approval: Approval, verdict: Any = "accept", comment: str = "") -> Approval:
        """Answer as a signed-in person."""
        async with self.ground.database.transaction() as db:
            return await actions.answer(db, self.ground, self.told, self.who(who), approval.id, verdict, comment)

    async def see(self, approval: Approval, who: str = "ada") -> Approval:
        """The approval as it is now."""
        async with self.ground.database.reading() as db:
            return await actions.get_approval(db, self.who(who), approval.id)

    async def mails(self) -> list[tuple[str, str]]:
        """Every mail that is queued, oldest first: to whom, and its subject."""
        async with self.ground.database.reading() as db:
            found, _ = await notify.deliveries(db, None, None, 200)
        return [(mail.to.partition("@")[0], mail.subject) for mail in found[::-1]]

    async def link(self, who: str) -> str:
        """The token of the newest mail to a person."""
        async with self.ground.database.reading() as db:
            letter = await db.scalar(
                text("SELECT text FROM delivery WHERE recipient = :to ORDER BY id DESC LIMIT 1"),
                {"to": f"{who}@example.com"},
            )
        token = str(letter).partition(f"{BASE}/approve#")[2].split()
        assert token, letter
        return token[0]

    async def outcomes(self) -> list[tuple[str, str]]:
        """What the runs were told: of which ask, and its status."""
        return [(one.trackable_id, str(one.parameters["status"])) for one in await self.trail("test.settled")]

    async def trail(self, key: str) -> list[Any]:
        """Records of that key, oldest first."""
        async with self.ground.database.reading() as db:
            found, _ = await activity.changes(db, None, 200)
        return [one for one in found[::-1] if one.key == key]

    async def pass_time(self, span: timedelta) -> None:
        """Make everything that is open that much older."""
        moved = {
            "approval": ["opened_at", "due_at"],
            "approval_seat": ["at", "due_at"],
            "upload": ["opened_at", "due_at", "ends_at"],
        }
        async with self.ground.database.transaction() as db:
            for table, columns in moved.items():
                for column in columns:
                    if self.ground.database.is_sqlite:
                        older = f"strftime('%Y-%m-%d %H:%M:%f000', {column}, '-{span.total_seconds()} seconds')"
                    else:
                        older = f"{column} - interval '{span.total_seconds()} seconds'"
                    await db.execute(text(f"UPDATE {table} SET {column} = {older} WHERE {column} IS NOT NULL"))


@pytest.fixture
async def room(ground: Ground) -> Room:
    """The house with its people; the server knows its address."""
    settings = Settings.model_validate({**ground.settings.model_dump(), "public_url": BASE})
    ground = Ground(settings, ground.database, ground.keys)
    people: dict[str, Principal] = {}
    async with ground.database.transaction() as db:
        await access.create_admin(db, "ada@example.com", PASSWORD, "Ada")
        for name in ("bob", "cleo", "dan"):
            await add_person(db, Profile(f"{name}@example.com", Secret(PASSWORD), name.capitalize()), None, None)
    async with ground.database.reading() as db:
        for name in ("ada", "bob", "cleo", "dan"):
            user = await access.user_by_email(db, f"{name}@example.com")
            principal = await access.principal_of(db, user.id, "session")
            assert principal is not None
            people[name] = principal
    return Room(ground, Blobs(settings.blobs_folder), people)
