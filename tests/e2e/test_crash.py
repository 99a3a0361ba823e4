"""`kill -9` of the server in the middle of runs."""

from __future__ import annotations

import random
import time
from typing import Any

import httpx2

from tests.e2e.conftest import Receiver
from tests.e2e.server import Api, Server

KILLS = 10
ENDED = ("skipped", "errored", "warned", "succeeded")


def sixty_nodes(url: str) -> str:
    """Ten rows of six nodes: a fan-out of five and the join that leads to the next row."""
    nodes = ["  s0: {command: http.request, inputs: {url: '" + url + "/s0'}}"]
    links: list[str] = []
    for row in range(10):
        join = f"s{row + 1}"
        for branch in range(5):
            key = f"r{row}b{branch}"
            nodes.append(f"  {key}: {{command: http.request, inputs: {{url: '{url}/{key}'}}}}")
            links += [f"  - {{from: s{row}, to: {key}}}", f"  - {{from: {key}, to: {join}}}"]
        if row < 9:
            nodes.append(f"  {join}: {{command: http.request, inputs: {{url: '{url}/{join}'}}}}")
        else:
            nodes.append(f"  {join}: {{command: json.query, inputs: {{data: '[1]', query: '[0]'}}}}")
    return "onecloud: 1\nname: Sixty\nstart: s0\nnodes:\n" + "\n".join(nodes) + "\nlinks:\n" + "\n".join(links) + "\n"


def test_a_run_survives_ten_kills_and_repeats_no_finished_node(server: Server, receiver: Receiver) -> None:
    api = server.api()
    chain = server.chain(sixty_nodes(receiver.url))
    run = api.start(api.environment(), chain)
    chance = random.Random(7)
    finished: set[str] = set()
    for _ in range(KILLS):
        last = watch(api, run, chance.uniform(0.05, 0.35))
        assert finished <= last, "a finished node is never shown as unfinished again"
        finished = last
        server.kill()
        counts = dict(receiver.begun)
        server.start()
        after = shown_finished(api.nodes(run))
        assert finished <= after
        for key in finished:
            assert receiver.begun[f"/{key}"] == counts.get(f"/{key}", 0), f"{key} had finished and ran again"
    ended = api.wait(run)
    assert ended["state"] == "all_succeeded", ended["rootCause"]
    assert len(ended["nodes"]) == 61
    assert all(node["state"] == "succeeded" for node in ended["nodes"])
    repeated = {path: count for path, count in receiver.begun.items() if count > 1}
    # Five commands can be under way at a kill; nothing else may have run twice.
    assert sum(count - 1 for count in repeated.values()) <= 5 * KILLS, repeated


def shown_finished(run: Any) -> set[str]:
    """Keys of the nodes that the API shows as ended."""
    return {node["name"] for node in run["nodes"] if node["state"] in ENDED}


def watch(api: Api, run: str, for_s: float) -> set[str]:
    """Look at the run again and again for a while; what has finished may only grow."""
    until, seen = time.monotonic() + for_s, set[str]()
    while True:
        now = shown_finished(api.nodes(run))
        assert seen <= now
        seen = now
        if time.monotonic() >= until:
            return seen


def test_a_run_that_was_only_just_accepted_is_not_lost(server: Server, receiver: Receiver) -> None:
    api = server.api()
    text = sixty_nodes(receiver.url).replace("name: Sixty", "name: Sixty\nallow_concurrent_runs: true")
    chain, environment = server.chain(text), api.environment()
    runs: list[str] = []
    for _ in range(5):
        runs.append(api.start(environment, chain))
        server.kill()
        server.start()
    for run in runs:
        assert api.wait(run)["state"] == "all_succeeded"


def test_a_graceful_stop_ends_with_status_0_and_the_run_goes_on_afterwards(server: Server, receiver: Receiver) -> None:
    api = server.api()
    chain = server.chain(sixty_nodes(receiver.url))
    run = api.start(api.environment(), chain)
    assert server.stop() == 0
    assert "Traceback" not in server.log()
    server.start()
    assert api.wait(run)["state"] == "all_succeeded"


def test_a_second_server_on_the_same_data_is_refused_with_a_sentence(server: Server) -> None:
    second = Server(server.data, server.environment)
    done = second.command("serve", "--port", str(second.port), "--data", str(server.data), check=False)
    assert done.returncode == 1
    assert "Another OneCloud server runs chains on" in done.stderr
    assert httpx2.get(f"{server.url}/healthz").json() == {"status": "ok"}
