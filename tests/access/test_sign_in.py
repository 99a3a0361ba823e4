"""Sign-in: who comes in, who does not, what is counted, and what the log keeps."""

from __future__ import annotations

import asyncio

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from onecloud.access import actions, passwords
from onecloud.access.model import SignedIn, User
from onecloud.access.tables import UserRow
from onecloud.activity.actions import changes, login_activity
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Unauthenticated
from tests.access.conftest import EMAIL, PASSWORD, VISITOR, WRONG, enter


async def reasons(ground: Ground) -> list[str | None]:
    async with ground.database.reading() as db:
        return [attempt.failure_reason for attempt in (await login_activity(db, None, 200))[0]]


async def row_of(ground: Ground, user: User) -> UserRow:
    async with ground.database.reading() as db:
        return (await db.scalars(select(UserRow).where(UserRow.id == user.id))).one()


async def refused(ground: Ground, email: str, password: str) -> str:
    with pytest.raises(Unauthenticated) as error:
        await enter(ground, email, password)
    return f"{error.value.code} {error.value.message}"


async def test_twenty_parallel_wrong_passwords_lock_exactly_at_six(ground: Ground, ada: User) -> None:
    outcomes = await asyncio.gather(*(enter(ground, password=WRONG) for _ in range(20)), return_exceptions=True)
    assert all(isinstance(outcome, Unauthenticated) for outcome in outcomes)
    logged = await reasons(ground)
    assert (logged.count("invalid"), logged.count("locked")) == (6, 14)
    row = await row_of(ground, ada)
    assert row.failed_sign_ins == 6
    assert row.locked_at is not None


async def test_no_guess_slips_through_while_the_failures_are_being_counted(ground: Ground, ada: User) -> None:
    guesses = [WRONG] * 6 + [PASSWORD] * 6
    outcomes = await asyncio.gather(*(enter(ground, password=guess) for guess in guesses), return_exceptions=True)
    assert not [outcome for outcome in outcomes if isinstance(outcome, SignedIn)]


async def test_five_failures_do_not_lock_and_a_success_forgets_them(ground: Ground, ada: User) -> None:
    for _ in range(5):
        await refused(ground, EMAIL, WRONG)
    assert (await enter(ground)).user.id == ada.id
    assert (await row_of(ground, ada)).failed_sign_ins == 0


async def test_parallel_right_passwords_all_come_in(ground: Ground, ada: User) -> None:
    tokens = {made.token.reveal() for made in await asyncio.gather(*(enter(ground) for _ in range(10)))}
    assert len(tokens) == 10


async def test_every_refusal_has_the_same_words(ground: Ground, ada: User) -> None:
    wrong = await refused(ground, EMAIL, WRONG)
    unknown = await refused(ground, "nobody@example.com", WRONG)
    for _ in range(5):
        await refused(ground, EMAIL, WRONG)
    locked_with_the_right_password = await refused(ground, EMAIL, PASSWORD)
    assert wrong == unknown == locked_with_the_right_password


async def test_a_disabled_person_is_refused_in_the_same_words(ground: Ground, ada: User) -> None:
    async with ground.database.transaction() as db:
        other = await actions.create_admin(db, "bob@example.com", PASSWORD)
        await actions.set_disabled(db, None, other.id, disabled=True)
    assert await refused(ground, "bob@example.com", PASSWORD) == await refused(ground, "x@example.com", PASSWORD)
    assert await reasons(ground) == ["not_found", "disabled"]


async def test_success_and_failure_are_logged_with_identity_address_and_agent(ground: Ground, ada: User) -> None:
    await refused(ground, "No\x00body ", WRONG)
    await enter(ground, "ADA@example.com")
    async with ground.database.reading() as db:
        (success, failure), _ = await login_activity(db, None, 50)
    assert (success.identity, success.success, success.failure_reason, success.user_id) == (EMAIL, True, None, ada.id)
    assert (failure.identity, failure.success, failure.failure_reason, failure.user_id) == (
        "no\ufffdbody",
        False,
        "not_found",
        None,
    )
    assert (success.context, success.ip, success.agent) == ("sessions#create", VISITOR.ip, VISITOR.agent)


async def test_the_lock_is_in_the_audit_trail(ground: Ground, ada: User) -> None:
    for _ in range(6):
        await refused(ground, EMAIL, WRONG)
    async with ground.database.reading() as db:
        (newest, *_), _ = await changes(db, None, 50)
    assert (newest.key, newest.trackable_id, newest.owner_type) == ("user.lock", str(ada.id), "System")


async def test_a_hash_of_older_parameters_is_renewed_at_sign_in(ground: Ground, ada: User) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    async with ground.database.transaction() as db:
        await db.execute(update(UserRow).values(password_hash=old))
    made = await enter(ground)
    row = await row_of(ground, ada)
    assert row.password_hash is not None
    assert row.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert made.user.access_epoch == row.access_epoch == 0
    await enter(ground)


async def test_a_password_reset_during_the_check_wins(ground: Ground, ada: User) -> None:
    """The old password is judged by the hash of the moment of judging."""
    fresh = await passwords.hash_password("another-horse-2")
    async with ground.database.transaction() as db:
        await db.execute(update(UserRow).values(password_hash=fresh))
        entering = asyncio.create_task(enter(ground))
        await asyncio.wait([entering], timeout=1)  # it reads and checks the old hash, and waits for the row
        assert not entering.done()
    with pytest.raises(Unauthenticated):
        await entering


async def test_checking_nobody_costs_what_checking_somebody_costs() -> None:
    stored = await passwords.hash_password(PASSWORD)

    async def cost(of: str | None) -> float:
        loop = asyncio.get_running_loop()
        took: list[float] = []
        for _ in range(5):
            began = loop.time()
            assert not (await passwords.check_password(of, WRONG)).matches
            took.append(loop.time() - began)
        return min(took)

    somebody, nobody = await cost(stored), await cost(None)
    assert nobody > somebody / 3
    assert somebody > nobody / 3


async def test_hashing_leaves_the_event_loop_free() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await passwords.hash_password(PASSWORD)
    counting.cancel()
    assert turns > 100
