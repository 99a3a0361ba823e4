"""Running a past run again from a node, on the real engine."""

from __future__ import annotations

import pytest

from onecloud.kernel.errors import NotFound
from onecloud.runs import actions
from onecloud.runs.model import NodeState, RunState, Spot
from onecloud.runs.rerun import Choice
from onecloud.runs.rerunning import planned, rerun
from tests.runs.house import House

CHAIN = """
onecloud: 1
name: Again
outputs: [{{name: end, value: "${{{{ node.c.value }}}}"}}]
start: a
nodes:
  a: {{command: json.query, inputs: {{data: '["one"]', query: "[0]"}}}}
  b: {{command: script.shell, inputs: {{code: "test -e {mark} || exit 4"}}}}
  c: {{command: json.query, inputs: {{data: '["${{{{ node.a.value }}}}", "two"]', query: "join('-', @)"}}}}
  d: {{command: json.query, inputs: {{data: "[1]", query: "[0]"}}}}
links: [{{from: a, to: b}}, {{from: b, to: c}}, {{from: a, to: d}}]
"""


async def again(house: House, run_id: int, choice: Choice) -> int:
    """Start the re-run."""
    async with house.ground.database.transaction() as db:
        run = await rerun(db, house.ground.keys, house.engine, house.caller, run_id, choice)
    return run.id


async def test_a_run_goes_on_from_the_node_that_failed_with_what_came_before(house: House) -> None:
    mark = house.ground.settings.files_folder / "mark"
    chain = await house.chain(CHAIN.format(mark=mark))
    first = await house.wait(await house.start(chain))
    assert first.state is RunState.ERRORED
    mark.touch()
    async with house.ground.database.reading() as db:
        what = await planned(db, house.caller, first.id, Choice("b"))
    assert (what.rerun.begins, what.rerun.may_run) == ("b", ("c",))
    assert what.rerun.reused == {"a": NodeState.SUCCEEDED, "d": NodeState.SUCCEEDED}
    second = await house.wait(await again(house, first.id, Choice("b")))
    results = await house.result(second.id)
    assert (second.state, second.outputs, second.rerun_of) == (RunState.ALL_SUCCEEDED, {"end": "one-two"}, first.id)
    assert results["a"][0].reused_from == (await house.result(first.id))["a"][0].id
    assert [row.reused_from for row in results["b"]] == [None]
    with pytest.raises(NotFound, match="no node `x`"):
        await again(house, first.id, Choice("x"))


async def test_one_node_runs_alone_with_the_values_of_that_run(house: House) -> None:
    chain = await house.chain(CHAIN.format(mark="/nowhere"))
    first = await house.wait(await house.start(chain))
    second = await house.wait(await again(house, first.id, Choice("c", only=True)))
    nodes = await house.nodes(second.id)
    assert nodes == {"a": "succeeded", "b": "errored", "c": "succeeded", "d": "succeeded"}
    assert (await house.result(second.id))["c"][0].outputs is not None


async def test_a_run_goes_on_inside_a_pass_of_a_group(house: House) -> None:
    mark = house.ground.settings.files_folder / "mark"
    chain = await house.chain(
        f"""
onecloud: 1
name: Inside
outputs: [{{name: all, value: "${{{{ node.y.value }}}}"}}, {{name: bad, value: "${{{{ node.g.failed_passes }}}}"}}]
start: g
nodes:
  g:
    iterate: {{over: [p, q, r]}}
    group:
      start: [x]
      nodes:
        x: {{command: json.query, inputs: {{data: '["${{{{ group.value }}}}"]', query: "[0]"}}}}
        y:
          command: json.query
          inputs: {{data: '["${{{{ node.x.value }}}}"]', query: "[0]"}}
        z: {{command: script.shell, inputs: {{code: "test ${{{{ group.value }}}} != q || test -e {mark}"}}}}
      links: [{{from: x, to: y}}, {{from: y, to: z}}]
"""
    )
    first = await house.wait(await house.start(chain))
    assert first.state is RunState.ERRORED
    assert [row.outer for row in (await house.result(first.id))["z"]] == [0, 1]
    mark.touch()
    async with house.ground.database.reading() as db:
        what = await planned(db, house.caller, first.id, Choice("z"))
    assert (what.rerun.passes, dict(what.rerun.inside)) == (1, {"x": NodeState.SUCCEEDED, "y": NodeState.SUCCEEDED})
    second = await house.wait(await again(house, first.id, Choice("z")))
    results = await house.result(second.id)
    assert second.state is RunState.ALL_SUCCEEDED, second.result_text
    assert [(row.outer, row.reused_from is None) for row in results["x"]] == [(0, False), (1, False), (2, True)]
    assert [(row.outer, row.reused_from is None) for row in results["z"]] == [(0, False), (1, True), (2, True)]
    assert second.outputs == {"all": ["p", "q", "r"], "bad": 0}


async def test_what_is_taken_over_shows_counts_and_can_be_run_again(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Whole
start: g
nodes:
  g:
    iterate: {over: [p, q], on_failure: continue}
    group:
      start: [x]
      nodes:
        x: {command: json.query, inputs: {data: '["${{ group.value }}"]', query: "[0]"}}
        y: {command: script.shell, inputs: {code: "exit 3"}, retries: 1}
        z: {command: json.query, inputs: {data: "[1]", query: "[0]"}}
      links: [{from: x, to: y}, {from: y, to: z, when: failure}]
  set: {command: event.set_result, inputs: {result: warning, text: "Half of it."}}
  last: {command: event.delay, inputs: {amount: 0.3, unit: seconds}}
links: [{from: g, to: set, when: any}, {from: set, to: last}]
"""
    )
    first = await house.wait(await house.start(chain))
    assert (first.state, first.result_text) == (RunState.WARNED, "Half of it.")
    second_id = await again(house, first.id, Choice("last"))
    async with house.ground.database.transaction() as db:
        await actions.pause(db, house.engine, house.caller, second_id)
    await house.wait(second_id, RunState.PAUSED)
    async with house.ground.database.transaction() as db:
        await actions.resume(db, house.engine, house.caller, second_id, Spot("g"))
    second = await house.wait(second_id)
    assert (second.state, second.result_text) == (RunState.WARNED, "Half of it.")
    assert await house.nodes(second.id) == await house.nodes(first.id)
    attempts = [(row.outer, row.attempt, row.reused_from is None) for row in (await house.result(second.id))["z"]]
    assert attempts == [(0, 1, False), (1, 1, False), (0, 3, True), (1, 3, True)]
    third = await house.wait(await again(house, first.id, Choice("last")))
    assert (third.state, third.result_text) == (RunState.WARNED, "Half of it.")
    assert await house.nodes(third.id) == await house.nodes(first.id)
