"""The five execution operations of API v1 over the whole application: bodies against the schemas, and every refusal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.contract import v1_schemas as schemas
from tests.runs.conftest import house as house  # noqa: PLC0414 - a fixture of the next room
from tests.runs.house import House
from tests.whole import Whole, whole_app

CHAIN = """
onecloud: 1
name: Report
allow_concurrent_runs: true
inputs: [{name: period, required: true}, {name: count, type: number, default: 1}]
start: make
nodes:
  make: {command: files.create, inputs: {name: report.txt, text: "Period ${{ input.period }}"}}
  look: {command: files.list_content, inputs: {file: "${{ node.make.file }}"}}
  never: {command: files.create, inputs: {name: x.txt, text: x}}
links:
  - {from: make, to: look}
  - {from: make, to: never, when: failure}
"""
SLEEPER = "onecloud: 1\nname: Sleeper\nstart: a\nnodes: {a: {command: script.shell, inputs: {code: sleep 30}}}\n"


@pytest.fixture
async def whole(house: House) -> AsyncIterator[Whole]:
    """The whole application."""
    async with whole_app(house) as whole:
        yield whole


async def started(whole: Whole, text: str = CHAIN, **inputs: Any) -> tuple[str, dict[str, Any]]:
    """A chain applied and started; gives the path of its environment and chain, and the run."""
    chain = await whole.house.chain(text)
    path = f"/api/v1/execute/environment/{whole.house.environment_id}/chain/{chain}"
    answer = await whole.call("POST", f"{path}/start", {"runtimeVariables": inputs})
    assert answer.status_code == 200, answer.text
    schemas.check_data(answer.json(), schemas.RUN)
    return path, answer.json()["data"]


async def test_a_chain_is_started_watched_to_its_end_and_found_in_the_history(whole: Whole) -> None:
    path, run = await started(whole, period="2026-01")
    assert (run["state"], run["launchType"], run["userName"]) == ("enqueueing", "api", "Ada Lovelace")
    await whole.house.wait(int(run["id"]))
    one = await whole.call("GET", f"/api/v1/execute/chain_run/{run['id']}")
    schemas.check_data(one.json(), schemas.RUN)
    assert (one.json()["data"]["state"], one.json()["data"]["resultText"]) == ("all_succeeded", "success")
    whole_run = await whole.call("GET", f"/api/v1/execute/chain_run/{run['id']}/nodes")
    schemas.check_data(whole_run.json(), schemas.RUN_WITH_NODES)
    nodes = {node["name"]: node for node in whole_run.json()["data"]["nodes"]}
    assert {name: node["state"] for name, node in nodes.items()} == {
        "make": "succeeded",
        "look": "succeeded",
        "never": "skipped",
    }
    assert "Period 2026-01" in nodes["look"]["results"][0]["outputVariables"]["data"]
    log = await whole.call("GET", nodes["look"]["results"][0]["outputLogUrl"])
    assert (log.status_code, log.headers["oc-log-complete"]) == (200, "true")
    history = await whole.call("GET", f"{path}/history")
    schemas.check_data(history.json(), schemas.RUN_PAGE)
    assert [entry["id"] for entry in history.json()["data"]["chainExecutors"]] == [run["id"]]


async def test_numbers_may_arrive_as_texts_and_faulty_inputs_are_named(whole: Whole) -> None:
    path, run = await started(whole, period="x", count="12")
    await whole.house.wait(int(run["id"]))
    answer = await whole.call("POST", f"{path}/start", {"runtimeVariables": {"count": "many", "perio": 1}})
    assert answer.status_code == 422
    schemas.check(answer.json(), schemas.ERROR)
    for word in ("count", "perio", "period"):
        assert word in answer.json()["error_description"]


async def test_a_run_is_stopped_once(whole: Whole) -> None:
    path, run = await started(whole, SLEEPER)
    again = await whole.call("POST", f"{path}/start", {})
    assert again.status_code == 422
    schemas.check(again.json(), schemas.ERROR)
    assert again.json()["error"] == "chain.already_running"
    stop = f"/api/v1/execute/chain_run/{run['id']}/stop"
    stopped = await whole.call("POST", stop)
    assert stopped.status_code == 200
    schemas.check_data(stopped.json(), schemas.RUN)
    assert stopped.json()["data"]["state"] == "stopped"
    refused = await whole.call("POST", stop)
    assert refused.status_code == 422
    schemas.check(refused.json(), schemas.ERROR)


async def test_the_history_is_paged_by_cursor_and_bounded_by_dates(whole: Whole) -> None:
    path, run = await started(whole, period="1")
    ids = [run["id"]]
    for number in range(4):
        answer = await whole.call("POST", f"{path}/start", {"runtimeVariables": {"period": str(number)}})
        ids.insert(0, answer.json()["data"]["id"])
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await whole.call("GET", f"{path}/history?limit=2&cursor={cursor}")).json()
        schemas.check_data(page, schemas.RUN_PAGE)
        seen += [entry["id"] for entry in page["data"]["chainExecutors"]]
        cursor = page["data"]["cursor"]
        if not cursor:
            break
    assert seen == ids
    later = await whole.call("GET", f"{path}/history?start_date=4102444800")
    assert later.json()["data"]["chainExecutors"] == []
    earlier = await whole.call("GET", f"{path}/history?end_date=4102444800&start_date=1")
    assert len(earlier.json()["data"]["chainExecutors"]) == 5
    for run_id in ids:
        await whole.house.wait(int(run_id))


@pytest.mark.parametrize("query", ["limit=0", "limit=51", "limit=x", "cursor=-1", "start_date=soon", "end_date=1.5"])
async def test_a_wrong_parameter_of_the_history_is_named(whole: Whole, query: str) -> None:
    chain = await whole.house.chain(SLEEPER)
    path = f"/api/v1/execute/environment/{whole.house.environment_id}/chain/{chain}/history?{query}"
    answer = await whole.call("GET", path)
    assert answer.status_code == 422
    schemas.check(answer.json(), schemas.ERROR)
    assert query.split("=", maxsplit=1)[0] in answer.json()["error_description"]


async def test_what_is_not_there_is_404_and_never_500(whole: Whole) -> None:
    chain = await whole.house.chain(CHAIN)
    environment = whole.house.environment_id
    for identifier in ("999999", "abc", "-1", "0", "99999999999999999999999", "%20", "1e3", "٣"):
        for method, path in (
            ("GET", f"chain_run/{identifier}"),
            ("GET", f"chain_run/{identifier}/nodes"),
            ("POST", f"chain_run/{identifier}/stop"),
            ("POST", f"environment/{environment}/chain/{identifier}/start"),
            ("POST", f"environment/{identifier}/chain/{chain}/start"),
            ("GET", f"environment/{identifier}/chain/{chain}/history"),
            ("GET", f"environment/{environment}/chain/{identifier}/history"),
        ):
            answer = await whole.call(method, f"/api/v1/execute/{path}", {} if method == "POST" else None)
            assert answer.status_code == 404, f"{method} {path}: {answer.text}"
            schemas.check(answer.json(), schemas.ERROR)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/metadata/workspace"),
        ("GET", "/api/v1/metadata/workspace/1"),
        ("GET", "/api/v1/metadata/workspace/1/environment"),
        ("GET", "/api/v1/metadata/workspace/1/environment/1"),
        ("GET", "/api/v1/metadata/environment/1/chain"),
        ("GET", "/api/v1/metadata/environment/1/chain/1"),
        ("GET", "/api/v1/metadata/environment/1/chain/1/command"),
        ("GET", "/api/v1/metadata/chains/search"),
        ("POST", "/api/v1/execute/environment/1/chain/1/start"),
        ("GET", "/api/v1/execute/chain_run/1"),
        ("GET", "/api/v1/execute/chain_run/1/nodes"),
        ("POST", "/api/v1/execute/chain_run/1/stop"),
        ("GET", "/api/v1/execute/environment/1/chain/1/history"),
    ],
)
async def test_every_operation_refuses_missing_and_wrong_tokens(whole: Whole, method: str, path: str) -> None:
    none = await whole.client.request(method, path, json={} if method == "POST" else None)
    assert none.status_code == 401
    schemas.check(none.json(), schemas.ERROR)
    assert none.headers["www-authenticate"].startswith("Bearer realm=")
    assert "error" not in none.headers["www-authenticate"]
    refresh = whole.token.replace("oc_at_", "oc_rt_")
    for wrong in ("nonsense", whole.token[:-1] + ("a" if whole.token[-1] != "a" else "b"), refresh):
        answer = await whole.call(method, path, {} if method == "POST" else None, token=wrong)
        assert answer.status_code == 401
        schemas.check(answer.json(), schemas.ERROR)
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        assert wrong not in answer.text
    in_address = await whole.client.request(method, f"{path}?access_token={whole.token}")
    assert in_address.status_code == 400
    assert whole.token not in in_address.text
    cookie = await whole.client.request(method, path, headers={"Cookie": "oc_session=anything"})
    assert cookie.status_code == 401


async def test_every_answer_tells_what_is_left_of_the_limits(whole: Whole) -> None:
    first = await whole.call("GET", "/api/v1/metadata/workspace")
    second = await whole.call("GET", "/api/v1/execute/chain_run/999")
    for name in ("oc-api-daily-remaining", "oc-api-burst-remaining"):
        assert int(first.headers[name]) == int(second.headers[name]) + 1


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"runtimeVariables": []}', "application/json", 422),
        (b"", "application/json", 422),
        (b'{"runtimeVariables": {"period": "\\ud800"}}', "application/json", 422),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused_in_the_contracts_shape(
    whole: Whole, body: bytes, content_type: str, status: int
) -> None:
    chain = await whole.house.chain(CHAIN)
    path = f"/api/v1/execute/environment/{whole.house.environment_id}/chain/{chain}/start"
    headers = {"Authorization": f"Bearer {whole.token}", "Content-Type": content_type}
    answer = await whole.client.post(path, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    schemas.check(answer.json(), schemas.ERROR)


async def test_the_truth_is_shown_while_a_run_is_under_way(whole: Whole) -> None:
    _, run = await started(whole, SLEEPER)
    async with asyncio.timeout(20):
        while True:
            seen = (await whole.call("GET", f"/api/v1/execute/chain_run/{run['id']}/nodes")).json()
            schemas.check_data(seen, schemas.RUN_WITH_NODES)
            node = seen["data"]["nodes"][0]
            if node["results"]:
                break
            await asyncio.sleep(0.02)
    assert (seen["data"]["state"], node["state"], node["results"][0]["state"]) == ("sleeping", "sleeping", "active")
    assert node["endAt"] == seen["data"]["endAt"] == ""
    await whole.call("POST", f"/api/v1/execute/chain_run/{run['id']}/stop")
    seen = (await whole.call("GET", f"/api/v1/execute/chain_run/{run['id']}/nodes")).json()
    schemas.check_data(seen, schemas.RUN_WITH_NODES)
    node = seen["data"]["nodes"][0]
    assert (seen["data"]["state"], node["state"], node["results"][0]["state"]) == ("stopped", "skipped", "stopped")
