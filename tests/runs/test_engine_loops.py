"""Groups, iterators and events on the real engine, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

from onecloud.runs import actions
from onecloud.runs.model import RunState
from tests.runs.house import House


def values(rows: list[Any], output: str) -> list[Any]:
    """One output of every attempt."""
    return [row.outputs[output] for row in rows]


async def test_a_command_repeats_over_a_list_and_gives_a_list(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Each
outputs:
  - {name: all, value: "${{ node.each.value }}"}
  - {name: count, value: "${{ node.each.passes }}"}
start: each
nodes:
  each:
    command: json.query
    iterate: {over: [a, b, c], parallel: 2}
    inputs:
      data: '{"v": "${{ iteration.value }}", "i": ${{ iteration.index }}, "l": ${{ iteration.last }}}'
      query: "join('-', [v, to_string(i), to_string(l)])"
  after: {command: json.query, inputs: {data: "${{ node.each.value }}", query: "[1]"}}
links: [{from: each, to: after}]
"""
    )
    run = await house.wait(await house.start(chain))
    results = await house.result(run.id)
    assert run.state is RunState.ALL_SUCCEEDED, run.result_text
    assert sorted(values(results["each"], "value")) == ["a-0-false", "b-1-false", "c-2-true"]
    assert sorted(str(row.iteration) for row in results["each"]) == ["a", "b", "c"]
    assert values(results["after"], "value") == ["b-1-false"]
    assert run.outputs == {"all": ["a-0-false", "b-1-false", "c-2-true"], "count": 3}


async def test_a_group_repeats_over_the_rows_of_a_file(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Rows
outputs: [{name: texts, value: "${{ node.b.value }}"}, {name: bad, value: "${{ node.g.failed_passes }}"}]
start: file
nodes:
  file: {command: files.create, inputs: {name: r.csv, text: "city,n\\nBonn,1\\nKiel,2\\n"}}
  g:
    iterate: {rows: "${{ node.file.file }}"}
    group:
      start: [a]
      nodes:
        a: {command: json.query, inputs: {data: "${{ group.value }}", query: city}}
        b:
          command: json.query
          inputs: {data: '["${{ node.a.value }}", "${{ group.value.n }}"]', query: "join('/', @)"}
      links: [{from: a, to: b}]
links: [{from: file, to: g}]
"""
    )
    run = await house.wait(await house.start(chain))
    assert run.state is RunState.ALL_SUCCEEDED, run.result_text
    assert run.outputs == {"texts": ["Bonn/1", "Kiel/2"], "bad": 0}
    assert await house.nodes(run.id) == {"file": "succeeded", "g": "succeeded", "a": "succeeded", "b": "succeeded"}


async def test_a_counter_repeats_until_its_condition_is_true(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Count
dynamic_variables: [{name: n, value: 0}]
outputs: [{name: n, value: "${{ dynamic.n }}"}, {name: passes, value: "${{ node.step.passes }}"}]
start: reset
nodes:
  reset: {command: event.set_variables, inputs: {values: {n: 0}}}
  loop:
    iterate: {until: {value: "${{ dynamic.n }}", is: greater_than_or_equal_to, other: 3}}
    group:
      start: [step]
      nodes:
        step: {command: json.query, inputs: {data: "[${{ dynamic.n }}]", query: "sum([@[0], `1`])"}}
        keep: {command: event.set_variables, inputs: {values: {n: "${{ node.step.value }}"}}}
      links: [{from: step, to: keep}]
links: [{from: reset, to: loop}]
"""
    )
    run = await house.wait(await house.start(chain))
    assert run.state is RunState.ALL_SUCCEEDED, (run.result_text, await house.result(run.id))
    assert run.outputs == {"n": 3, "passes": 3}


async def test_a_conditional_chooses_a_branch_and_is_no_failure(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Choose
inputs: [{name: n, type: number}]
start: big
nodes:
  big: {command: event.conditional, inputs: {condition: {value: "${{ input.n }}", is: greater_than, other: 5}}}
  yes: {command: json.query, inputs: {data: '["y"]', query: "[0]"}}
  no: {command: json.query, inputs: {data: '["n"]', query: "[0]"}}
links: [{from: big, to: yes}, {from: big, to: no, when: failure}]
"""
    )
    for number, taken, left in ((9, "yes", "no"), (1, "no", "yes")):
        run = await house.wait(await house.start(chain, {"n": number}))
        nodes = await house.nodes(run.id)
        assert (run.state, nodes[taken], nodes[left]) == (RunState.ALL_SUCCEEDED, "succeeded", "skipped")


async def test_a_chain_runs_another_and_reads_its_outputs(house: House) -> None:
    await house.chain(
        """
onecloud: 1
name: Child
inputs: [{name: x, type: number, required: true}]
outputs: [{name: double, value: "${{ node.d.value }}"}]
start: d
nodes: {d: {command: json.query, inputs: {data: "[${{ input.x }}, ${{ input.x }}]", query: "sum(@)"}}}
"""
    )
    chain = await house.chain(
        """
onecloud: 1
name: Parent
outputs: [{name: got, value: "${{ node.run.double }}"}]
start: run
nodes:
  run: {command: event.run_chain, inputs: {chain: Child, inputs: {x: 21}}}
  late: {command: event.delay, inputs: {amount: 0.2, unit: seconds}}
  end: {command: event.set_result, inputs: {result: warning, text: "As planned."}}
links: [{from: run, to: late}, {from: late, to: end}]
"""
    )
    run = await house.wait(await house.start(chain))
    assert (run.state, run.result_text, run.outputs) == (RunState.WARNED, "As planned.", {"got": 42})


async def test_stopping_a_run_stops_the_runs_it_started(house: House) -> None:
    await house.chain(
        "onecloud: 1\nname: Child\nstart: d\nnodes: {d: {command: script.shell, inputs: {code: sleep 60}}}\n"
    )
    chain = await house.chain(
        "onecloud: 1\nname: Parent\nstart: r\nnodes: {r: {command: event.run_chain, inputs: {chain: Child}}}\n"
    )
    run_id = await house.start(chain)
    async with asyncio.timeout(20):
        while not (rows := (await house.result(run_id)).get("r")) or rows[0].waits is None:
            await asyncio.sleep(0.02)
    child = int(str(rows[0].waits["run_id"]))
    async with house.ground.database.transaction() as db:
        await actions.stop(db, house.engine, house.caller, run_id)
    assert (await house.wait(child)).state is RunState.STOPPED


async def test_a_person_pauses_a_run_and_resumes_it_from_a_chosen_node(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Held
start: a
nodes:
  a: {command: json.query, inputs: {data: "[1]", query: "[0]"}}
  wait: {command: event.delay, inputs: {amount: 0.3, unit: seconds}}
  b: {command: json.query, inputs: {data: "[2]", query: "[0]"}}
links: [{from: a, to: wait}, {from: wait, to: b}]
"""
    )
    run_id = await house.start(chain)
    async with house.ground.database.transaction() as db:
        await actions.pause(db, house.engine, house.caller, run_id)
    run = await house.wait(run_id, RunState.PAUSED)
    assert run.result_text == "Paused by Ada Lovelace."
    async with house.ground.database.transaction() as db:
        await actions.resume(db, house.engine, house.caller, run_id, actions.Spot("a"))
    run = await house.wait(run_id)
    assert run.state is RunState.ALL_SUCCEEDED
    assert len((await house.result(run_id))["a"]) in (1, 2)


async def test_dynamic_outputs_skips_and_masks(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Settings
outputs: [{name: total, value: "${{ node.say.total }}"}, {name: secret, value: "${{ node.hidden.stdout }}"}]
start: say
nodes:
  say:
    command: script.shell
    inputs: {code: "echo 'Total: 42 pieces'"}
    dynamic_outputs: [{name: total, from: stdout, match: regex, pattern: "Total: (\\\\d+)", result: "$1"}]
  skipped:
    command: script.shell
    inputs: {code: "exit 1"}
    skip_if: {value: "${{ node.say.total }}", is: equals, other: 42}
  hidden: {command: script.shell, inputs: {code: "printf quiet"}, mask_outputs: true}
links: [{from: say, to: skipped}, {from: say, to: hidden}]
"""
    )
    run = await house.wait(await house.start(chain))
    results = await house.result(run.id)
    assert run.state is RunState.ALL_SUCCEEDED, run.result_text
    assert results["skipped"][0].state.value == "skipped"
    assert "quiet" not in str(results["hidden"][0].outputs)
    assert run.outputs is not None
    assert run.outputs["total"] == "42"


async def test_a_loop_that_fails_stops_or_goes_on_as_it_says(house: House) -> None:
    text = """
onecloud: 1
name: Fails {rule}
start: each
nodes:
  each:
    command: script.shell
    iterate: {{over: [0, 1, 0], on_failure: {rule}}}
    inputs: {{code: "exit ${{{{ iteration.value }}}}"}}
"""
    for rule, attempts in (("stop", 2), ("continue", 3)):
        run = await house.wait(await house.start(await house.chain(text.format(rule=rule))))
        assert run.state is RunState.ERRORED
        assert len((await house.result(run.id))["each"]) == attempts


async def test_an_empty_list_succeeds_and_a_wrong_one_is_an_error_that_names_it(house: House) -> None:
    text = """
onecloud: 1
name: List {number}
start: make
nodes:
  make: {{command: json.query, inputs: {{data: '{data}', query: "@"}}}}
  each: {{command: script.shell, iterate: {{over: "${{{{ node.make.value }}}}"}}, inputs: {{code: "exit 1"}}}}
links: [{{from: make, to: each}}]
"""
    run = await house.wait(await house.start(await house.chain(text.format(number=1, data="[]"))))
    assert run.state is RunState.ALL_SUCCEEDED
    run = await house.wait(await house.start(await house.chain(text.format(number=2, data='{"a": 1}'))))
    assert run.state is RunState.ERRORED
    assert "must be a list" in (await house.result(run.id))["each"][0].message
