"""People who answer the questions of runs over HTTP, as the conformance suite writes it down."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx2

from tests.e2e.server import Api

PATIENCE_S = 120
LOOK_S = 0.2


def give_answers(people: Mapping[str, Api], run: str, answers: list[dict[str, Any]], when: str) -> None:
    """Give those of a run's answers that come before, or after, the kills."""
    for one in answers:
        if one.get("when", "before") == when:
            _give(people[one["by"]], run, one)


def questions(api: Api, run: str, kind: str) -> list[dict[str, Any]]:
    """Every question of that kind (`approvals` or `uploads`) that the run has asked."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = api.call("GET", f"/api/v2/{kind}?limit=200{cursor}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [one for one in page["items"] if one["run_id"] == run]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def _give(api: Api, run: str, one: Mapping[str, Any]) -> None:
    kind = "uploads" if "give" in one or "decline" in one else "approvals"
    path = f"/api/v2/{kind}/{_open_one(api, run, kind, one)['id']}"
    if "say" in one:
        _done(api.call("POST", f"{path}/answer", {"verdict": one["say"], "comment": one.get("comment", "")}))
    elif "edit" in one:
        _done(api.call("POST", f"{path}/edit", one["edit"]))
    elif "decline" in one:
        _done(api.call("POST", f"{path}/decline", {"comment": one["decline"]}))
    else:
        for name, text in one["give"].items():
            headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "application/octet-stream"}
            address = f"{api.url}{path}/files"
            _done(httpx2.post(address, params={"name": name}, content=text.encode(), headers=headers, timeout=30))
        if not one.get("open"):
            _done(api.call("POST", f"{path}/complete", {"comment": ""}))


def _open_one(api: Api, run: str, kind: str, one: Mapping[str, Any]) -> dict[str, Any]:
    """The question that is meant, once it is open and, to be answered, waits for this person."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for asked in questions(api, run, kind):
            meant = asked["node_name"] == one["node"] if "node_name" in asked else True
            meant = meant and asked["title"] == one.get("title", asked["title"])
            if asked["state"] == "open" and meant and ("say" not in one or asked["your_turn"]):
                return asked
        time.sleep(LOOK_S)
    raise AssertionError(f"run {run} asks nothing like {dict(one)}: {questions(api, run, kind)}")


def _done(answer: httpx2.Response) -> None:
    assert answer.status_code in (200, 201), answer.text
