"""What happened is written in the change's own transaction, bounded, and read in pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.activity import actions, rules
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Malformed
from onecloud.kernel.principal import Principal

PERSON = Principal(7, "ada@example.com", "Ada", is_admin=True, via="token")


async def record(ground: Ground, key: str, owner: Principal | None = PERSON) -> None:
    async with ground.database.transaction() as db:
        await actions.record(
            db, key=key, owner=owner, trackable_type="Chain", trackable_id="5", parameters={"comment": "été", "n": [1]}
        )


async def test_a_change_is_kept_with_its_owner_and_parameters(ground: Ground) -> None:
    await record(ground, "chain.publish")
    await record(ground, "chain.purge", None)
    shell = Principal(0, "", "command line", is_admin=True, via="cli")
    await record(ground, "chain.apply", shell)
    async with ground.database.reading() as db:
        (applied, purged, published), cursor = await actions.changes(db, None, 50)
    assert cursor is None
    assert (published.owner_type, published.owner_id, published.via) == ("User", "7", "token")
    assert (published.trackable_type, published.trackable_id, published.recipient_id) == ("Chain", "5", "")
    assert published.parameters == {"comment": "été", "n": [1]}
    assert (purged.owner_type, purged.owner_id, purged.via) == ("System", "", "system")
    assert (applied.owner_type, applied.owner_id, applied.via) == ("System", "", "cli")
    assert published.created_at.utcoffset() is not None


async def fail_after_recording(ground: Ground) -> None:
    async with ground.database.transaction() as db:
        await actions.record(db, key="x", owner=None, trackable_type="X", trackable_id="1")
        raise ZeroDivisionError


async def test_a_change_that_is_rolled_back_was_never_recorded(ground: Ground) -> None:
    with pytest.raises(ZeroDivisionError):
        await fail_after_recording(ground)
    async with ground.database.reading() as db:
        assert await actions.changes(db, None, 50) == ([], None)


async def test_pages_cover_everything_once_also_while_more_is_written(ground: Ground) -> None:
    for number in range(5):
        await record(ground, f"k.{number}")
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        async with ground.database.reading() as db:
            page, cursor = await actions.changes(db, cursor, 2)
        seen += [change.key for change in page]
        await record(ground, "k.new")
    assert (seen, cursor) == (["k.4", "k.3", "k.2", "k.1", "k.0"], None)


async def test_the_sign_in_log_takes_any_text(ground: Ground) -> None:
    async with ground.database.transaction() as db:
        await actions.record_login(
            db,
            identity="\x00" + "x" * 5000,
            context="sessions#create",
            success=False,
            failure_reason="not_found",
            user_id=None,
            ip="1" * 5000,
            agent="\x00" + "y" * 5000,
        )
        (attempt,), _ = await actions.login_activity(db, None, 50)
    assert (len(attempt.identity), len(attempt.ip), len(attempt.agent)) == (254, 64, 500)


@given(st.text() | st.integers().map(str))
def test_only_a_row_number_is_a_cursor(text: str) -> None:
    if text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= rules.LARGEST_ID:
        assert rules.cursor_id(text) == int(text)
    else:
        with pytest.raises(Malformed, match="cursor"):
            rules.cursor_id(text)


def test_the_largest_number_is_a_cursor_and_the_next_is_not() -> None:
    assert rules.cursor_id(str(rules.LARGEST_ID)) == rules.LARGEST_ID
    with pytest.raises(Malformed):
        rules.cursor_id(str(rules.LARGEST_ID + 1))


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_page_has_bounds(limit: int) -> None:
    with pytest.raises(Malformed, match="200"):
        rules.page_size(limit)
