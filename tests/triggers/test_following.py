"""Chains that start after others have ended, with a running engine, on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from onecloud.kernel.errors import Invalid
from onecloud.runs.store.ends import claim_ended
from onecloud.triggers.dispatcher import Dispatcher
from onecloud.triggers.firing import Firing
from onecloud.triggers.following import follow, follow_all
from onecloud.triggers.rules import MOST_DEPTH, way_back
from tests.triggers.conftest import Client, document

FAILING = (
    "onecloud: 1\nname: {name}\nallow_concurrent_runs: true\nstart: make\nnodes: {{make: {{command: event.exit}}}}\n"
)


def after(chain: int, *states: str) -> dict[str, Any]:
    """What waits for a chain."""
    return {"kind": "chain_completed", "chain_id": str(chain), **({"states": list(states)} if states else {})}


def firing(client: Client) -> Firing:
    """What firing needs."""
    return Firing(client.house.ground.keys, client.house.engine)


async def news(client: Client) -> list[int]:
    """The runs of whose end nobody has taken the news."""
    async with client.house.ground.database.transaction() as db:
        return [one.run_id for one in await claim_ended(db, 1000)]


async def ran(client: Client, chain: int, value: str = "x") -> int:
    """A run that has ended, and whose news is there."""
    run = await client.house.start(chain, {"value": value})
    await client.house.wait(run)
    return run


async def test_the_end_of_a_run_starts_another_chain_with_its_outputs(client: Client) -> None:
    first, second = [await client.house.chain(document(name)) for name in ("First", "Second")]
    inputs = {"value": "${{ trigger.outputs.value }}-${{ trigger.outputs.more }}-${{ trigger.state }}"}
    made = await client.create(second, after(first), inputs=inputs)
    run = await ran(client, first, "v")
    assert await follow_all(client.house.ground.database, firing(client)) == 1
    (fired,) = await client.fires(made)
    assert (fired["outcome"], fired["about"]) == ("fired", f"run {run} of First")
    started = await client.ok("GET", f"/api/v2/runs/{fired['run_id']}")
    assert started["inputs"] == {"value": "v-7-all_succeeded"}
    assert (started["launch_type"], started["user_name"]) == ("trigger", "trigger t")
    assert await news(client) == []
    await client.house.wait(int(started["id"]))


async def test_the_state_and_the_condition_decide(client: Client) -> None:
    first, second = [await client.house.chain(document(name)) for name in ("First", "Second")]
    when = {"value": "${{ trigger.outputs.value }}", "is": "equals", "other": "go"}
    picky = await client.create(second, after(first), when=when)
    sad = await client.ok(
        "POST", f"/api/v2/chains/{second}/triggers", {"name": "sad", "source": after(first, "errored", "stopped")}
    )
    await ran(client, first, "stay")
    await ran(client, first, "go")
    await follow_all(client.house.ground.database, firing(client))
    assert [(one["outcome"], one["reason"]) for one in await client.fires(picky)] == [
        ("fired", ""),
        ("skipped", "trigger.condition"),
    ]
    assert {(one["outcome"], one["reason"]) for one in await client.fires(sad)} == {("skipped", "trigger.state")}


async def test_a_stopped_run_has_no_outputs_and_counts_when_it_is_asked_for(client: Client) -> None:
    first = await client.house.chain(document("First", wait=True))
    second = await client.house.chain(document("Second"))
    made = await client.create(
        second, after(first, "stopped"), inputs={"value": '${{ trigger.outputs.value | default("none") }}'}
    )
    run = await client.house.start(first, {})
    await client.ok("POST", f"/api/v2/runs/{run}/stop")
    await follow_all(client.house.ground.database, firing(client))
    (fired,) = await client.fires(made)
    assert (await client.house.run(int(fired["run_id"]))).inputs == {"value": "none"}


async def test_a_disabled_trigger_does_not_fire_and_the_news_is_gone(client: Client) -> None:
    first, second = [await client.house.chain(document(name)) for name in ("First", "Second")]
    made = await client.create(second, after(first), enabled=False)
    await ran(client, first)
    await follow_all(client.house.ground.database, firing(client))
    assert (await news(client), await client.fires(made)) == ([], [])


async def test_a_chain_that_does_not_take_it_says_why(client: Client) -> None:
    first = await client.house.chain(document("First"))
    second = await client.house.chain(document("Second", concurrent=False, wait=True))
    made = await client.create(second, after(first))
    for _ in range(2):
        await ran(client, first)
    await follow_all(client.house.ground.database, firing(client))
    assert [(one["outcome"], one["reason"]) for one in await client.fires(made)] == [
        ("refused", "chain.already_running"),
        ("fired", ""),
    ]


async def test_a_crash_in_between_leaves_the_news_and_starts_nothing(client: Client) -> None:
    first, second = [await client.house.chain(document(name)) for name in ("First", "Second")]
    made = await client.create(second, after(first))
    run = await ran(client, first)
    database = client.house.ground.database

    async def dies() -> None:
        async with database.transaction() as db:
            assert await follow(db, firing(client), 10) == 1
            raise RuntimeError("the process dies before its commit")

    with pytest.raises(RuntimeError):
        await dies()
    assert (await client.fires(made), await news(client)) == ([], [run])
    await follow_all(database, firing(client))
    assert [one["outcome"] for one in await client.fires(made)] == ["fired"]


async def test_several_servers_start_one_run_each_end(client: Client) -> None:
    first, second = [await client.house.chain(document(name)) for name in ("First", "Second")]
    made = await client.create(second, after(first))
    runs = {await ran(client, first) for _ in range(6)}
    database = client.house.ground.database
    await asyncio.gather(*(follow_all(database, firing(client)) for _ in range(5)))
    assert {one["about"] for one in await client.fires(made)} == {f"run {run} of First" for run in runs}
    assert len(await client.fires(made)) == 6


async def test_news_that_comes_twice_starts_one_run(client: Client) -> None:
    first, second = [await client.house.chain(document(name)) for name in ("First", "Second")]
    made = await client.create(second, after(first))
    run = await ran(client, first)
    database = client.house.ground.database
    for _ in range(2):
        await follow_all(database, firing(client))
        async with database.transaction() as db:
            await db.execute(
                text("insert into run_ended (run_id, chain_id, state) values (:run, :chain, 'all_succeeded')"),
                {"run": run, "chain": first},
            )
    assert len(await client.fires(made)) == 1


async def test_chains_that_start_each_other_are_refused(client: Client) -> None:
    first, second, third = [await client.house.chain(document(name)) for name in ("First", "Second", "Third")]
    path = "/api/v2/chains/{}/triggers"
    await client.create(second, after(first))
    await client.create(third, after(second), enabled=False)
    for chain, source in ((first, first), (first, second), (first, third)):
        answer = await client.call("POST", path.format(chain), {"name": "x", "source": after(source)})
        assert (answer.status_code, answer.json()["code"]) == (422, "trigger.invalid")
        assert answer.json()["problems"][0]["where"] == "source.chain_id"
    lost = await client.call("POST", path.format(first), {"name": "x", "source": after(999)})
    assert "There is no chain 999." in lost.json()["detail"]


async def test_a_circle_through_another_event_ends_at_the_limit(client: Client) -> None:
    """`Outer` runs `Inner` by a Run Chain event, and the end of `Inner` starts `Outer` again."""
    inner = await client.house.chain(document("Inner", "[{name: value}]"))
    outer = await client.house.chain(
        "onecloud: 1\nname: Outer\nallow_concurrent_runs: true\nstart: go\n"
        "nodes: {go: {command: event.run_chain, inputs: {chain: Inner}}}\n"
    )
    made = await client.create(outer, after(inner, "all_succeeded", "warned", "errored", "stopped"))
    await client.house.wait(await client.house.start(outer))
    database, seen = client.house.ground.database, 0
    while (count := len([one for one in await client.fires(made) if one["run_id"]])) > seen or seen == 0:
        seen = count
        await follow_all(database, firing(client))
        for one in await client.fires(made):
            if one["run_id"] is not None:
                await client.house.wait(int(one["run_id"]))
    fires = (await client.ok("GET", f"/api/v2/triggers/{made['trigger']['id']}/fires?limit=200"))["items"]
    assert [one["reason"] for one in fires] == ["trigger.too_deep"] + [""] * MOST_DEPTH


async def test_triggers_go_with_their_chain_and_say_when_their_source_is_gone(client: Client) -> None:
    first, second = [await client.house.chain(document(name)) for name in ("First", "Second")]
    made = await client.create(second, after(first))
    path = f"/api/v2/triggers/{made['trigger']['id']}"
    await client.ok("DELETE", f"/api/v2/chains/{first}")
    assert [one["code"] for one in (await client.ok("GET", path))["hindrances"]] == ["trigger.source_gone"]
    await client.ok("DELETE", f"/api/v2/chains/{second}")
    await Dispatcher(client.house.ground, None).tidy()
    async with client.house.ground.database.reading() as db:
        assert await db.scalar(text("select count(*) from chain_trigger")) == 0


def test_the_way_back_is_found_and_nothing_else() -> None:
    edges = [(1, 2), (2, 3), (3, 4), (2, 5), (6, 1)]
    assert way_back(edges, 4, 1) == (1, 2, 3, 4)
    assert way_back(edges, 1, 1) == (1,)
    assert way_back(edges, 1, 4) is None
    assert way_back(edges, 6, 5) is None


def test_an_end_that_there_is_not_is_refused() -> None:
    from onecloud.cli.trigger import document_of

    with pytest.raises(Invalid) as caught:
        document_of("{name: a, source: {kind: chain_completed, chain_id: '1', states: [broken]}}")
    assert "states" in str(caught.value)
