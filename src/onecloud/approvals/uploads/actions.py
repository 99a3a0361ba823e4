"""The use cases of uploads: ask, give files, complete, decline, expire."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import actions as activity
from onecloud.activity.rules import cursor_id, page_of, page_size
from onecloud.approvals.actions.finding import may
from onecloud.approvals.actions.people import named
from onecloud.approvals.model import Ask, Origin, Person
from onecloud.approvals.port import Settled
from onecloud.approvals.uploads import letters, rules, store
from onecloud.approvals.uploads.model import Upload, UploadedFile, UploadRequest, UploadState
from onecloud.approvals.uploads.receive import discard, receive
from onecloud.infra.blobs import Blobs
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Forbidden, Invalid, NotFound
from onecloud.kernel.jsonvalue import JsonObject
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.notify.actions import queue


async def open_upload(db: AsyncSession, ground: Ground, ask: Ask, origin: Origin, request: UploadRequest) -> Upload:
    """Ask for files, within the caller's transaction; mails go out when it commits.

    An attempt asks once: a second call, as after a crash, gives the upload that is there, and tells nobody again. That
    one may have settled meanwhile: `rules.outcome` says so, and `Settled` was called for it.

    Raises: Invalid `upload.request` or `upload.people` with every problem.
    Source: product facts 2.12.
    """
    known = await store.of_ask(db, ask)
    if known is not None:
        return known
    rules.check_request(request)
    people, problems = await named(db, request.people, origin.started_by, "people")
    if problems:
        raise Invalid(
            "upload.people", f"The files cannot be asked for: {problems[0].sentence()}", problems=tuple(problems)
        )
    now = await database_now(db)
    upload = await store.add(
        db,
        Upload(
            id=0,
            ask=ask,
            origin=origin,
            title=request.title,
            details=request.details,
            people=people,
            endings=request.endings,
            most_files=request.most_files,
            due_at=now + request.due,
            files=(),
            state="open",
            opened_at=now,
        ),
    )
    if upload is None:  # another process was first, in the moment since we looked
        found = await store.of_ask(db, ask)
        assert found is not None
        return found
    await queue(db, [letters.asking(upload, person, ground.settings.public_url) for person in people])
    await _record(
        db, "upload.open", None, upload, {"chain_id": str(origin.chain_id), "people": [one.email for one in people]}
    )
    return upload


async def list_uploads(
    db: AsyncSession, caller: Principal, *, state: UploadState | None, mine: bool, cursor: str | None, limit: int
) -> tuple[list[Upload], str | None]:
    """A page of uploads, newest first, and the cursor of the next page.

    Those that the caller is asked for, and unless `mine` those of chains that they may read.

    Raises: Malformed for a cursor or a limit that cannot be.
    """
    size, before = page_size(limit), cursor_id(cursor)
    found = await store.page(
        db,
        state=state,
        before=before,
        limit=size + 1,
        asks=caller.user_id if mine else None,
        seen_by=None if mine else caller,
    )
    return page_of(found, size)


async def get_upload(db: AsyncSession, caller: Principal, upload_id: int, *, lock: bool = False) -> Upload:
    """One upload, for those who are asked and for whoever may read the chain.

    Raises: NotFound, also for one that the caller may not see.
    """
    found = await store.find(db, upload_id, lock=lock)
    if found is None or not (rules.is_asked(found, caller.user_id) or may(caller, Level.READ, found.origin.chain)):
        raise missing(upload_id)
    return found


def may_give(caller: Principal, upload: Upload) -> bool:
    """Whether the caller may give files: who is asked, and who has the permission `admin` on the chain, for them."""
    return rules.is_asked(upload, caller.user_id) or may(caller, Level.ADMIN, upload.origin.chain)


async def _givable(db: AsyncSession, caller: Principal, upload_id: int, *, lock: bool = True) -> Upload:
    found = await get_upload(db, caller, upload_id, lock=lock)
    if not may_give(caller, found):
        raise Forbidden(
            "upload.not_asked", "You are not among the people who are asked for these files; ask one of them."
        )
    return found


def missing(upload_id: int | str) -> NotFound:
    """The error of an upload that is not there, or not for the caller."""
    return NotFound("upload.not_found", f"There is no upload {upload_id}.")


async def add_file(
    ground: Ground,
    blobs: Blobs,
    caller: Principal,
    upload_id: int,
    name: str,
    announced: int | None,
    chunks: AsyncIterator[bytes],
) -> Upload:
    """Take one more file.

    Takes the ground and not a session: no transaction may be open while bytes come over the network. What was looked
    at before is looked at again when the file is there.

    Raises: NotFound; Forbidden; Conflict when it is settled, overdue or full, or has a file of that name; Invalid for
    the name or the size.
    """
    async with ground.database.reading() as db:
        upload = await _givable(db, caller, upload_id, lock=False)
        rules.check_open(upload, await database_now(db))
    file = await receive(ground.settings, blobs, upload, rules.check_file(upload, name), announced, chunks)
    try:
        async with ground.database.transaction() as db:
            upload = await _givable(db, caller, upload_id)
            now = await database_now(db)
            rules.check_open(upload, now)
            rules.check_file(upload, name)
            await store.add_file(db, upload_id, file, _person(caller), now)
            await _record(db, "upload.add_file", caller, upload, {"name": name, "size_bytes": file.size_bytes})
            return await get_upload(db, caller, upload_id)
    except BaseException:
        discard(blobs, file)
        raise


async def remove_file(db: AsyncSession, caller: Principal, upload_id: int, file_id: int) -> tuple[Upload, UploadedFile]:
    """Take a file out again; gives the upload without it, and the file, whose bytes the caller discards.

    Raises: NotFound; Forbidden; Conflict when it is settled or overdue.
    """
    upload = await _givable(db, caller, upload_id)
    rules.check_open(upload, await database_now(db))
    file = next((one for one in upload.files if one.id == file_id), None)
    if file is None:
        raise NotFound("upload.no_file", f"The upload {upload_id} has no file {file_id}.")
    await store.remove_file(db, file_id)
    await _record(db, "upload.remove_file", caller, upload, {"name": file.file.name})
    return await get_upload(db, caller, upload_id), file


async def complete(db: AsyncSession, settled: Settled, caller: Principal, upload_id: int, comment: str) -> Upload:
    """Say that all files are there; the run goes on with them.

    Raises: NotFound; Forbidden; Conflict when it is settled or overdue, or there is no file; Invalid for the comment.
    """
    before = await _givable(db, caller, upload_id)
    after = rules.completed(before, _person(caller), comment, await database_now(db))
    return await _settle(db, settled, "upload.complete", caller, after)


async def decline(db: AsyncSession, settled: Settled, caller: Principal, upload_id: int, comment: str) -> Upload:
    """Say that there will be no files.

    Raises: NotFound; Forbidden; Conflict when it is settled or overdue; Invalid for the comment.
    """
    before = await _givable(db, caller, upload_id)
    after = rules.declined(before, _person(caller), comment, await database_now(db))
    return await _settle(db, settled, "upload.decline", caller, after)


async def expire(db: AsyncSession, settled: Settled, upload_id: int) -> bool:
    """End an upload whose time is over; whether it was.

    Any number of servers may call this at once: the row is locked, and what is due is looked at again under the lock.
    """
    before = await store.find(db, upload_id, lock=True)
    if before is None:
        raise missing(upload_id)
    after = rules.expire(before, await database_now(db))
    if after is before:
        return False
    await _settle(db, settled, "upload.expire", None, after)
    return True


async def cancel_ask(db: AsyncSession, ask: Ask) -> None:
    """Stop asking for what one attempt waits for (its node timed out, or starts again); nothing when it is settled."""
    found = await store.of_ask(db, ask, lock=True)
    if found is not None:
        await _cancel(db, found)


async def cancel_for_run(db: AsyncSession, run_id: int) -> None:
    """Stop asking for everything that a run waits for, because it has ended."""
    for upload in await store.open_of_run(db, run_id):
        await _cancel(db, upload)


async def _cancel(db: AsyncSession, upload: Upload) -> None:
    after = rules.cancelled(upload, await database_now(db))
    if after is not upload:
        await store.save(db, after)
        await _record(db, "upload.cancel", None, after, {})


async def _settle(db: AsyncSession, settled: Settled, key: str, owner: Principal | None, after: Upload) -> Upload:
    await store.save(db, after)
    await _record(db, key, owner, after, {"files": [one.file.name for one in after.files]})
    outcome = rules.outcome(after)
    assert outcome is not None
    await settled.settled(db, after.ask, outcome)
    return after


def _person(caller: Principal) -> Person:
    return Person(caller.user_id, caller.email, caller.name)


async def _record(db: AsyncSession, key: str, owner: Principal | None, upload: Upload, parameters: JsonObject) -> None:
    await activity.record(
        db,
        key=key,
        owner=owner,
        trackable_type="Upload",
        trackable_id=str(upload.id),
        recipient_type="ChainRun",
        recipient_id=str(upload.ask.run_id),
        parameters=parameters,
    )
