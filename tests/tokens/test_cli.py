"""The command line of the token service: `onecloud admin enable-api` and `onecloud token`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from onecloud.cli.api_access import enable_api
from onecloud.cli.ground import open_ground
from onecloud.tokens import actions
from tests.tokens.conftest import House, add_person
from tests.tokens.live import Ended, live_server, run

ONECLOUD = [sys.executable, "-c", "import sys; from onecloud.cli.token import app; sys.exit(app())"]


async def _token(command: str, server: str, client_id: str, token: str, *more: str) -> Ended:
    program = [*ONECLOUD, command, "--server", server, "--client-id", client_id, *more]
    return await run(program, token + "\n", {**os.environ, "PYTHONPATH": "src"})


@asynccontextmanager
async def losing_the_first_answer(server: str) -> AsyncGenerator[tuple[str, list[bytes]]]:
    """A network between client and server that brings every request there and loses the first answer."""
    host, port = server.removeprefix("http://").split(":")
    requests: list[bytes] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))[15:])
        requests.append(head + await reader.readexactly(length))
        to_reader, to_writer = await asyncio.open_connection(host, int(port))
        to_writer.write(requests[-1].replace(b"keep-alive", b"close"))
        answer = await to_reader.read(1)
        if len(requests) > 1:
            writer.write(answer + await to_reader.read())
            await writer.drain()
        for end in (to_writer, writer):
            end.close()

    relay = await asyncio.start_server(carry, "127.0.0.1", 0)
    async with relay:
        yield f"http://127.0.0.1:{relay.sockets[0].getsockname()[1]}", requests


async def test_refresh_prints_the_new_pair_and_revoke_ends_it(house: House) -> None:
    issued = await house.access()
    async with live_server(house) as server:
        ended = await _token("refresh", server, issued.client_id, issued.pair.refresh.reveal(), "--json")
        assert (ended.code, ended.err) == (0, "")
        pair = json.loads(ended.out)
        assert set(pair) == {"access_token", "refresh_token", "expires_in"}
        assert (await house.call(pair["access_token"])).status_code == 200
        ended = await _token("revoke", server, issued.client_id, pair["refresh_token"])
        assert (ended.code, ended.out) == (0, "The token is revoked.\n")
        assert (await house.call(pair["access_token"])).status_code == 401


async def test_a_lost_answer_is_asked_for_again_with_the_same_key_and_loses_nothing(house: House) -> None:
    issued = await house.access()
    async with live_server(house) as server, losing_the_first_answer(server) as (relay, requests):
        ended = await _token("refresh", relay, issued.client_id, issued.pair.refresh.reveal(), "--json")
    assert ended.code == 0, ended.err
    keys = [line for sent in requests for line in sent.lower().split(b"\r\n") if line.startswith(b"idempotency-key")]
    assert len(keys) == 2
    assert keys[0] == keys[1]
    pair = json.loads(ended.out)
    assert (await house.call(pair["access_token"])).status_code == 200


async def test_a_refusal_is_one_sentence_and_exit_status_1(house: House) -> None:
    issued = await house.access()
    async with live_server(house) as server:
        refused = await _token("refresh", server, issued.client_id, issued.pair.access.reveal())
        nothing = await _token("refresh", server, issued.client_id, "")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("invalid_grant: ")
    assert issued.pair.access.reveal() not in refused.err
    assert (nothing.code, nothing.err) == (1, "Give the token on standard input.\n")


async def test_wrong_usage_is_exit_status_2() -> None:
    ended = await run([*ONECLOUD, "refresh"], "", {**os.environ, "PYTHONPATH": "src"})
    assert ended.code == 2


async def test_enable_api_prints_the_tokens_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ONECLOUD_DATABASE_URL", raising=False)
    async with open_ground(tmp_path) as ground, ground.database.transaction() as db:
        await add_person(db, "ada@example.com")
    assert await enable_api(email="Ada@example.com", data=tmp_path, days=2, as_json=True) == 0
    shown = json.loads(capsys.readouterr().out)
    assert list(shown) == ["client_id", "access_token", "refresh_token", "expires_in"]
    assert shown["expires_in"] == 2 * 86_400
    async with open_ground(tmp_path) as ground, ground.database.reading() as db:
        found = await actions.authenticate(db, ground.keys, shown["access_token"])
    assert found.principal.email == "ada@example.com"


async def test_enable_api_again_or_for_nobody_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ONECLOUD_DATABASE_URL", raising=False)
    async with open_ground(tmp_path) as ground, ground.database.transaction() as db:
        await add_person(db, "ada@example.com")
    assert await enable_api(email="ada@example.com", data=tmp_path) == 0
    assert capsys.readouterr().out.startswith("client_id: oc_client_")
    for email, said in (("ada@example.com", "Revoke it first"), ("nobody@example.com", "nobody@example.com")):
        assert await enable_api(email=email, data=tmp_path) == 1
        assert said in capsys.readouterr().err
