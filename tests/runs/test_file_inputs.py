"""File inputs: named from outside as files of the workspace, never handed in as references."""

from __future__ import annotations

import pytest

from onecloud.kernel.errors import Invalid
from onecloud.resources import store as resources
from onecloud.resources.model import Content, NewVersion
from onecloud.runs.model import RunState
from tests.runs.house import House

CHAIN = """
onecloud: 1
name: Takes a file
inputs: [{name: f, type: file, required: true}]
start: look
nodes: {look: {command: files.checksum, inputs: {file: "${{ input.f }}"}}}
"""


async def test_a_reference_from_outside_is_refused(house: House) -> None:
    chain = await house.chain(CHAIN)
    forged = {"kind": "file", "blob": "runs/1/secret.txt", "name": "x", "size_bytes": 1}
    with pytest.raises(Invalid, match="Expected a file"):
        await house.start(chain, {"f": forged})
    with pytest.raises(Invalid, match="Give the name of a file of the workspace"):
        await house.start(chain, {"f": "nowhere.csv"})


async def test_a_file_of_the_workspace_is_taken_by_its_name(house: House) -> None:
    house.blobs.write("resources/1/rates", b"a,b\n")
    content = Content(blob="resources/1/rates", sha256="0" * 64, size_bytes=4, is_text=True)
    async with house.ground.database.transaction() as db:
        number = await resources.add_resource(db, 1, "rates.csv", "")
        await resources.add_version(db, number, 1, NewVersion(content), None, "Ada")
    run = await house.wait(await house.start(await house.chain(CHAIN), {"f": "rates.csv"}))
    assert run.state is RunState.ALL_SUCCEEDED, run.result_text
