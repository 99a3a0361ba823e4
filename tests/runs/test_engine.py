"""Runs on the real engine, on SQLite and on PostgreSQL."""

from __future__ import annotations

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
