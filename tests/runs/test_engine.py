"""Runs on the real engine, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os

import pytest

from onecloud.kernel.errors import Conflict
from onecloud.kernel.secret import MASK
from onecloud.runs import actions
from onecloud.runs.model import RunState
from tests.runs.house import House


async def test_a_chain_runs_to_its_end_and_hands_outputs_on(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Report
inputs: [{name: period, required: true}]
start: make
nodes:
  make: {command: files.create, inputs: {name: "report.txt", text: "Period ${{ input.period }}"}}
  look: {command: files.list_content, inputs: {file: "${{ node.make.file }}"}}
links: [{from: make, to: look}]
"""
    )
    run = await house.wait(await house.start(chain, {"period": "2026-01"}))
    assert (run.state, run.result_text) == (RunState.ALL_SUCCEEDED, "success")
    assert await house.nodes(run.id) == {"make": "succeeded", "look": "succeeded"}
    (look,) = (await house.result(run.id))["look"]
    assert look.outputs is not None
    assert "Period 2026-01" in str(look.outputs)


async def test_retries_timeouts_and_caught_failures_decide_as_written(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Trouble
start: slow
nodes:
  slow: {command: script.shell, inputs: {code: "sleep 30"}, timeout_s: 0.3, retries: 1, retry_pause_s: 0.1}
  caught: {command: files.create, inputs: {name: a.txt, text: "was ${{ node.slow.status }}"}}
  never: {command: files.create, inputs: {name: b.txt, text: b}}
  ignored: {command: script.shell, inputs: {code: "exit 3"}, ignore_exit_codes: [2]}
links:
  - {from: slow, to: caught, when: failure}
  - {from: slow, to: never}
  - {from: caught, to: ignored}
"""
    )
    run = await house.wait(await house.start(chain))
    results = await house.result(run.id)
    assert run.state is RunState.WARNED
    assert [row.attempt for row in results["slow"]] == [1, 2]
    assert "timeout of 0.3 s" in results["slow"][1].message
    nodes = await house.nodes(run.id)
    assert (nodes["slow"], nodes["caught"], nodes["never"], nodes["ignored"]) == (
        "errored",
        "succeeded",
        "skipped",
        "succeeded",
    )


async def test_stop_kills_the_commands_and_nothing_starts_afterwards(house: House) -> None:
    mark = house.ground.settings.files_folder / "mark"
    chain = await house.chain(
        f"""
onecloud: 1
name: Long
start: wait
nodes:
  wait: {{command: script.shell, inputs: {{code: "echo $$ > {mark}; sleep 60"}}}}
  after: {{command: files.create, inputs: {{name: a.txt, text: a}}}}
links: [{{from: wait, to: after, when: any}}]
"""
    )
    run_id = await house.start(chain)
    async with asyncio.timeout(20):
        while not (mark.exists() and mark.read_text().strip()):
            await asyncio.sleep(0.02)
    process = int(mark.read_text())
    async with house.ground.database.transaction() as db:
        await actions.stop(db, house.engine, house.caller, run_id)
    run = await house.wait(run_id)
    assert (run.state, run.result_text) == (RunState.STOPPED, "Stopped by Ada Lovelace.")
    assert await house.nodes(run_id) == {"wait": "stopped", "after": "skipped"}
    async with asyncio.timeout(5):
        while os.path.exists(f"/proc/{process}"):  # noqa: ASYNC240, PTH110 - no disk behind it
            await asyncio.sleep(0.05)
    assert list(await house.result(run_id)) == ["wait"]
    async with house.ground.database.transaction() as db:
        with pytest.raises(Conflict, match="already ended"):
            await actions.stop(db, house.engine, house.caller, run_id)


async def test_a_paused_run_waits_and_resume_tries_the_failed_node_again(house: House) -> None:
    folder = house.ground.settings.files_folder
    chain = await house.chain(
        f"""
onecloud: 1
name: Mend
start: check
nodes:
  check: {{command: script.shell, inputs: {{code: "test -e {folder}/mended"}}, on_error: pause}}
  after: {{command: files.create, inputs: {{name: a.txt, text: a}}}}
links: [{{from: check, to: after}}]
"""
    )
    run_id = await house.start(chain)
    run = await house.wait(run_id, RunState.PAUSED)
    assert run.paused_at is not None
    (folder / "mended").touch()
    async with house.ground.database.transaction() as db:
        await actions.resume(db, house.engine, house.caller, run_id)
    run = await house.wait(run_id)
    assert run.state is RunState.ALL_SUCCEEDED
    assert run.resumed_at is not None
    assert [row.state.value for row in (await house.result(run_id))["check"]] == ["errored", "succeeded"]


async def test_a_chain_that_runs_refuses_a_second_start_unless_it_allows_concurrent_runs(house: House) -> None:
    text = "onecloud: 1\nname: One\nstart: a\nnodes: {a: {command: script.shell, inputs: {code: sleep 20}}}\n"
    chain = await house.chain(text)
    starts = await asyncio.gather(*(house.start(chain) for _ in range(5)), return_exceptions=True)
    runs = [run for run in starts if isinstance(run, int)]
    refused = [error for error in starts if isinstance(error, Conflict)]
    assert (len(runs), len(refused)) == (1, 4)
    assert f"run {runs[0]}" in refused[0].message
    async with house.ground.database.transaction() as db:
        await actions.stop(db, house.engine, house.caller, runs[0])


async def test_secrets_are_masked_in_logs_and_outputs_and_still_reach_the_next_command(house: House) -> None:
    secret = "s3cr3t-planted-value"
    chain = await house.chain(
        f"""
onecloud: 1
name: Secrets
variables: [{{name: key, value: {secret}, encrypted: true}}]
start: tell
nodes:
  tell:
    command: script.shell
    inputs: {{code: 'printf %s "$KEY"; echo "$KEY" >&2', environment: {{KEY: "${{{{ chain.key }}}}"}}}}
  use:
    command: script.shell
    inputs: {{code: 'test "$GOT" = "{secret}" || exit 9', environment: {{GOT: "${{{{ node.tell.stdout }}}}"}}}}
links: [{{from: tell, to: use}}]
"""
    )
    run = await house.wait(await house.start(chain))
    results = await house.result(run.id)
    tell = results["tell"][0]
    assert secret not in house.log(tell)
    assert MASK in house.log(tell)
    assert secret not in str(tell.outputs)
    assert tell.outputs_sealed is not None
    assert run.state is RunState.ALL_SUCCEEDED, results["use"][0].message
    assert secret not in str(run.variables)


async def test_large_outputs_travel_by_reference(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Large
start: make
nodes:
  make: {command: script.shell, inputs: {code: "head -c 60000 /dev/zero | tr '\\\\0' x"}}
  count: {command: script.shell, inputs: {code: 'echo ${#TEXT}', environment: {TEXT: "${{ node.make.stdout }}"}}}
links: [{from: make, to: count}]
"""
    )
    run = await house.wait(await house.start(chain))
    results = await house.result(run.id)
    assert results["make"][0].outputs is None
    assert results["make"][0].outputs_key is not None
    assert "60000" in str(results["count"][0].outputs), results["count"][0].message


async def test_a_reference_to_nothing_is_an_error_that_names_it(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Wrong
start: make
nodes:
  make: {command: json.query, inputs: {data: '{"a": 1}', query: "a"}}
  use: {command: files.create, inputs: {name: x.txt, text: "${{ node.make.value.deeper }}"}}
links: [{from: make, to: use}]
"""
    )
    run = await house.wait(await house.start(chain))
    assert run.state is RunState.ERRORED
    (use,) = (await house.result(run.id))["use"]
    assert "text" in use.message
    assert "node.make.value.deeper" in use.message


async def test_many_short_pauses_between_retries_are_all_waited_for(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Patient
start: fail
nodes:
  fail: {command: files.checksum, inputs: {file: nowhere.txt}, retries: 0}
  again: {command: script.shell, inputs: {code: "exit 1"}, retries: 25, retry_pause_s: 0.01}
links: [{from: fail, to: again, when: failure}]
"""
    )
    run = await house.wait(await house.start(chain))
    attempts = (await house.result(run.id))["again"]
    assert [row.attempt for row in attempts] == list(range(1, 27))
    assert all(row.state.value == "errored" for row in attempts)
