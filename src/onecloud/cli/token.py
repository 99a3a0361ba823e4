"""`onecloud token`: refresh and revoke tokens of a server over HTTP; needs no server parts.

The refresh token is read from standard input, because arguments are seen by every program of the machine.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

app = App(name="token", help="Refresh and revoke the tokens of an API application.")

# A retry after the server's window of 60 s for the same key would be taken for a theft.
PAUSES_S: Final = (0.5, 2.0, 5.0)
TIMEOUT_S: Final = 10.0
Json = Annotated[bool, Parameter(name="--json", negative="")]


class _Failed(Exception):
    """What went wrong, in one sentence."""


@app.command
async def refresh(*, server: str, client_id: str, as_json: Json = False) -> int:
    """Spend the refresh token on standard input and print the new pair.

    An answer that is lost on the way is asked for again with the same Idempotency-Key, which is safe.

    Parameters
    ----------
    server: the server's address, such as https://onecloud.example.com
    client_id: the client id of the API access page.
    as_json: print one JSON object instead of lines.
    """
    import json
    import uuid

    try:
        form = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": _token_from_stdin()}
        body = await _post(f"{server.rstrip('/')}/oauth/token", form, {"Idempotency-Key": str(uuid.uuid4())})
    except _Failed as error:
        return _refuse(error)
    told: Mapping[str, object] = json.loads(body)
    shown = {name: told[name] for name in ("access_token", "refresh_token", "expires_in")}
    print(json.dumps(shown) if as_json else "\n".join(f"{name}: {value}" for name, value in shown.items()))
    return 0


@app.command
async def revoke(*, server: str, client_id: str, as_json: Json = False) -> int:
    """Revoke the token on standard input; a refresh token takes every token of its grant with it.

    Parameters
    ----------
    server: the server's address, such as https://onecloud.example.com
    client_id: the client id of the API access page.
    as_json: print one JSON object instead of a line.
    """
    try:
        form = {"token": _token_from_stdin(), "client_id": client_id}
        await _post(f"{server.rstrip('/')}/oauth/revoke", form, {})
    except _Failed as error:
        return _refuse(error)
    print('{"revoked": true}' if as_json else "The token is revoked.")
    return 0


def _token_from_stdin() -> str:
    token = sys.stdin.readline().strip()
    if not token:
        raise _Failed("Give the token on standard input.")
    return token


def _refuse(error: _Failed) -> int:
    print(error, file=sys.stderr)
    return 1


async def _post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
    """The body of a good answer; a lost one is asked for again a few times.

    Raises: _Failed with the server's sentence.
    """
    import asyncio

    import httpx2

    reason = ""
    async with httpx2.AsyncClient(timeout=TIMEOUT_S) as http:
        for pause_s in (*PAUSES_S, None):
            try:
                answer = await http.post(url, data=dict(form), headers=dict(headers))
            except httpx2.InvalidURL as error:
                raise _Failed(f"{url} is no address: {error}.") from error
            except httpx2.HTTPError as error:
                reason = f"{url} cannot be reached: {error or type(error).__name__}."
            else:
                if answer.status_code < 500:
                    return _body(answer)
                reason = f"{url} answered {answer.status_code}."
            if pause_s is not None:
                await asyncio.sleep(pause_s)
    raise _Failed(reason)


def _body(answer: httpx2.Response) -> bytes:
    if answer.status_code == 200:
        return answer.content
    try:
        told = answer.json()
        raise _Failed(f"{told['error']}: {told['error_description']}")
    except (ValueError, KeyError, TypeError):
        raise _Failed(f"{answer.url} answered {answer.status_code}.") from None
