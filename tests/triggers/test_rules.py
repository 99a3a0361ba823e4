"""What becomes of what a trigger saw, and which triggers are refused."""

from __future__ import annotations

from typing import Any

import pytest

from onecloud.chains.model import RuntimeInput
from onecloud.kernel.errors import Malformed
from onecloud.kernel.jsonvalue import Json
from onecloud.triggers.model import Skip, Start, TriggerDocument
from onecloud.triggers.request import happened
from onecloud.triggers.rules import decide, document_problems

INPUTS = (
    RuntimeInput("number", required=True),
    RuntimeInput("count", type="number"),
    RuntimeInput("size", type="dropdown", options=("s", "m")),
)
FACTS: dict[str, Json] = {
    "body": {"id": 7, "rows": [1, {"a": None}], "name": "Ñ"},
    "query": {"a": "1"},
    "headers": {"x-shop": "one"},
    "delivery_id": "",
}


def webhook(**more: Any) -> TriggerDocument:
    """A webhook."""
    return TriggerDocument.model_validate({"name": "t", "source": {"kind": "webhook"}, **more})


def wrong(document: TriggerDocument, inputs: tuple[RuntimeInput, ...] | None = None) -> list[str]:
    """Where the faults of a trigger are."""
    return [problem.where for problem in document_problems(document, inputs)]


def test_references_fill_the_inputs_and_keep_their_types() -> None:
    document = webhook(
        inputs={
            "a": "${{ trigger.body.id }}",
            "b": "${{ trigger.body.rows }}",
            "c": 'shop ${{ trigger.headers["x-shop"] }}',
            "d": '${{ trigger.query.b | default("none") }}',
            "e": 5,
        }
    )
    assert decide(document, FACTS) == Start({"a": 7, "b": '[1,{"a":null}]', "c": "shop one", "d": "none", "e": 5})


def test_a_value_that_is_not_there_is_named() -> None:
    verdict = decide(webhook(inputs={"a": "${{ trigger.body.total }}"}), FACTS)
    assert isinstance(verdict, Skip)
    assert verdict.reason == "trigger.inputs"
    assert verdict.detail.startswith("inputs.a: ")
    assert "total" in verdict.detail


def test_a_condition_decides_and_says_why() -> None:
    when = {"value": "${{ trigger.body.id }}", "is": "greater_than", "other": 6}
    assert decide(webhook(when=when), FACTS) == Start({})
    verdict = decide(webhook(when={**when, "other": 7}), FACTS)
    assert isinstance(verdict, Skip)
    assert verdict.reason == "trigger.condition"
    assert "is greater than 7: no (7" in verdict.detail


def test_a_condition_that_cannot_be_decided_is_no_skip() -> None:
    verdict = decide(webhook(when={"value": "${{ trigger.body.lost }}", "is": "equals", "other": 1}), FACTS)
    assert isinstance(verdict, Skip)
    assert verdict.reason == "trigger.condition_fault"


def test_a_sound_trigger_has_no_faults() -> None:
    document = webhook(
        inputs={"number": "${{ trigger.body.id }}", "count": 3},
        when={"all": [{"value": "${{ trigger.delivery_id }}", "is": "not_null"}]},
    )
    assert wrong(document, INPUTS) == wrong(document) == []


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"inputs": {"number": "${{ trigger.outputs.a }}"}}, ["inputs.number"]),
        ({"inputs": {"number": "${{ workspace.a }}"}}, ["inputs.number"]),
        ({"inputs": {"number": "${{ trigger.body"}}, ["inputs.number"]),
        ({"inputs": {"number": "1", "other": 1}}, ["inputs.other"]),
        ({"inputs": {"number": "1", "count": "many"}}, ["inputs.count"]),
        ({"inputs": {"number": "1", "size": "xl"}}, ["inputs.size"]),
        ({}, ["inputs.number"]),
        ({"inputs": {"number": "1"}, "when": {"value": "a", "is": "like"}}, ["when.is"]),
        (
            {"inputs": {"number": "1"}, "when": {"any": [{"value": "${{ input.a }}", "is": "null"}]}},
            ["when.any[0].value"],
        ),
    ],
)
def test_a_fault_is_placed(more: dict[str, Any], where: list[str]) -> None:
    assert wrong(webhook(**more), INPUTS) == where


def test_a_request_is_read_by_its_content_type() -> None:
    def body(kind: str, content: bytes) -> Json:
        return happened({"content-type": kind}, [], content).facts["body"]

    assert body("application/json; charset=utf-8", b'{"a": [1]}') == {"a": [1]}
    assert body("application/cloudevents+json", b"1") == 1
    assert body("application/json", b"") is None
    assert body("application/x-www-form-urlencoded", b"a=1&b=&a=2") == {"a": ["1", "2"], "b": ""}
    assert body("text/plain", "ñ".encode()) == "ñ"
    for kind, content in (("application/json", b"{"), ("application/json", b"[" * 100_000), ("", b"\xff")):
        with pytest.raises(Malformed) as caught:
            body(kind, content)
        assert caught.value.code == "hook.body"


def test_credentials_are_no_facts() -> None:
    headers = {"authorization": "Bearer x", "cookie": "a=b", "webhook-signature": "v1,x", "x-a": "1"}
    assert happened(headers, [("q", "1"), ("q", "2")], b"").facts == {
        "body": "",
        "query": {"q": ["1", "2"]},
        "headers": {"x-a": "1"},
        "delivery_id": "",
    }


def test_the_senders_id_is_the_key() -> None:
    assert happened({"idempotency-key": "k", "x-github-delivery": "g"}, [], b"").key == "delivery:k"
    assert happened({"webhook-id": "w", "idempotency-key": "k"}, [], b"").key == "delivery:w"
    assert happened({}, [], b"").key is None
    with pytest.raises(Malformed):
        happened({"webhook-id": "x" * 201}, [], b"")
