"""Webhooks through the whole application, with a running engine, on both databases."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onecloud.infra.settings import Settings
from onecloud.triggers.signing import signature
from tests.triggers.conftest import Client, document

HOOK: dict[str, Any] = {"kind": "webhook"}
VALUE = {"value": "${{ trigger.body.value }}"}


async def ended(client: Client, run_id: str) -> Any:
    """The run once it has ended."""
    await client.house.wait(int(run_id))
    return await client.ok("GET", f"/api/v2/runs/{run_id}")


async def test_a_call_starts_a_run_with_its_values(client: Client) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, HOOK, inputs={"value": "${{ trigger.body.a[1] }}/${{ trigger.query.q }}"})
    answer = await client.hook(made, b'{"a": [1, "two"]}', "?q=3")
    assert answer.status_code == 202, answer.text
    run = await ended(client, answer.json()["run_id"])
    assert (run["inputs"], run["launch_type"], run["user_name"]) == ({"value": "two/3"}, "trigger_event", "trigger t")
    origin = await client.ok("GET", f"/api/v2/runs/{run['id']}/trigger")
    assert (origin["name"], origin["kind"], origin["fire"]["outcome"]) == ("t", "webhook", "fired")
    (listed,) = (await client.ok("GET", f"/api/v2/chains/{chain}/triggers"))["items"]
    assert listed["last_fire"]["run_id"] == run["id"]


async def test_an_answer_waits_for_the_outputs(client: Client) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, {**HOOK, "wait_s": 30}, inputs=VALUE)
    answer = await client.hook(made, b'{"value": "x"}')
    shown = answer.json()
    assert (answer.status_code, shown["state"], shown["ended"]) == (200, "all_succeeded", True)
    assert shown["outputs"] == {"value": "x", "more": 7}


async def test_an_answer_does_not_wait_longer_than_it_says(client: Client) -> None:
    chain = await client.house.chain(document("Long", wait=True))
    made = await client.create(chain, {**HOOK, "wait_s": 1})
    began = time.monotonic()
    answer = await client.hook(made)
    assert (answer.status_code, answer.json()["ended"], answer.json()["outputs"]) == (202, False, None)
    assert 1 <= time.monotonic() - began < 20


async def test_the_same_delivery_starts_one_run_also_at_the_same_moment(client: Client) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, HOOK)
    answers = await asyncio.gather(*(client.hook(made, webhook_id="d1") for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {200, 202}, [answer.text for answer in answers]
    assert len({answer.json()["run_id"] for answer in answers}) == 1
    assert sorted(answer.json()["repeated"] for answer in answers) == [False] + [True] * 7
    other = await client.hook(made, webhook_id="d2")
    assert other.json()["run_id"] != answers[0].json()["run_id"]
    assert [fire["about"] for fire in await client.fires(made)] == ["delivery d2", "delivery d1"]
    without = [(await client.hook(made)).json()["run_id"] for _ in range(2)]
    assert len(set(without)) == 2


async def test_a_refused_delivery_can_be_sent_again(client: Client) -> None:
    chain = await client.house.chain(document("One", "[{name: value, type: number, required: true}]"))
    made = await client.create(chain, HOOK, inputs=VALUE)
    for body, code in ((b'{"value": "x"}', "chain.inputs"), (b"{}", "trigger.inputs")):
        answer = await client.hook(made, body, webhook_id="d1")
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await client.hook(made, b'{"value": 1}', webhook_id="d1")).status_code == 202
    assert [(fire["outcome"], fire["reason"]) for fire in await client.fires(made)] == [
        ("fired", ""),
        ("refused", "trigger.inputs"),
        ("refused", "chain.inputs"),
    ]


async def test_a_condition_that_does_not_hold_starts_nothing_and_says_so(client: Client) -> None:
    chain = await client.house.chain(document("One"))
    when = {"value": "${{ trigger.body.value }}", "is": "equals", "other": "go"}
    made = await client.create(chain, HOOK, when=when)
    answer = await client.hook(made, b'{"value": "stay"}', webhook_id="d1")
    assert (answer.status_code, answer.json()["run_id"]) == (200, None)
    assert '"stay"' in answer.json()["skipped"]
    again = await client.hook(made, b'{"value": "go"}', webhook_id="d1")
    assert (again.status_code, again.json()["repeated"]) == (200, True), "the same delivery has been dealt with"
    assert [(fire["outcome"], fire["reason"]) for fire in await client.fires(made)] == [
        ("skipped", "trigger.condition")
    ]


async def test_a_signed_webhook_takes_what_is_signed(client: Client) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, {**HOOK, "signed": True}, inputs=VALUE)
    secret, stamp, body = made["secrets"]["signing_secret"], str(int(time.time())), b'{"value": "x"}'
    good = {
        "webhook_id": "m1",
        "webhook_timestamp": stamp,
        "webhook_signature": signature(secret, "m1", stamp, body),
    }
    assert (await client.hook(made, body, **good)).status_code == 202
    assert (await client.hook(made, body, **good)).json()["repeated"] is True, "what was caught is no new delivery"
    for change, code in (
        ({"webhook_id": "m2"}, "hook.signature"),
        ({"webhook_timestamp": "1000"}, "hook.timestamp"),
        ({"webhook_signature": ""}, "hook.unsigned"),
    ):
        answer = await client.hook(made, body, **{**good, **change})
        assert (answer.status_code, answer.json()["code"]) == (401, code)
        assert secret not in answer.text
    rotated = await client.ok("POST", f"/api/v2/triggers/{made['trigger']['id']}/rotate-signing-secret")
    assert (await client.hook(made, body, **good)).status_code == 401
    good["webhook_signature"] = signature(rotated["signing_secret"], "m1", stamp, body)
    assert (await client.hook(made, body, **good)).json()["repeated"] is True


async def test_an_address_is_replaced_and_nothing_else_reads_it(client: Client) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, HOOK)
    address = made["secrets"]["address"].rpartition("/")[2]
    path = f"/api/v2/triggers/{made['trigger']['id']}"
    assert address not in (await client.call("GET", path)).text
    rotated = await client.ok("POST", f"{path}/rotate-address")
    assert (await client.hook(made)).status_code == 404
    assert (await client.hook({"secrets": rotated})).status_code == 202
    assert await client.refused("POST", f"{path}/rotate-signing-secret") == (409, "trigger.unsigned")


async def test_what_is_switched_off_answers_409(client: Client) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, HOOK)
    path = f"/api/v2/triggers/{made['trigger']['id']}"
    await client.ok("POST", f"{path}/disable")
    answer = await client.hook(made)
    assert (answer.status_code, answer.json()["code"]) == (409, "trigger.disabled")
    shown = await client.ok("GET", path)
    assert (shown["enabled"], shown["switched"]["by"]) == (False, "Ada Lovelace")
    assert [one["code"] for one in shown["hindrances"]] == ["trigger.disabled"]
    await client.ok("POST", f"{path}/enable")
    await client.ok("POST", f"/api/v2/chains/{chain}/disable")
    assert (await client.hook(made)).json()["code"] == "chain.disabled"
    await client.ok("DELETE", f"/api/v2/chains/{chain}")
    assert (await client.hook(made)).status_code == 404
    assert (await client.call("GET", path)).status_code == 404


async def test_a_chain_that_runs_alone_refuses_a_second_call(client: Client) -> None:
    chain = await client.house.chain(document("Alone", concurrent=False, wait=True))
    made = await client.create(chain, HOOK)
    first = await client.hook(made, webhook_id="a")
    second = await client.hook(made, webhook_id="b")
    assert (second.status_code, second.json()["code"]) == (409, "chain.already_running")
    await client.ok("POST", f"/api/v2/runs/{first.json()['run_id']}/stop")
    assert (await client.hook(made, webhook_id="b")).status_code == 202


async def test_a_chain_that_was_never_published_answers_409(client: Client) -> None:
    path = f"/api/v2/environments/{client.house.environment_id}/chains"
    chain = await client.ok("POST", path, {"name": "Draft"})
    made = await client.create(int(chain["chain_id"]), HOOK)
    assert [one["code"] for one in made["trigger"]["hindrances"]] == ["chain.not_published"]
    assert (await client.hook(made)).json()["code"] == "chain.not_published"


class TestLimits:
    """With small limits."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Three calls a minute, bodies of one kilobyte."""
        return settings.model_copy(update={"hook_calls_per_minute": 3, "hook_body_kb": 1})

    async def test_a_body_that_is_too_large_is_refused(self, client: Client) -> None:
        made = await client.create(await client.house.chain(document("One")), HOOK)
        answer = await client.hook(made, json.dumps({"value": "x" * 1024}))
        assert (answer.status_code, answer.json()["code"]) == (413, "hook.too_large")
        assert "1 KB" in answer.json()["detail"]

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(4):
                yield b"x" * 512

        kind = {"content-type": "text/plain"}
        streamed = await client.whole.client.post(made["secrets"]["address"], content=pieces(), headers=kind)
        assert streamed.status_code == 413

    async def test_calls_are_counted(self, client: Client) -> None:
        made = await client.create(await client.house.chain(document("One")), HOOK)
        found = [await client.hook(made) for _ in range(4)]
        assert [answer.status_code for answer in found] == [202, 202, 202, 429]
        assert int(found[-1].headers["retry-after"]) >= 1

    async def test_guesses_are_counted_by_address(self, client: Client) -> None:
        wrong = {"secrets": {"address": "/hooks/oc_hk_" + "x" * 43}}
        found = [(await client.hook(wrong)).status_code for _ in range(62)]
        assert (found[0], found[-1]) == (404, 429)


async def test_the_log_does_not_hold_the_address(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    made = await client.create(await client.house.chain(document("One")), HOOK)
    await client.hook(made)
    printed = capsys.readouterr()
    assert "/hooks/…" in printed.out + printed.err
    assert made["secrets"]["address"].rpartition("/")[2] not in printed.out + printed.err
