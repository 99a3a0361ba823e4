"""`kill -9` of the server while somebody edits: what was answered is kept, and nothing is half written."""

from __future__ import annotations

import random
import threading
from typing import Any

import httpx2

from tests.e2e.server import Api, Server

KILLS = 5


def document(number: int) -> dict[str, Any]:
    """A chain that shows which save it is in two places, so that half of one would be seen."""
    node = {"command": "files.create", "inputs": {"name": "a.txt", "text": f"save {number}" + "x" * 20_000}}
    return {"onecloud": 1, "name": "Edited", "description": f"save {number}", "start": "a", "nodes": {"a": node}}


class Editor(threading.Thread):
    """Saves the draft again and again until the server does not answer any more."""

    def __init__(self, api: Api, chain: str, revision: int) -> None:
        super().__init__()
        self.api, self.chain, self.revision, self.sent = api, chain, revision, revision
        self.refused: list[str] = []
        # Set when the first save is answered, and when there will be none: a slow machine only makes the wait longer.
        self.got_on = threading.Event()

    def run(self) -> None:
        """Save, each time from the revision that the last answer gave, until the server is gone or refuses."""
        try:
            self.save()
        finally:
            self.got_on.set()

    def save(self) -> None:
        """The saves; gives up at the first one that is not taken."""
        path = f"{self.api.url}/api/v2/chains/{self.chain}/draft"
        while True:
            self.sent = self.revision + 1
            headers = {"Authorization": f"Bearer {self.api.token}", "If-Match": f'"{self.revision}"'}
            try:
                answer = httpx2.put(path, json={"document": document(self.sent)}, headers=headers, timeout=30)
            except httpx2.HTTPError:
                return
            if answer.status_code != 200:
                self.refused.append(answer.text)
                return
            self.revision = answer.json()["revision"]
            self.got_on.set()


def test_a_server_that_is_killed_between_two_saves_keeps_every_save_that_it_answered(server: Server) -> None:
    api = server.api()
    path = f"/api/v2/environments/{api.environment()}/chains"
    made = api.call("POST", path, {"document": document(1)})
    assert made.status_code == 201, made.text
    chain, revision = made.json()["chain_id"], 1
    chance = random.Random(11)
    for _ in range(KILLS):
        editor = Editor(api, chain, revision)
        editor.start()
        assert editor.got_on.wait(60), "the server answers nobody"
        editor.join(chance.uniform(0, 0.5))
        server.kill()
        editor.join(30)
        assert editor.refused == []
        server.start()
        draft = api.call("GET", f"/api/v2/chains/{chain}/draft").json()
        assert draft["revision"] in (editor.revision, editor.sent), "the last answer, or the save under way"
        number = draft["revision"]
        assert draft["document"] == document(number), "one save, whole"
        assert draft["saved_by"]["name"]
        assert number > revision, "the editor got on"
        revision = number
