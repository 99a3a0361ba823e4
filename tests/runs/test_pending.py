"""What is under way by the journal is what the reducer waits for; a restart drops what it takes back."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from onecloud.chains.model import Definition, Link, Node
from onecloud.chains.parts.iterate import Iterate
from onecloud.runs import actions
from onecloud.runs.model import (
    Check,
    Checked,
    DropLoop,
    NodeState,
    Open,
    Opened,
    PauseAsked,
    Resumed,
    RunState,
    Spot,
)
from onecloud.runs.pending import Pending
from onecloud.runs.plan import Plan, plan_of
from onecloud.runs.state import Run
from tests.runs.house import House
from tests.runs.reducer_world import MET, Fate, World, chain, definitions, done, drawn, fates, play


def opening(plan: Plan, run: Run) -> set[Spot]:
    """The places that wait to be opened."""
    active = {spot for spot, progress in run.spots.items() if progress.state is NodeState.ACTIVE}
    return {spot for spot in active - run.loops.keys() if plan.is_opened(spot.key)}


@given(definitions(), fates, st.data())
def test_what_is_pending_is_what_the_run_waits_for(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=2, restarts=2).finish()
    pending = Pending()
    for taken in world.steps:
        pending.close([taken.event])
        pending.follow(taken.effects)
        if taken.run.ended:
            break
        run = taken.run
        assert set(pending.opens) == opening(world.plan, run)
        assert set(pending.checks) == {spot for spot, loop in run.loops.items() if loop.checking}
        assert taken.owed == {*pending.opens, *pending.checks}
        tried = {unit: now.attempt for unit, now in run.tries.items() if not now.retrying and unit not in run.held}
        under_way = {**pending.attempts, **{unit: wait.attempt for unit, wait in pending.waits.items()}}
        assert under_way.items() <= tried.items()
        assert all(run.spots[unit.spot].state is NodeState.ACTIVE for unit in under_way)


RESTART = (PauseAsked(1, "Ann"), Resumed(2, Spot("a")))


def test_a_restart_takes_back_an_opening_and_a_check() -> None:
    plan = chain(Link("a", "b"), nodes=[Node("b", "x.y", iterate=Iterate(until=MET))])
    b = Spot("b")
    _, effects = play(plan, done("a"), *RESTART)
    assert [e for e in effects if isinstance(e, Open | DropLoop)] == [Open(b), DropLoop(b)]
    events = [done("a"), Opened(b, None), done("b", item=0)]
    _, effects = play(plan, *events, *RESTART)
    assert [e for e in effects if isinstance(e, Check | DropLoop)] == [Check(b, 0), DropLoop(b)]
    late = [*events, *RESTART, Checked(b, 0, done=True), done("a", attempt=2)]
    run, effects = play(plan, *late)
    assert (run.state_of("b"), effects[-1]) == (NodeState.ACTIVE, Open(b))


async def test_an_opening_that_a_restart_took_back_answers_too_late(house: House) -> None:
    mark = house.ground.settings.files_folder / "mark"
    chain_id = await house.chain(
        f"""
onecloud: 1
name: Reopened
outputs: [{{name: all, value: "${{{{ node.g.value }}}}"}}]
start: file
nodes:
  file: {{command: files.create, inputs: {{name: r.csv, text: "n\\n1\\n2\\n"}}}}
  a: {{command: script.shell, inputs: {{code: "while ! test -e {mark}; do sleep 0.05; done"}}}}
  g:
    iterate: {{rows: "${{{{ node.file.file }}}}"}}
    command: json.query
    inputs: {{data: "${{{{ iteration.value }}}}", query: n}}
links: [{{from: file, to: a}}, {{from: a, to: g}}]
"""
    )
    run_id = await house.start(chain_id)
    async with asyncio.timeout(20):
        while "a" not in (found := await house.result(run_id)):
            await asyncio.sleep(0.02)
    outputs = found["file"][0].outputs
    assert outputs is not None
    file = outputs["file"]
    assert isinstance(file, dict)
    path = house.blobs.existing(str(file["blob"]))
    # So many rows that a thread is at them for seconds; nothing can cancel it.
    rows = path.read_bytes()
    path.write_bytes(b"n\n" + b"7\n" * 500_000)
    mark.touch()
    async with asyncio.timeout(20):
        while (await house.nodes(run_id))["g"] != "active":
            await asyncio.sleep(0.02)
    folder = house.blobs.path(f"runs/{run_id}/g")
    async with asyncio.timeout(20):
        while not (folder.exists() and any(folder.glob("*.part"))):
            await asyncio.sleep(0.02)
    async with house.ground.database.transaction() as db:
        await actions.pause(db, house.engine, house.caller, run_id)
    await house.wait(run_id, RunState.PAUSED)
    path.unlink()  # the thread goes on with what it has open
    path.write_bytes(rows)
    async with house.ground.database.transaction() as db:
        await actions.resume(db, house.engine, house.caller, run_id, Spot("a"))
    run = await house.wait(run_id)
    assert "g" in await house.result(run_id)
    assert (run.state, run.outputs) == (RunState.ALL_SUCCEEDED, {"all": ["1", "2"]})
    assert (folder / "-1.items.jsonl").read_text().count("\n") == 2
    # Until the late one is over.
    await asyncio.to_thread(house.engine._threads.shutdown)  # pyright: ignore[reportPrivateUsage]
    assert (folder / "-1.items.jsonl").read_text().count("\n") == 2
