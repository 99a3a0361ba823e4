"""Every query of uploads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Select, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.approvals.model import Ask, Origin, Person
from onecloud.approvals.store import questions
from onecloud.approvals.tables import UploaderRow, UploadFileRow, UploadRow
from onecloud.approvals.uploads.model import Upload, UploadedFile, UploadState
from onecloud.connector.context import FileRef
from onecloud.kernel.permission import Place
from onecloud.kernel.principal import Principal


async def add(db: AsyncSession, upload: Upload) -> Upload | None:
    """Store a new upload and give it with its number; None when that attempt has asked already."""
    make = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgres_insert
    number = await db.scalar(
        make(UploadRow)
        .values(
            run_id=upload.ask.run_id,
            key=upload.ask.key,
            place=upload.ask.place,
            attempt=upload.ask.attempt,
            workspace_id=upload.origin.chain.workspace_id,
            environment_id=upload.origin.chain.environment_id,
            chain_id=upload.origin.chain_id,
            chain_name=upload.origin.chain_name,
            node_name=upload.origin.node_name,
            started_by=upload.origin.started_by,
            title=upload.title,
            details=upload.details,
            endings=list(upload.endings),
            most_files=upload.most_files,
            ends_at=upload.due_at,
            opened_at=upload.opened_at,
            **_changing(upload),
        )
        .on_conflict_do_nothing()
        .returning(UploadRow.id)
    )
    if number is None:
        return None
    await db.execute(
        insert(UploaderRow),
        [
            {"upload_id": number, "number": at, "user_id": one.user_id, "email": one.email, "name": one.name}
            for at, one in enumerate(upload.people, 1)
        ],
    )
    return replace(upload, id=number)


async def save(db: AsyncSession, upload: Upload) -> None:
    """Store how an upload stands now."""
    await db.execute(update(UploadRow).where(UploadRow.id == upload.id).values(_changing(upload)))


async def add_file(db: AsyncSession, upload_id: int, file: FileRef, by: Person, at: datetime) -> None:
    """Store that a file came."""
    await db.execute(
        insert(UploadFileRow).values(
            upload_id=upload_id,
            name=file.name,
            blob=file.blob,
            size_bytes=file.size_bytes,
            media_type=file.media_type,
            by_id=by.user_id,
            by_email=by.email,
            by_name=by.name,
            at=at,
        )
    )


async def remove_file(db: AsyncSession, file_id: int) -> None:
    """Forget a file."""
    await db.execute(delete(UploadFileRow).where(UploadFileRow.id == file_id))


async def find(db: AsyncSession, upload_id: int, *, lock: bool = False) -> Upload | None:
    """The upload of that number; with `lock` nobody else changes it until the transaction ends."""
    return await _one(db, select(UploadRow).where(UploadRow.id == upload_id), lock=lock)


async def of_ask(db: AsyncSession, ask: Ask, *, lock: bool = False) -> Upload | None:
    """The upload that this attempt has asked for."""
    return await _one(db, questions.of_ask(UploadRow, ask), lock=lock)


async def open_of_run(db: AsyncSession, run_id: int, *, lock: bool = True) -> list[Upload]:
    """The uploads that a run waits for; locked, unless somebody only looks."""
    return await _whole(db, questions.open_of_run(UploadRow, run_id, lock=lock))


async def due_ids(db: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Numbers of uploads whose time is over by now, the longest due first."""
    return await questions.due_ids(db, UploadRow, now, limit)


async def page(
    db: AsyncSession,
    *,
    state: UploadState | None,
    before: int | None,
    limit: int,
    seen_by: Principal | None = None,
    asks: int | None = None,
) -> list[Upload]:
    """Uploads, newest first, with numbers below `before`.

    `seen_by`: only those that this person is asked for, or whose chain they may read. `asks`: only the former.
    """
    own = None if seen_by is None else _asked(seen_by.user_id)
    query = questions.newest(UploadRow, state=state, before=before, limit=limit, seen_by=seen_by, own=own)
    if asks is not None:
        query = query.where(_asked(asks))
    return await _whole(db, query)


def _asked(user_id: int) -> ColumnElement[bool]:
    # From the person's side: most people are asked for few of all uploads.
    return UploadRow.id.in_(select(UploaderRow.upload_id).where(UploaderRow.user_id == user_id))


async def _one(db: AsyncSession, query: Select[UploadRow], *, lock: bool) -> Upload | None:
    found = await _whole(db, query.with_for_update() if lock else query)  # SQLite has one writer and ignores it
    return found[0] if found else None


async def _whole(db: AsyncSession, query: Select[UploadRow]) -> list[Upload]:
    """Uploads with their people and files."""
    rows = list(await db.scalars(query.execution_options(populate_existing=True)))
    if not rows:
        return []
    ids = [row.id for row in rows]
    people: dict[int, list[Person]] = {}
    for one in await db.scalars(select(UploaderRow).where(UploaderRow.upload_id.in_(ids)).order_by(UploaderRow.number)):
        people.setdefault(one.upload_id, []).append(Person(one.user_id, one.email, one.name))
    files: dict[int, list[UploadedFile]] = {}
    for file in await db.scalars(
        select(UploadFileRow).where(UploadFileRow.upload_id.in_(ids)).order_by(UploadFileRow.id)
    ):
        files.setdefault(file.upload_id, []).append(_file(file))
    return [_upload(row, people.get(row.id, []), files.get(row.id, [])) for row in rows]


def _file(row: UploadFileRow) -> UploadedFile:
    return UploadedFile(
        id=row.id,
        file=FileRef(name=row.name, blob=row.blob, size_bytes=row.size_bytes, media_type=row.media_type),
        by=Person(row.by_id, row.by_email, row.by_name),
        at=row.at,
    )


def _upload(row: UploadRow, people: Sequence[Person], files: Sequence[UploadedFile]) -> Upload:
    return Upload(
        id=row.id,
        ask=Ask(row.run_id, row.key, row.place, row.attempt),
        origin=Origin(
            chain=Place(row.workspace_id, row.environment_id, row.chain_id),
            chain_name=row.chain_name,
            node_name=row.node_name,
            started_by=row.started_by,
        ),
        title=row.title,
        details=row.details,
        people=tuple(people),
        endings=tuple(row.endings),
        most_files=row.most_files,
        due_at=row.ends_at,
        files=tuple(files),
        state=cast(UploadState, row.state),
        opened_at=row.opened_at,
        settled_at=row.settled_at,
        by=None if row.by_id is None else Person(row.by_id, row.by_email or "", row.by_name or ""),
        comment=row.comment,
        text=row.text,
    )


def _changing(upload: Upload) -> dict[str, object]:
    return {
        "state": upload.state,
        "text": upload.text,
        "comment": upload.comment,
        "due_at": upload.due_at if upload.state == "open" else None,
        "settled_at": upload.settled_at,
        "by_id": None if upload.by is None else upload.by.user_id,
        "by_email": None if upload.by is None else upload.by.email,
        "by_name": None if upload.by is None else upload.by.name,
    }


async def remove_of_runs(db: AsyncSession, run_ids: Sequence[int]) -> None:
    """Take away what these runs asked for, with what is known of the files."""
    await db.execute(delete(UploadRow).where(UploadRow.run_id.in_(run_ids)))


async def run_of_newest(db: AsyncSession) -> int | None:
    """The run of the newest upload. It must stay: SQLite would give its number, which links name, to another one."""
    return await db.scalar(select(UploadRow.run_id).order_by(UploadRow.id.desc()).limit(1))
