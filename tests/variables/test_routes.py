"""The language over HTTP: what a picker offers, and trying things out with bounded inputs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from onecloud.access import actions as access
from onecloud.api.app import create_app
from onecloud.infra.http import Ground
from onecloud.tokens import actions as tokens
from onecloud.tokens.policy import policy_of
from onecloud.variables.conditions import OPERATORS
from onecloud.variables.model import SCOPES, SYSTEM
from onecloud.variables.transform import CATALOG


@pytest.fixture
async def client(ground: Ground) -> AsyncIterator[httpx2.AsyncClient]:
    """The application's client with an administrator's token on it."""
    async with ground.database.transaction() as db:
        user = await access.create_admin(db, "ada@example.com", "correct-horse-1!")
        admin = await access.principal_of(db, user.id, "cli")
        assert admin is not None
        issued = await tokens.enable(db, ground.keys, policy_of(ground.settings), admin)
    headers = {"Authorization": f"Bearer {issued.pair.access.reveal()}"}
    transport = httpx2.ASGITransport(create_app(ground))
    async with httpx2.AsyncClient(transport=transport, base_url="http://onecloud.test", headers=headers) as client:
        yield client


async def tried(client: httpx2.AsyncClient, what: str, **body: Any) -> Any:
    answer = await client.post(f"/api/v2/language/{what}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_language_is_told_whole(client: httpx2.AsyncClient) -> None:
    told = (await client.get("/api/v2/language")).json()
    assert {scope["name"] for scope in told["scopes"]} == set(SCOPES)
    assert [value["name"] for value in told["system"]] == list(SYSTEM)
    assert [operator["name"] for operator in told["operators"]] == list(OPERATORS)
    assert [transformation["name"] for transformation in told["transformations"]] == list(CATALOG)
    pad = next(one for one in told["transformations"] if one["name"] == "pad_left")
    assert pad["usage"] == "pad_left(length, fill?)"
    assert pad["parameters"][1]["default"] == " "
    assert pad["examples"][1] == {"value": 7, "arguments": [3, "0"], "result": "007"}


async def test_a_template_comes_to_its_value_with_its_type(client: httpx2.AsyncClient) -> None:
    file = {"kind": "file", "blob": "b", "size_bytes": 1}
    values = {
        "input": {"month": "2024-01", "none": None},
        "node": {"a": {"total": "41.5", "rows": [{"id": 1}], "file": file}},
    }
    for template, value, kind in (
        ("Month ${{ input.month }}", "Month 2024-01", "text"),
        ("${{ node.a.total | parse_number | add(0.5) }}", 42, "number"),
        ("${{ node.a.rows }}", [{"id": 1}], "list"),
        ("${{ node.a.rows[0] }}", {"id": 1}, "object"),
        ("${{ input.none }}", None, "null"),
        ("${{ node.a.file }}", file, "file"),
    ):
        came = await tried(client, "preview", template=template, values=values)
        assert (came["value"], came["type"], came["fault"]) == (value, kind, None)


@pytest.mark.parametrize(
    ("template", "message", "part"),
    [
        ("a ${{ input.month | upper }}", "there is no transformation `upper`", "u"),
        ("a ${{ input.mnth }}", "there is no runtime input `mnth`", "${{ input.mnth }}"),
        ("a ${{ input.month | add(1) }} b", "`add`: it needs a number", "add(1)"),
        ("${{ input.month", "the reference is not closed", "$"),
    ],
)
async def test_a_fault_is_an_answer_with_its_part_of_the_template(
    client: httpx2.AsyncClient, template: str, message: str, part: str
) -> None:
    fault = (await tried(client, "preview", template=template, values={"input": {"month": "2024-01"}}))["fault"]
    assert message in fault["message"]
    assert fault["mend"]
    assert template[fault["start"] : fault["end"]] == part


async def test_a_value_too_large_to_show_says_so(client: httpx2.AsyncClient) -> None:
    template = '${{ input.x | replace("a", "bbbb") }}'
    came = await tried(client, "preview", template=template, values={"input": {"x": "a" * 900_000}})
    assert came["value"] is None
    assert "3600002 characters, the limit of a preview is 1000000" in came["fault"]["message"]


async def test_a_condition_is_said_and_decided(client: httpx2.AsyncClient) -> None:
    condition = {"all": [{"value": "${{ node.a.count }}", "is": "greater_than", "other": 5}]}
    came = await tried(client, "condition", condition=condition, values={"node": {"a": {"count": 7}}})
    assert came == {
        "explanation": "`${{ node.a.count }}` is greater than 5",
        "holds": True,
        "reason": "`${{ node.a.count }}` is greater than 5: yes (7, read as numbers).",
        "decided_by": ["all[0]"],
        "fault": None,
    }
    undecided = await tried(client, "condition", condition=condition)
    assert undecided["holds"] is None
    assert undecided["explanation"] == came["explanation"]
    assert undecided["fault"]["where"] == "all[0].value"
    unread = await tried(client, "condition", condition={"all": [{"value": "x", "is": "like"}]})
    assert (unread["explanation"], unread["fault"]["where"]) == (None, "all[0].is")
    slow = {"value": "a" * 20_000 + "!", "is": "matches", "other": "(a|aa)+$"}
    assert "took too long" in (await tried(client, "condition", condition=slow))["fault"]["message"]


async def test_a_rule_picks_out_of_the_sample(client: httpx2.AsyncClient) -> None:
    rule: dict[str, Any] = {"name": "total", "from": "text", "start": "Total:", "multiple": True}
    came = await tried(client, "dynamic-output", rule=rule, text=f"Total: 5\nx\nTotal: {'9' * 1025}\n")
    assert came["value"] == ["5"]
    assert "line 3 has 1025 characters; the limit is 1024" in came["notes"][0]
    for changed, where, message in (
        ({"lines": "0"}, "lines", "begins before the first line"),
        ({"match": "regex"}, "pattern", "needs a pattern"),
        ({"trim": "yes"}, "trim", "should be a valid boolean"),
        ({"name": "a b"}, "name", "should match pattern"),
    ):
        fault = (await tried(client, "dynamic-output", rule={**rule, "start": "", **changed}, text="x"))["fault"]
        assert fault["where"] == where
        assert message in fault["message"]
    assert (await tried(client, "dynamic-output", rule=7, text="x"))["fault"]["where"] == "rule"


@pytest.mark.parametrize(
    ("what", "body", "status", "message"),
    [
        ("preview", {"template": "x" * 40_000}, 422, "32768"),
        ("preview", {"template": "x", "values": {"input": {"x": "y" * 1_100_000}}}, 422, "the limit is 1000000"),
        ("preview", {"template": "x", "values": {"inputs": {}}}, 422, "inputs"),
        ("preview", {"values": {}}, 422, "template"),
        ("condition", {"condition": {"value": "x" * 300_000, "is": "null"}}, 422, "the limit is 200000"),
        ("dynamic-output", {"rule": {}, "text": "x" * 1_100_000}, 422, "1000000"),
        ("dynamic-output", {"rule": {"name": "x" * 300_000}, "text": ""}, 422, "the limit is 200000"),
    ],
)
async def test_inputs_have_bounds(
    client: httpx2.AsyncClient, what: str, body: dict[str, Any], status: int, message: str
) -> None:
    answer = await client.post(f"/api/v2/language/{what}", json=body)
    assert answer.status_code == status
    assert message in answer.text
    assert len(answer.text) < 10_000


async def test_nobody_tries_anything_unknown(ground: Ground) -> None:
    transport = httpx2.ASGITransport(create_app(ground))
    async with httpx2.AsyncClient(transport=transport, base_url="http://onecloud.test") as client:
        assert (await client.get("/api/v2/language")).status_code == 401
        for what in ("preview", "condition", "dynamic-output"):
            assert (await client.post(f"/api/v2/language/{what}", json={})).status_code == 401
