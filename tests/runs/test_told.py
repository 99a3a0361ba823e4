"""What people are told of runs: each thing that happens once, also when the engine dies in between."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from onecloud.infra.http import Ground
from onecloud.runs import actions, store
from onecloud.runs.model import RunState
from onecloud.runs.rerun import Choice
from onecloud.runs.rerunning import rerun
from tests.runs.dying import lives_in
from tests.runs.house import House

EVERY = "[{on: [started, succeeded, warned, errored, stopped, paused], email: {to: [ada@example.com]}}]"


def told_chain(name: str, nodes: str, links: str = "[]", more: str = "") -> str:
    """A chain that tells everything about itself; EVERY in its nodes does so of them."""
    nodes = nodes.replace("EVERY", f"notifications: {EVERY}")
    return f"onecloud: 1\nname: {name}\nnotifications: {EVERY}\n{more}\nstart: a\nnodes:\n{nodes}\nlinks: {links}\n"


async def told(ground: Ground) -> list[str]:
    """The subjects of all letters, such as `Chain → node: errored`, sorted."""
    async with ground.database.reading() as db:
        rows = await db.execute(text("SELECT subject FROM delivery ORDER BY id"))
        return sorted(str(subject).removeprefix("[DEV] ") for (subject,) in rows)


async def until_told(ground: Ground, *subjects: str) -> None:
    """Wait until these letters, and no others, are there; and that no more come of what is noted."""
    try:
        async with asyncio.timeout(20):
            while await told(ground) != sorted(subjects) or await untold(ground):
                await asyncio.sleep(0.05)
    except TimeoutError:
        assert await told(ground) == sorted(subjects)
        raise


async def untold(ground: Ground) -> list[int]:
    async with ground.database.reading() as db:
        return await store.untold_ends(db)


async def stop(house: House, run_id: int) -> None:
    async with house.ground.database.transaction() as db:
        await actions.stop(db, house.engine, house.caller, run_id)


async def test_a_run_tells_that_it_started_and_how_it_and_its_commands_ended(house: House) -> None:
    nodes = """
  a: {command: json.query, inputs: {data: "[1]", query: "[0]"}, EVERY}
  b: {command: script.shell, inputs: {code: "exit 3"}, EVERY}
  c: {command: json.query, inputs: {data: "[1]", query: "[0]"}, EVERY}
"""
    chain = await house.chain(told_chain("Talk", nodes, "[{from: a, to: b}, {from: b, to: c}]"))
    run = await house.wait(await house.start(chain))
    assert run.state is RunState.ERRORED
    await until_told(house.ground, "Talk: started", "Talk → a: succeeded", "Talk → b: errored", "Talk: errored")


async def test_a_run_that_begins_with_an_event_or_a_group_tells_the_same(house: House) -> None:
    wait = "  a: {command: event.delay, inputs: {amount: 0.1, unit: seconds}, EVERY}"
    each = """
  a:
    iterate: {over: [1, 2]}
    EVERY
    group:
      start: [m]
      nodes: {m: {command: json.query, inputs: {data: "[1]", query: "[0]"}, EVERY}}
"""
    for name, nodes in (("Wait", wait), ("Each", each)):
        run = await house.wait(await house.start(await house.chain(told_chain(name, nodes))))
        assert run.state is RunState.ALL_SUCCEEDED, run.result_text
    expected = [
        f"{name}{what}" for name in ("Wait", "Each") for what in (": started", " → a: succeeded", ": succeeded")
    ]
    await until_told(house.ground, *expected, "Each → m: succeeded", "Each → m: succeeded")


async def test_a_run_tells_each_pause_once_and_a_resume_is_no_start(house: House) -> None:
    mark = house.ground.settings.files_folder / "mark"
    nodes = f'  a: {{command: script.shell, inputs: {{code: "test -e {mark}"}}, on_error: pause, EVERY}}'
    run_id = await house.start(await house.chain(told_chain("Mend", nodes)))
    for tries in (1, 2):
        await house.wait(run_id, RunState.PAUSED)
        await until_told(house.ground, "Mend: started", *["Mend → a: paused", "Mend: paused"] * tries)
        if tries == 2:
            mark.touch()
        async with house.ground.database.transaction() as db:
            await actions.resume(db, house.engine, house.caller, run_id)
        async with asyncio.timeout(20):
            while len((await house.result(run_id))["a"]) == tries or not await told_more(house, tries):
                await asyncio.sleep(0.02)
    run = await house.wait(run_id)
    assert run.state is RunState.ALL_SUCCEEDED
    paused = ["Mend → a: paused", "Mend: paused"] * 2
    await until_told(house.ground, "Mend: started", *paused, "Mend → a: succeeded", "Mend: succeeded")


async def told_more(house: House, tries: int) -> bool:
    """Whether the next pause, or the end, is told."""
    return len(await told(house.ground)) >= 1 + 2 * (tries + 1)


SLEEP = '  a: {command: script.shell, inputs: {code: "sleep 60"}, EVERY}\n'
AFTER = '  z: {command: json.query, inputs: {data: "[1]", query: "[0]"}, EVERY}'


async def under_way(house: House, run_id: int) -> None:
    """Wait until the run's first command is under way."""
    async with asyncio.timeout(20):
        while not await house.result(run_id):
            await asyncio.sleep(0.02)


async def test_a_run_that_a_person_stops_tells_it_with_the_commands_that_were_cut_off(house: House) -> None:
    chain = await house.chain(told_chain("Long", SLEEP + AFTER, "[{from: a, to: z}]"))
    run_id = await house.start(chain)
    await under_way(house, run_id)
    await stop(house, run_id)
    await until_told(house.ground, "Long: started", "Long → a: stopped", "Long: stopped")
    async with house.ground.database.reading() as db:
        texts = [
            str(row[0]) for row in await db.execute(text("SELECT text FROM delivery WHERE subject LIKE '%stopped'"))
        ]
    assert any("Stopped by Ada Lovelace." in one for one in texts)


async def test_what_is_told_of_a_stop_may_refer_to_what_the_run_had_given(house: House) -> None:
    own = (
        "[{on: [stopped], email: {to: [ada@example.com], subject: "
        '"${{ node.b.value }} ${{ input.who }} ${{ system.chain_environment }} ${{ node.z.value }}"}}]'
    )
    nodes = """
  b: {command: json.query, inputs: {data: '["first"]', query: "[0]"}}
  a: {command: script.shell, inputs: {code: "sleep 60"}}
  z: {command: json.query, inputs: {data: "[1]", query: "[0]"}}
"""
    chain = await house.chain(
        f"onecloud: 1\nname: Refer\ninputs: [{{name: who}}]\nnotifications: {own}\nstart: b\nnodes:\n{nodes}\n"
        "links: [{from: b, to: a}, {from: a, to: z}]\n"
    )
    run_id = await house.start(chain, {"who": "Bob"})
    async with asyncio.timeout(20):
        while "a" not in await house.result(run_id):
            await asyncio.sleep(0.02)
    await stop(house, run_id)
    await until_told(house.ground, "first Bob DEV ${{ node.z.value }}")


async def test_a_run_that_is_stopped_with_its_parent_tells_it(house: House) -> None:
    await house.chain(told_chain("Child", SLEEP))
    parent = await house.chain(told_chain("Parent", "  a: {command: event.run_chain, inputs: {chain: Child}, EVERY}"))
    run_id = await house.start(parent)
    async with asyncio.timeout(20):
        while "Child: started" not in await told(house.ground):
            await asyncio.sleep(0.02)
    await stop(house, run_id)
    starts = ["Parent: started", "Child: started"]
    await until_told(
        house.ground, *starts, "Parent: stopped", "Parent → a: stopped", "Child: stopped", "Child → a: stopped"
    )


async def test_what_a_rerun_takes_over_is_not_told_again(house: House) -> None:
    nodes = """
  a: {command: json.query, inputs: {data: "[1]", query: "[0]"}, EVERY}
  b: {command: json.query, inputs: {data: "[1]", query: "[0]"}, EVERY}
"""
    chain = await house.chain(told_chain("Twice", nodes, "[{from: a, to: b}]"))
    first = await house.wait(await house.start(chain))
    async with house.ground.database.transaction() as db:
        second = await rerun(db, house.ground.keys, house.engine, house.caller, first.id, Choice("b"))
    await house.wait(second.id)
    both = ["Twice: started", "Twice → b: succeeded", "Twice: succeeded"] * 2
    await until_told(house.ground, "Twice → a: succeeded", *both)


async def test_a_stop_while_no_engine_runs_is_told_at_the_next_start(ground: Ground) -> None:
    lives = await lives_in(ground)
    async with lives.lives() as house:
        run_id = await house.start(await house.chain(told_chain("Late", SLEEP)))
        await under_way(house, run_id)
    async with ground.database.transaction() as db:
        await actions.stop(db, None, house.caller, run_id)
    assert await told(ground) == ["Late: started"]
    for _ in range(2):
        async with lives.lives():
            await until_told(ground, "Late: started", "Late → a: stopped", "Late: stopped")


async def test_two_processes_that_find_the_same_end_tell_it_once(house: House) -> None:
    run_id = await house.start(await house.chain(told_chain("Race", SLEEP)))
    await under_way(house, run_id)
    async with house.ground.database.transaction() as db:
        await store.stop(db, run_id, (await house.run(run_id)).created_at, "Stopped.")
    for _ in range(5):
        house.engine.stopped(run_id)
    await until_told(house.ground, "Race: started", "Race → a: stopped", "Race: stopped")


async def test_nothing_is_told_twice_or_lost_wherever_the_engine_dies(ground: Ground) -> None:
    lives = await lives_in(ground)
    nodes = """
  a: {command: json.query, inputs: {data: "[1]", query: "[0]"}, EVERY}
  b: {command: event.delay, inputs: {amount: 0.1, unit: seconds}, EVERY}
  c:
    iterate: {over: [1, 2]}
    EVERY
    group:
      start: [m]
      nodes: {m: {command: script.shell, inputs: {code: "exit 1"}, retries: 1, EVERY}}
  d: {command: json.query, inputs: {data: "[1]", query: "[0]"}, EVERY}
"""
    links = "[{from: a, to: b}, {from: b, to: c}, {from: c, to: d, when: failure}]"
    once = ("Die: started", "Die → a: succeeded", "Die → b: succeeded", "Die → m: errored", "Die → c: errored")
    expected = (*once, "Die → d: succeeded", "Die: warned")
    chain = 0
    for turns in range(12):
        async with lives.dies_after(turns) as (house, dead):
            if not turns:
                chain = await house.chain(told_chain("Die", nodes, links))
            run_id = await house.start(chain)
            ended = asyncio.create_task(house.wait(run_id))
            died = asyncio.create_task(dead.wait())
            await asyncio.wait([ended, died], return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
            died.cancel()
            last = not dead.is_set()
        async with lives.lives() as house:
            run = await house.wait(run_id)
            assert run.state is RunState.WARNED, (turns, run.result_text)
            assert await told(ground) == sorted(expected * (turns + 1)), turns
        if last:
            assert turns > 4
            return
    raise AssertionError("more turns than were tried")
