"""Files in chains: checked when a chain is published, fixed when a run starts, and not taken away while used."""

from __future__ import annotations

from typing import Any

import pytest

from onecloud.chains import actions as chains
from onecloud.kernel.errors import Invalid
from onecloud.resources import actions as resources
from onecloud.runs import actions as runs
from onecloud.runs.model import LaunchType
from tests.resources.conftest import Files

CHAIN = """
onecloud: 1
name: Rates
start: read
nodes:
  read: {command: files.list_content, inputs: {file: '${{ resource["rates.csv"] }}'}}
  size: {command: files.create, inputs: {name: size.txt, text: 'has ${{ resource["rates.csv"].size_bytes }} bytes'}}
links: [{from: read, to: size}]
"""


async def test_a_command_reads_the_file_as_it_was_when_the_run_started(files: Files) -> None:
    house = files.whole.house
    made = await files.add("rates.csv", b"EUR,1\nUSD,2\n")
    chain = await house.chain(CHAIN)
    first = await house.start(chain)
    await house.wait(first)
    await files.raw("PUT", f"/api/v2/resources/{made['id']}/content", b"EUR,3\n")
    second = await house.start(chain)
    await house.wait(second)
    seen: list[Any] = []
    for run_id in (first, second):
        assert (await house.run(run_id)).state.value == "all_succeeded"
        outputs = (await house.result(run_id))["read"][0].outputs or {}
        seen.append((outputs["lines"], (await house.run(run_id)).variables["resource"]))
    assert [lines for lines, _ in seen] == [["EUR,1", "USD,2"], ["EUR,3"]]
    kept: list[Any] = [entry["rates.csv"] for _, entry in seen]
    assert [entry["version"] for entry in kept] == [1, 2], "the run says which version it used"
    assert all(entry["file"]["blob"].startswith(f"resources/{files.workspace_id}/") for entry in kept)


async def test_a_file_that_is_not_there_keeps_the_chain_from_being_published(files: Files) -> None:
    await files.add("rates.csv", b"x")
    await files.add("rates", b"x")
    for said, mend in (
        ('resource["rate.csv"]', "Did you mean `rates.csv`"),
        ("resource.rates2.csv", "Did you mean `rates.csv` or `rates`?"),
        ('resource["zz"]', "There are: `rates`, `rates.csv`"),
    ):
        with pytest.raises(Invalid) as refused:
            await files.whole.house.chain(CHAIN.replace('resource["rates.csv"]', said))
        (problem, *_) = refused.value.problems
        assert problem.where == "nodes.read.inputs.file"
        assert mend in problem.mend


async def test_a_name_with_a_dot_is_offered_in_its_quotes(files: Files) -> None:
    await files.add("rates.csv", b"x")
    with pytest.raises(Invalid) as refused:
        await files.whole.house.chain(CHAIN.replace('resource["rates.csv"] }', "resource.rates.csv }"))
    assert 'Write `resource["rates.csv"]`' in refused.value.problems[0].mend


async def test_a_used_file_is_neither_deleted_nor_renamed_and_says_who_uses_it(files: Files) -> None:
    house = files.whole.house
    made = await files.add("rates.csv", b"EUR,1\n")
    await files.add("rates2.csv", b"EUR,1\n")
    one = f"/api/v2/resources/{made['id']}"
    chain = await house.chain(CHAIN)
    use = {
        "chain_id": str(chain),
        "chain_name": "Rates",
        "environment_id": str(house.environment_id),
        "environment_name": "DEV",
    }
    assert (await files.call("GET", f"{one}/uses")).json() == {
        "items": [{**use, "in_draft": True, "in_published": True}],
        "next_cursor": None,
    }
    assert [item["uses"] for item in (await files.call("GET", files.path)).json()["items"]] == [1, 0]
    for method, body in (("DELETE", None), ("PATCH", {"name": "b.csv"})):
        refused = await files.call(method, one, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "resource.in_use")
        assert "`Rates` in DEV" in refused.json()["detail"]
        assert refused.json()["problems"][0]["where"] == "DEV / Rates"
    assert (await files.call("PATCH", one, {"description": "still mine"})).status_code == 200

    # The draft lets go of it: the version that runs still needs it.
    async with house.ground.database.transaction() as db:
        text = CHAIN.replace("rates.csv", "rates2.csv")
        await chains.apply(db, house.ground.keys, house.caller, house.environment_id, text)
    uses = (await files.call("GET", f"{one}/uses")).json()["items"]
    assert uses == [{**use, "in_draft": False, "in_published": True}]
    assert (await files.call("DELETE", one)).status_code == 409
    await house.chain(CHAIN.replace("rates.csv", "rates2.csv"))
    assert (await files.call("DELETE", one)).status_code == 204


async def test_uses_come_in_pages(files: Files) -> None:
    made = await files.add("rates.csv", b"EUR,1\n")
    for number in range(3):
        await files.whole.house.chain(CHAIN.replace("name: Rates\n", f"name: Rates {number}\n"))
    path = f"/api/v2/resources/{made['id']}/uses"
    first = (await files.call("GET", f"{path}?limit=2")).json()
    rest = (await files.call("GET", f"{path}?cursor={first['next_cursor']}")).json()
    assert [item["chain_name"] for item in first["items"] + rest["items"]] == ["Rates 0", "Rates 1", "Rates 2"]
    assert rest["next_cursor"] is None


async def test_a_run_goes_on_with_a_file_that_was_deleted_meanwhile(files: Files) -> None:
    house = files.whole.house
    made = await files.add("rates.csv", b"EUR,1\n")
    chain = await house.chain(CHAIN)
    async with house.ground.database.transaction() as db:
        run = await runs.start(db, house.ground.keys, house.engine, house.caller, chain, {}, LaunchType.API)
        await resources.remove(db, None, await resources.get(db, None, int(made["id"])))
    await house.wait(run.id)
    assert (await house.run(run.id)).state.value == "all_succeeded"
