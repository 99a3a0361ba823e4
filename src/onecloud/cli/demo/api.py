"""A client of the API that shows what it does: each call as a curl command with its answer, tokens masked."""

from __future__ import annotations

import json
import re
import shlex
import time
import uuid
from typing import Any, Final

import httpx2

_TOKEN: Final = re.compile(r"\boc_(at|rt)_[A-Za-z0-9_-]+")
_MOST_LINES: Final = 28


class StepFailed(Exception):
    """A step of the demo did not do what it should; the sentence says what."""


def masked(text: str) -> str:
    """The text with every token cut down to its kind and its last four characters."""
    return _TOKEN.sub(lambda match: f"oc_{match[1]}_…{match[0][-4:]}", text)


def shown(value: object) -> str:
    """A value for reading: indented JSON, cut after some lines, tokens masked."""
    lines = masked(json.dumps(value, indent=2, ensure_ascii=False)).splitlines()
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], f"… {len(lines) - _MOST_LINES} more lines"]
    return "\n".join("   " + line for line in lines)


class Api:
    """The client's side: an address and one pair of tokens."""

    def __init__(self, address: str, pair: dict[str, Any]) -> None:
        self.address: Final = address
        self.client_id: Final = str(pair["client_id"])
        self.access_token = str(pair["access_token"])
        self.refresh_token = str(pair["refresh_token"])
        self._http = httpx2.Client(base_url=address, timeout=30)

    def get(self, path: str, *, expect: int = 200, token: str | None = None, note: str = "") -> Any:
        """GET with the access token, or with another one.

        Raises: StepFailed when the status is not the expected one.
        """
        headers = {"Authorization": f"Bearer {token or self.access_token}"}
        self._show(["curl", "-s", "-H", "Authorization: Bearer $ACCESS_TOKEN", self.address + path], note)
        return self._answer(self._http.get(path, headers=headers), expect)

    def post(self, path: str, body: dict[str, Any], *, expect: int = 200) -> Any:
        """POST JSON with the access token.

        Raises: StepFailed when the status is not the expected one.
        """
        command = ["curl", "-s", "-X", "POST", "-H", "Authorization: Bearer $ACCESS_TOKEN"]
        self._show([*command, "-H", "Content-Type: application/json", "-d", json.dumps(body), self.address + path])
        return self._answer(
            self._http.post(path, json=body, headers={"Authorization": f"Bearer {self.access_token}"}), expect
        )

    def spend(self, refresh_token: str, *, expect: int = 200, note: str = "") -> Any:
        """Exchange a refresh token for a new pair; the Idempotency-Key makes a lost answer safe to ask for again.

        Raises: StepFailed when the status is not the expected one.
        """
        body = {"grant_type": "refresh_token", "client_id": self.client_id, "refresh_token": refresh_token}
        as_shown = json.dumps(body | {"refresh_token": "$REFRESH_TOKEN"})
        key = str(uuid.uuid4())
        command = ["curl", "-s", "-X", "POST", "-H", "Content-Type: application/json", "-H", f"Idempotency-Key: {key}"]
        self._show([*command, "-d", as_shown, f"{self.address}/oauth/token"], note)
        return self._answer(self._http.post("/oauth/token", json=body, headers={"Idempotency-Key": key}), expect)

    def peek(self, path: str) -> Any:
        """GET without showing it, for watching a run."""
        answer = self._http.get(path, headers={"Authorization": f"Bearer {self.access_token}"})
        if answer.status_code == 429:  # an honest client waits as long as it is told, and asks again
            time.sleep(min(30, int(answer.headers.get("Retry-After", "1"))))
            return self.peek(path)
        if answer.status_code != 200:
            raise StepFailed(f"{path} answered {answer.status_code}: {masked(answer.text)}")
        return answer.json()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _show(self, command: list[str], note: str = "") -> None:
        # Double quotes let the shell put the variable in; inside them JSON's own quotes are escaped.
        words = [
            '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' if "$" in word else shlex.quote(word)
            for word in command
        ]
        print(f"\n $ {' '.join(words)}{'   # ' + note if note else ''}", flush=True)

    def _answer(self, answer: httpx2.Response, expect: int) -> Any:
        is_json = "json" in answer.headers.get("content-type", "")
        value: Any = answer.json() if is_json else answer.text
        print(f"   HTTP {answer.status_code}\n{shown(value)}", flush=True)
        if answer.status_code != expect:
            raise StepFailed(f"{answer.url.path} answered {answer.status_code} where {expect} was expected")
        return value
