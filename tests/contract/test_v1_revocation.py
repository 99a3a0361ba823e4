"""Whatever ends API access ends it for the very next request, over the whole application."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from onecloud.access import actions as access
from onecloud.kernel.secret import Secret
from onecloud.tokens import actions as tokens
from tests.contract import v1_schemas as schemas
from tests.runs.conftest import house as house  # noqa: PLC0414 - a fixture of the next room
from tests.runs.house import House
from tests.whole import Whole, whole_app


@pytest.fixture
async def whole(house: House) -> AsyncIterator[Whole]:
    """The whole application, with a second administrator so that the first may go."""
    async with house.ground.database.transaction() as db:
        await access.create_admin(db, "grace@example.com", "correct-horse-9", "Grace", "Hopper")
    async with whole_app(house) as whole:
        yield whole


async def end_access(whole: Whole, how: str) -> None:
    """One of the ways in which API access ends."""
    ground, caller = whole.house.ground, whole.house.caller
    if how == "the password is reset":
        async with ground.database.transaction() as db:
            link, _ = await access.create_reset_link(db, ground.keys, caller.user_id)
        await access.reset_password(ground, link.split("token=")[1], Secret("another-horse-9!"))
        return
    async with ground.database.transaction() as db:
        match how:
            case "the user is disabled":
                await access.set_disabled(db, None, caller.user_id, disabled=True)
            case "the administrator right is removed":
                await access.set_admin(db, None, caller.user_id, is_admin=False)
            case _:
                await tokens.revoke(db, caller)


@pytest.mark.parametrize(
    "how",
    ["the user is disabled", "the administrator right is removed", "access is revoked", "the password is reset"],
)
async def test_the_very_next_request_is_refused_when(whole: Whole, how: str) -> None:
    path = "/api/v1/metadata/workspace"
    assert (await whole.call("GET", path)).status_code == 200
    await end_access(whole, how)
    refused = await whole.call("GET", path)
    assert refused.status_code == 401
    schemas.check(refused.json(), schemas.ERROR)
    assert refused.headers["www-authenticate"].startswith("Bearer realm=")
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


async def test_enabling_a_disabled_user_wakes_no_token(whole: Whole) -> None:
    await end_access(whole, "the user is disabled")
    async with whole.house.ground.database.transaction() as db:
        await access.set_disabled(db, None, whole.house.caller.user_id, disabled=False)
    assert (await whole.call("GET", "/api/v1/metadata/workspace")).status_code == 401
