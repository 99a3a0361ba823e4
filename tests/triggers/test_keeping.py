"""Keeping triggers through the API: compare-and-set, switches, pages, and what the activity tells."""

from __future__ import annotations

from onecloud.activity import actions as activity
from onecloud.triggers.store import fires
from tests.triggers.conftest import Client, document

HOOK = {"kind": "webhook"}


async def test_a_change_needs_the_state_that_it_was_made_from(client: Client) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, HOOK)
    path = f"/api/v2/triggers/{made['trigger']['id']}"
    read = await client.call("GET", path)
    tag = read.headers["etag"]
    body = {**read.json()["trigger"], "inputs": {"value": "fixed"}}
    assert await client.refused("PUT", path, body) == (428, "if_match.missing")
    changed = await client.call("PUT", path, body, If_Match=tag)
    assert (changed.status_code, changed.json()["trigger"]["trigger"]["inputs"]) == (200, {"value": "fixed"})
    assert changed.json()["secrets"] == {"trigger_id": made["trigger"]["id"], "address": None, "signing_secret": None}
    late = await client.call("PUT", path, {**body, "inputs": {}}, If_Match=tag)
    assert (late.status_code, late.json()["code"], late.headers["etag"]) == (412, "trigger.changed", '"2"')
    same = await client.call("PUT", path, body, If_Match='"2"')
    assert same.headers["etag"] == '"2"', "what is the same is not written"
    assert await client.refused("DELETE", path, None, If_Match=tag) == (412, "trigger.changed")
    assert await client.refused("PUT", path, body, If_Match='"x"') == (412, "trigger.changed")
    await client.ok("DELETE", path, None, If_Match='"2"')
    assert await client.refused("GET", path) == (404, "trigger.not_found")
    assert (await client.hook(made)).status_code == 404


async def test_signing_is_switched_on_with_a_secret_that_is_shown_once(client: Client) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, HOOK)
    path = f"/api/v2/triggers/{made['trigger']['id']}"
    body = {"name": "t", "source": {**HOOK, "signed": True}}
    saved = await client.ok("PUT", path, body, If_Match="*")
    assert saved["secrets"]["signing_secret"].startswith("whsec_")
    assert (await client.hook(made)).status_code == 401
    again = await client.ok("PUT", path, {**body, "name": "renamed"}, If_Match="*")
    assert again["secrets"]["signing_secret"] is None
    await client.ok("PUT", path, {"name": "t", "source": HOOK}, If_Match="*")
    assert (await client.hook(made)).status_code == 202


async def test_names_are_unique_in_a_chain_and_kinds_stay(client: Client) -> None:
    chain = await client.house.chain(document("One"))
    other = await client.house.chain(document("Two"))
    made = await client.create(chain, HOOK)
    await client.create(other, HOOK)
    path = f"/api/v2/chains/{chain}/triggers"
    assert await client.refused("POST", path, {"name": "t", "source": HOOK}) == (409, "trigger.name_taken")
    await client.ok("POST", path, {"name": "u", "source": HOOK})
    one = f"/api/v2/triggers/{made['trigger']['id']}"
    assert await client.refused("PUT", one, {"name": "u", "source": HOOK}, If_Match="*") == (409, "trigger.name_taken")
    completed = {"kind": "chain_completed", "chain_id": str(other)}
    assert await client.refused("PUT", one, {"name": "t", "source": completed}, If_Match="*") == (409, "trigger.kind")
    assert [one["trigger"]["name"] for one in (await client.ok("GET", path))["items"]] == ["t", "u"]


async def test_the_activity_tells_who_did_what_and_no_secret(client: Client) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, HOOK)
    path = f"/api/v2/triggers/{made['trigger']['id']}"
    for step in ("disable", "disable", "enable", "rotate-address"):
        await client.ok("POST", f"{path}/{step}")
    await client.ok("PUT", path, {"name": "n", "source": HOOK}, If_Match="*")
    await client.ok("DELETE", path)
    async with client.house.ground.database.reading() as db:
        changes, _ = await activity.changes(db, None, 200)
    told = [(c.key, c.trackable_id, c.parameters) for c in reversed(changes) if c.key.startswith("trigger.")]
    steps = ("create", "disable", "enable", "rotate_address", "update", "delete")
    names = ("t", "t", "t", "t", "n", "n")
    assert told == [
        (f"trigger.{step}", str(chain), {"name": "One", "trigger": name})
        for step, name in zip(steps, names, strict=True)
    ]


async def test_times_come_in_pages_and_are_forgotten(client: Client) -> None:
    from datetime import timedelta

    chain = await client.house.chain(document("One"))
    made = await client.create(chain, HOOK)
    runs = [(await client.hook(made)).json()["run_id"] for _ in range(5)]
    path = f"/api/v2/triggers/{made['trigger']['id']}/fires?limit=2"
    seen: list[str] = []
    cursor = ""
    while True:
        page = await client.ok("GET", path + cursor)
        seen += [one["run_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == runs[::-1]
    async with client.house.ground.database.transaction() as db:
        assert await fires.forget(db, timedelta(days=1), 100) == 0
        assert await fires.forget(db, -timedelta(days=1), 3) == 3
    assert len(await client.fires(made)) == 2
