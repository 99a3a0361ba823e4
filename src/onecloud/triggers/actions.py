"""The use cases of triggers: keep, switch, replace secrets, and say how each stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import actions as activity
from onecloud.chains import actions as chains
from onecloud.chains.model import Chain, Version
from onecloud.chains.switches_store import living as living_chains
from onecloud.infra.crypto import Keyring
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, Invalid, NotFound, Problem, Stale
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.runs import actions as runs
from onecloud.triggers import secrets
from onecloud.triggers.folder import place_problem
from onecloud.triggers.model import (
    MOST_TRIGGERS,
    FireRecord,
    Trigger,
    TriggerDocument,
    completed_of,
    watch_of,
    webhook_of,
)
from onecloud.triggers.rules import document_problems, way_back
from onecloud.triggers.standing import Standing, standing_of
from onecloud.triggers.store import files, fires, kept
from onecloud.workspaces.permits import permit_chain


@dataclass(frozen=True, slots=True)
class Saved:
    """A trigger with the secrets that were made for it, which are shown this once."""

    trigger: Trigger
    address: str | None = None
    signing_secret: str | None = None


async def triggers_of(db: AsyncSession, caller: Principal | None, chain_id: int) -> list[Standing]:
    """The triggers of a chain and how they stand, oldest first.

    Raises: NotFound.
    """
    chain, version = await _chain(db, caller, chain_id, Level.READ)
    found = await kept.triggers_of(db, chain_id)
    last = await fires.last_fires(db, [one.id for one in found])
    lost = await _lost(db, found)
    return [standing_of(one, chain, version, last.get(one.id), lost=one.id in lost) for one in found]


async def get(db: AsyncSession, caller: Principal | None, trigger_id: int) -> Standing:
    """A trigger and how it stands.

    Raises: NotFound.
    """
    trigger = await _trigger(db, caller, trigger_id, Level.READ)
    chain, version = await chains.with_published(db, trigger.chain_id)
    last = (await fires.last_fires(db, [trigger_id])).get(trigger_id)
    return standing_of(trigger, chain, version, last, lost=bool(await _lost(db, [trigger])))


async def named(db: AsyncSession, caller: Principal | None, chain_id: int, name: str) -> Trigger:
    """The chain's trigger of that name.

    Raises: NotFound with the names there are.
    """
    chain, _ = await _chain(db, caller, chain_id, Level.READ)
    found = {one.name: one for one in await kept.triggers_of(db, chain_id)}
    if name not in found:
        there = f"There are: {', '.join(f'`{one}`' for one in found)}." if found else "It has none."
        raise NotFound("trigger.not_found", f"The chain `{chain.name}` has no trigger `{name}`. {there}")
    return found[name]


async def add(
    db: AsyncSession,
    ground: Ground,
    caller: Principal | None,
    chain_id: int,
    document: TriggerDocument,
    *,
    enabled: bool = True,
) -> Saved:
    """Give a chain a trigger, in force at once.

    Raises: NotFound; Forbidden (needs write); Invalid with every problem; Conflict when the name is taken.
    """
    chain, version = await _chain(db, caller, chain_id, Level.WRITE)
    _check_folder(ground, document)
    await _check(db, caller, chain, version, document)
    if await kept.count_of(db, chain_id) >= MOST_TRIGGERS:
        raise Conflict(
            "trigger.too_many", f"The chain `{chain.name}` has {MOST_TRIGGERS} triggers, the limit. Delete one first."
        )
    address = secrets.new_address(ground.keys) if webhook_of(document) is not None else None
    signing = secrets.new_signing_secret(ground.keys) if _signed(document) else None
    try:
        trigger_id = await kept.add(
            db,
            chain_id,
            chain.environment_id,
            document,
            enabled=enabled,
            address_hash=None if address is None else address.stored,
            signing_sealed=None if signing is None else signing.stored,
        )
    except IntegrityError as error:
        raise _taken(chain, document.name) from error
    await _tell(db, "trigger.create", caller, chain, document.name)
    return Saved(
        await _there(db, trigger_id),
        None if address is None else address.shown,
        None if signing is None else signing.shown,
    )


async def change(
    db: AsyncSession,
    ground: Ground,
    caller: Principal | None,
    trigger_id: int,
    document: TriggerDocument,
    revision: int | None,
) -> Saved:
    """Make a trigger what the document says; what is the same is not written. Its kind stays.

    `revision` is the one that the change was made from; None overwrites whatever is there.
    Raises: NotFound; Forbidden (needs write); Stale; Invalid with every problem; Conflict when the name is taken.
    """
    before = await _trigger(db, caller, trigger_id, Level.WRITE, lock=True)
    _check_revision(before, revision)
    chain, version = await chains.with_published(db, before.chain_id)
    if document.source.kind != before.document.source.kind:
        raise Conflict(
            "trigger.kind", f"`{before.name}` is a trigger of another kind. Delete it, and make a new one instead."
        )
    _check_folder(ground, document)
    await _check(db, caller, chain, version, document, trigger_id)
    if document == before.document:
        return Saved(before)
    signing = secrets.new_signing_secret(ground.keys) if _signed(document) and before.signing_sealed is None else None
    sealed = before.signing_sealed if signing is None else signing.stored
    try:
        await kept.change(db, trigger_id, document, sealed if _signed(document) else None)
    except IntegrityError as error:
        raise _taken(chain, document.name) from error
    if _place(document) != _place(before.document):
        await files.begin_anew(db, trigger_id)
    await _tell(db, "trigger.update", caller, chain, document.name)
    return Saved(await _there(db, trigger_id), None, None if signing is None else signing.shown)


async def remove(db: AsyncSession, caller: Principal | None, trigger_id: int, revision: int | None) -> None:
    """Take a trigger away with what is known of its fires; its runs stay.

    Raises: NotFound; Forbidden (needs write); Stale.
    """
    trigger = await _trigger(db, caller, trigger_id, Level.WRITE, lock=True)
    _check_revision(trigger, revision)
    await kept.remove(db, trigger_id)
    await _tell(db, "trigger.delete", caller, await chains.get_chain(db, trigger.chain_id), trigger.name)


async def switch(db: AsyncSession, caller: Principal | None, trigger_id: int, *, enabled: bool) -> Trigger:
    """Let a trigger fire, or not, remembering who did it; as with schedules, who may start the chain may do this.

    Raises: NotFound; Forbidden (needs execute).
    """
    trigger = await _trigger(db, caller, trigger_id, Level.EXECUTE, lock=True)
    by = caller.user_id if caller is not None and caller.user_id > 0 else None
    by_name = "" if caller is None else caller.name or caller.email
    if await kept.switch(db, trigger_id, enabled=enabled, by=by, by_name=by_name):
        chain = await chains.get_chain(db, trigger.chain_id)
        await _tell(db, "trigger.enable" if enabled else "trigger.disable", caller, chain, trigger.name)
    return await _there(db, trigger_id)


async def rotate_address(db: AsyncSession, keys: Keyring, caller: Principal | None, trigger_id: int) -> Saved:
    """Give a webhook a new secret address; the old one is dead at once.

    Raises: NotFound; Forbidden (needs write); Conflict for another kind of trigger.
    """
    trigger = await _trigger(db, caller, trigger_id, Level.WRITE, lock=True)
    if webhook_of(trigger.document) is None:
        raise Conflict("trigger.no_address", f"`{trigger.name}` is no webhook and has no address.")
    made = secrets.new_address(keys)
    await kept.set_secrets(db, trigger_id, address_hash=made.stored)
    chain = await chains.get_chain(db, trigger.chain_id)
    await _tell(db, "trigger.rotate_address", caller, chain, trigger.name)
    return Saved(await _there(db, trigger_id), address=made.shown)


async def rotate_signing_secret(db: AsyncSession, keys: Keyring, caller: Principal | None, trigger_id: int) -> Saved:
    """Give a signed webhook a new secret; what is signed with the old one is refused at once.

    Raises: NotFound; Forbidden (needs write); Conflict when the trigger takes unsigned requests.
    """
    trigger = await _trigger(db, caller, trigger_id, Level.WRITE, lock=True)
    if not _signed(trigger.document):
        raise Conflict("trigger.unsigned", f"`{trigger.name}` has no signing secret. Set `signed` in its source first.")
    made = secrets.new_signing_secret(keys)
    await kept.set_secrets(db, trigger_id, signing_sealed=made.stored)
    chain = await chains.get_chain(db, trigger.chain_id)
    await _tell(db, "trigger.rotate_signing_secret", caller, chain, trigger.name)
    return Saved(await _there(db, trigger_id), signing_secret=made.shown)


async def history_of(
    db: AsyncSession, caller: Principal | None, trigger_id: int, before: int | None, limit: int
) -> list[FireRecord]:
    """What became of each time, newest first.

    Raises: NotFound.
    """
    await _trigger(db, caller, trigger_id, Level.READ)
    return await fires.fires_before(db, trigger_id, before, limit)


async def origin_of(db: AsyncSession, caller: Principal, run_id: int) -> tuple[Trigger, FireRecord]:
    """The trigger that started a run, with its fire.

    Raises: NotFound, also for a run that was started otherwise, or whose trigger is gone.
    """
    await runs.get(db, caller, run_id)
    record = await fires.fire_of_run(db, run_id)
    trigger = None if record is None else await kept.trigger(db, record.trigger_id)
    if record is None or trigger is None:
        message = f"No trigger that is known started run {run_id}: it began otherwise, or the trigger is gone."
        raise NotFound("trigger.none_of_run", message)
    return trigger, record


async def _check(
    db: AsyncSession,
    caller: Principal | None,
    chain: Chain,
    version: Version | None,
    document: TriggerDocument,
    trigger_id: int | None = None,
) -> None:
    inputs = None if version is None else version.definition.inputs
    problems = (
        *document_problems(document, inputs),
        *await _source_problems(db, caller, chain.id, document, trigger_id),
    )
    if problems:
        sentence = f"The trigger `{document.name}` cannot be saved: {problems[0].sentence()}"
        raise Invalid("trigger.invalid", sentence, problems=problems)


def _check_folder(ground: Ground, document: TriggerDocument) -> None:
    """Accept the folder that a trigger looks at.

    Raises: Invalid when it is none that commands may use, or the pattern leaves it.
    """
    watch = watch_of(document)
    if (
        watch is not None
        and (problem := place_problem(watch, ground.settings.open_folders, ground.settings.watch_stores)) is not None
    ):
        sentence = f"The trigger `{document.name}` cannot be saved: {problem.sentence()}"
        raise Invalid("trigger.invalid", sentence, problems=(problem,))


def _place(document: TriggerDocument) -> tuple[str, str] | None:
    """Which files a trigger looks at; when that changes, it looks for the first time again."""
    watch = watch_of(document)
    return None if watch is None else (watch.folder, watch.pattern)


async def _source_problems(
    db: AsyncSession, caller: Principal | None, chain_id: int, document: TriggerDocument, trigger_id: int | None
) -> list[Problem]:
    """The faults of the chain that is waited for: it must be there, readable, and not be started by this one."""
    completed = completed_of(document)
    if completed is None:
        return []
    where, source_id = "source.chain_id", int(completed.chain_id)
    try:
        source = await chains.get_chain(db, source_id)
        await permit_chain(db, caller, Level.READ, source.environment_id, source_id)
    except NotFound:
        return [Problem(where, f"There is no chain {source_id}.", "Name a chain that you may read.")]
    way = way_back(await kept.edges(db, without=trigger_id), source_id, chain_id)
    if way is None:
        return []
    if len(way) == 1:
        return [Problem(where, "A chain cannot start itself when it ends.", "Name another chain.")]
    shown = ", ".join(str(one) for one in way)
    message = f"Chains would start each other for ever: the triggers already lead from here back to it ({shown})."
    return [Problem(where, message, "Take one of these triggers away, or name another chain.")]


def _check_revision(trigger: Trigger, revision: int | None) -> None:
    if revision is not None and revision != trigger.revision:
        message = f"`{trigger.name}` was changed meanwhile. Read it again, and change it there."
        raise Stale("trigger.changed", message, current=trigger.revision)


async def _chain(
    db: AsyncSession, caller: Principal | None, chain_id: int, needed: Level
) -> tuple[Chain, Version | None]:
    chain, version = await chains.with_published(db, chain_id)
    await permit_chain(db, caller, needed, chain.environment_id, chain_id)
    return chain, version


async def _trigger(
    db: AsyncSession, caller: Principal | None, trigger_id: int, needed: Level, *, lock: bool = False
) -> Trigger:
    hidden = NotFound("trigger.not_found", f"There is no trigger {trigger_id}.")
    trigger = await kept.trigger(db, trigger_id, lock=lock)
    if trigger is None:
        raise hidden
    try:
        chain = await chains.get_chain(db, trigger.chain_id)
    except NotFound:  # deleted a moment ago; its triggers go with it
        raise hidden from None
    await permit_chain(db, caller, needed, chain.environment_id, chain.id, hidden=hidden)
    return trigger


async def _lost(db: AsyncSession, found: Sequence[Trigger]) -> set[int]:
    """Which of these triggers wait for a chain that is gone."""
    waits = {one.id: int(source.chain_id) for one in found if (source := completed_of(one.document)) is not None}
    living = await living_chains(db, set(waits.values())) if waits else set[int]()
    return {trigger_id for trigger_id, chain_id in waits.items() if chain_id not in living}


async def _there(db: AsyncSession, trigger_id: int) -> Trigger:
    trigger = await kept.trigger(db, trigger_id)
    if trigger is None:
        raise NotFound("trigger.not_found", f"There is no trigger {trigger_id}.")
    return trigger


def _signed(document: TriggerDocument) -> bool:
    webhook = webhook_of(document)
    return webhook is not None and webhook.signed


def _taken(chain: Chain, name: str) -> Conflict:
    return Conflict("trigger.name_taken", f"The chain `{chain.name}` has a trigger `{name}` already; rename one.")


async def _tell(db: AsyncSession, key: str, caller: Principal | None, chain: Chain, name: str) -> None:
    await activity.record(
        db,
        key=key,
        owner=caller,
        trackable_type="Chain",
        trackable_id=str(chain.id),
        recipient_type="Environment",
        recipient_id=str(chain.environment_id),
        parameters={"name": chain.name, "trigger": name},
    )
