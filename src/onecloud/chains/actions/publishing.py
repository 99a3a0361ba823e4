"""Publishing: the draft becomes the version that runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import store
from onecloud.chains.actions import rights
from onecloud.chains.actions.finding import get_chain
from onecloud.chains.actions.finding import version as get_version
from onecloud.chains.actions.revisions import match
from onecloud.chains.actions.saving import checked_draft, locked, refused, tell
from onecloud.chains.codec import encode
from onecloud.chains.commands import CommandSpec
from onecloud.chains.model import Applied, Draft, Version
from onecloud.kernel.errors import Invalid, Problem
from onecloud.kernel.principal import Principal

MOST_COMMENT_CHARS: Final = 2_000


async def publish(
    db: AsyncSession,
    caller: Principal | None,
    chain_id: int,
    comment: str = "",
    *,
    revision: int | None = None,
    commands: Mapping[str, CommandSpec] | None = None,
) -> Applied:
    """Freeze the draft as the version that runs; an unchanged draft makes no new version.

    With `revision` only that state of the draft is published. `commands` defaults to the installed ones.

    Raises: Forbidden; NotFound; Stale; Invalid `chain.invalid` with every fault of the connected nodes.
    Source: product facts 2.18.
    """
    check_comment(comment)
    draft = await locked(db, chain_id)
    await rights.to_write(db, caller, draft.chain)
    if revision is not None:
        await match(db, draft, revision)
    checked = await checked_draft(db, draft, commands)
    if checked.problems:
        raise refused(draft.chain.name, checked.problems)
    version, added = await publish_locked(db, caller, draft, comment)
    return Applied(await get_chain(db, chain_id), version, added, (), checked.notes, draft.revision)


async def publish_locked(
    db: AsyncSession, caller: Principal | None, draft: Draft, comment: str
) -> tuple[Version, bool]:
    """The published version with the content of the (locked, sound) draft, and whether it had to be made."""
    chain = draft.chain
    current = None if chain.published_version_id is None else await store.version(db, chain.published_version_id)
    if current is not None and encode(current.definition) == encode(draft.definition):
        return current, False
    check_comment(comment)
    by = rights.who(caller)
    version_id = await store.add_version(db, chain.id, draft.definition, comment=comment, published_by=by)
    version = await get_version(db, version_id)
    await tell(db, "chain.publish", caller, chain, version=version.number)
    return version, True


def check_comment(comment: str) -> None:
    """Accept what is said with a publish.

    Raises: Invalid naming the limit.
    """
    problem = None
    if len(comment) > MOST_COMMENT_CHARS:
        message = f"The comment has {len(comment)} characters; the limit is {MOST_COMMENT_CHARS}."
        problem = Problem("comment", message, "Shorten it.")
    elif "\x00" in comment or any("\ud800" <= c <= "\udfff" for c in comment):
        problem = Problem("comment", "The comment holds a NUL or half of a surrogate pair.", "Remove it.")
    if problem is not None:
        raise Invalid("chain.comment", problem.sentence(), problems=(problem,))
