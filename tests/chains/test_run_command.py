"""`onecloud chain run` against a server that speaks API v1."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from onecloud.cli.chain_run import STATUS, run, run_chain
from onecloud.cli.client import ApiClient
from onecloud.kernel.errors import Conflict, NotFound, OneCloudError, Unauthenticated, Unavailable

DATA: dict[str, Any] = {
    "/api/v1/metadata/workspace": [{"id": "1", "name": "Sales"}, {"id": "2", "name": "Stock"}],
    "/api/v1/metadata/workspace/1/environment": [{"id": "3", "name": "DEV"}, {"id": "4", "name": "PROD"}],
    "/api/v1/metadata/workspace/2/environment": [{"id": "5", "name": "DEV"}],
    "/api/v1/metadata/environment/3/chain": [{"id": "7", "name": "Report"}, {"id": "8", "name": "7"}],
    "/api/v1/metadata/environment/4/chain": [{"id": "9", "name": "Report"}],
    "/api/v1/metadata/environment/5/chain": [],
}


def node(state: str) -> dict[str, str]:
    """A node of a run as API v1 shows it."""
    return {"id": "21", "nodeId": "n", "name": "Read", "state": state}


@dataclass
class FakeServer:
    """Answers reads from `DATA`, starts run 20, and shows its states one after the other."""

    states: list[tuple[str, str]] = field(
        default_factory=lambda: [("sleeping", "sleeping"), ("all_succeeded", "succeeded")]
    )
    away: int = 0
    limited: int = 0
    refusal: tuple[int, Any] | None = None
    requests: list[httpx2.Request] = field(default_factory=list[httpx2.Request])
    waits: list[float] = field(default_factory=list[float])
    now: float = 0

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        path = request.url.path
        if request.headers["Authorization"] != "Bearer oc_at_good":
            return httpx2.Response(401, json={"error": "token.invalid", "error_description": "The token is not valid."})
        if path.endswith("/nodes") and self.away:
            self.away -= 1
            raise httpx2.ConnectError("Connection refused")
        if self.limited:
            self.limited -= 1
            return httpx2.Response(429, headers={"Retry-After": "7"}, json={"error": "rate_limited"})
        if request.method == "POST":
            if self.refusal:
                status, body = self.refusal
                return httpx2.Response(status, json=body)
            return httpx2.Response(200, json={"data": {"id": "20", "state": "enqueueing"}})
        if path.endswith("/nodes"):
            state, node_state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            run = {"id": "20", "state": state, "resultText": "", "nodes": [node(node_state)]}
            return httpx2.Response(200, json={"data": run})
        return httpx2.Response(200, json={"data": DATA[path]}) if path in DATA else httpx2.Response(404, json={})

    def client(self, token: str = "oc_at_good") -> ApiClient:
        def wait(seconds: float) -> None:
            self.waits.append(seconds)
            self.now += seconds

        transport = httpx2.MockTransport(self.answer)
        return ApiClient("http://server/api/", token, transport=transport, wait=wait, clock=lambda: self.now)

    def run(self, chain: str = "Report", environment: str | None = "PROD", **options: Any) -> int:
        with self.client() as client:
            wait, as_json = options.pop("wait", True), options.pop("as_json", False)
            return run_chain(client, chain, "Sales", environment, options, wait=wait, as_json=as_json)

    def bodies(self) -> list[Any]:
        """What was posted."""
        return [json.loads(request.content) for request in self.requests if request.method == "POST"]


def test_a_chain_is_found_by_name_started_with_its_inputs_and_followed(capsys: pytest.CaptureFixture[str]) -> None:
    server = FakeServer()
    assert server.run(period="2024-01") == 0
    assert server.bodies() == [{"runtimeVariables": {"period": "2024-01"}}]
    posted = next(r for r in server.requests if r.method == "POST")
    assert posted.url.path == "/api/v1/execute/environment/4/chain/9/start"
    shown = capsys.readouterr()
    assert shown.out == "run 20: all_succeeded\n"
    assert shown.err.splitlines() == ["onecloud: run 20 of Sales / PROD / Report", "Read: succeeded"]


@pytest.mark.parametrize(("state", "status"), [*STATUS.items()])
def test_the_exit_status_follows_the_run(state: str, status: int) -> None:
    assert FakeServer(states=[(state, "errored")]).run() == status


def test_without_waiting_the_run_is_only_started(capsys: pytest.CaptureFixture[str]) -> None:
    server = FakeServer()
    assert server.run(wait=False) == 0
    assert capsys.readouterr().out == "20\n"
    assert not [r for r in server.requests if r.url.path.endswith("/nodes")]


def test_json_prints_the_run_with_its_nodes(capsys: pytest.CaptureFixture[str]) -> None:
    assert FakeServer(states=[("errored", "errored")]).run(as_json=True) == 4
    assert json.loads(capsys.readouterr().out)["nodes"] == [node("errored")]


def test_an_id_wins_over_a_name_that_looks_like_it() -> None:
    server = FakeServer()
    server.run("7", None)
    assert [r.url.path for r in server.requests if r.method == "POST"] == [
        "/api/v1/execute/environment/3/chain/7/start"
    ]


@pytest.mark.parametrize(
    ("chain", "environment", "words"),
    [("Report", None, r"several places \(Sales / DEV / Report, Sales / PROD"), ("Raport", None, "No chain")],
)
def test_a_chain_that_is_not_clear_is_not_started(chain: str, environment: str | None, words: str) -> None:
    server = FakeServer()
    with pytest.raises(NotFound, match=words):
        server.run(chain, environment)
    assert server.bodies() == []


def test_a_server_that_is_away_for_a_moment_is_waited_for() -> None:
    server = FakeServer(away=5)
    assert server.run() == 0
    assert len([r for r in server.requests if r.method == "POST"]) == 1


def test_a_server_that_stays_away_is_given_up_after_a_minute() -> None:
    server = FakeServer(away=10_000)
    with pytest.raises(Unavailable, match="http://server cannot be reached"):
        server.run()
    assert 50 < server.now <= 60


def test_the_limit_of_requests_is_waited_out() -> None:
    server = FakeServer(limited=1)
    assert server.run() == 0
    assert server.waits[0] == 7


def test_a_refusal_is_told_in_the_servers_own_words() -> None:
    body = {"error": "chain.already_running", "error_description": "The chain 'Report' is already running."}
    with pytest.raises(Conflict, match="already running") as refused:
        FakeServer(refusal=(422, body)).run()
    assert refused.value.code == "chain.already_running"


def test_a_start_that_gets_no_answer_is_not_repeated() -> None:
    server = FakeServer(refusal=(503, {"error": "x", "error_description": "Not now."}))
    with pytest.raises(Unavailable):
        server.run()
    assert len(server.bodies()) == 1


def test_a_dead_token_says_where_a_live_one_goes() -> None:
    with FakeServer().client("oc_at_old") as client, pytest.raises(Unauthenticated, match="ONECLOUD_ACCESS_TOKEN"):
        client.get("/v1/metadata/workspace")


def test_a_missing_token_and_a_wrong_input_are_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ONECLOUD_ACCESS_TOKEN", raising=False)
    with pytest.raises(Unauthenticated, match="ONECLOUD_ACCESS_TOKEN"):
        run("Report")
    assert run("Report", input=["period"]) == 2
    assert "name=value" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"<html>"), (200, b"[]"), (500, b"<html>"), (502, b'["no"]'), (418, b"{}")]
)
def test_an_answer_of_something_else_is_an_error_and_no_crash(status: int, body: bytes) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(status, content=body))
    with (
        ApiClient("http://elsewhere", "t", transport=transport) as client,
        pytest.raises(OneCloudError, match="http://elsewhere"),
    ):
        client.get("/v1/metadata/workspace")
