"""Editing drafts: what is saved, what is refused, and that of many editors none loses anything."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from onecloud.chains import actions
from onecloud.chains.document import parse_value
from onecloud.kernel.errors import Stale
from tests.chains.life import SMALL, Life, with_text


async def test_a_draft_is_read_in_both_forms_with_who_saved_it_and_when(life: Life) -> None:
    chain = (await life.made(with_text("x", variables=[{"name": "key", "value": "s3cret", "encrypted": True}])))[
        "chain_id"
    ]
    answer = await life.call("GET", f"/api/v2/chains/{chain}/draft")
    draft = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert (draft["revision"], draft["saved_by"]["name"], draft["unpublished_changes"]) == (1, "Ada Lovelace", True)
    assert draft["saved_at"].endswith("Z")
    assert (draft["published"], draft["problems"]) == (None, [])
    assert draft["document"]["variables"] == [{"name": "key", "value": None, "encrypted": True}]
    assert "s3cret" not in answer.text
    saved = await life.call("PUT", f"/api/v2/chains/{chain}/draft", {"text": draft["text"]}, match=1, by="grace")
    assert (saved.json()["changed"], saved.json()["revision"]) == (False, 1), "both forms say the same"
    assert saved.headers["etag"] == '"1"'
    changed = await life.save(chain, {**draft["document"], "description": "By Grace"}, 1, by="grace")
    assert (changed["changed"], changed["revision"]) == (True, 2)
    assert (await life.draft(chain))["saved_by"]["name"] == "grace@example.com", "who gave no name has the email's"


async def test_a_new_chain_needs_only_a_name_and_an_incomplete_one_is_saved_with_its_faults(life: Life) -> None:
    path = f"/api/v2/environments/{life.dev}/chains"
    made = await life.good("POST", path, {"name": "New"})
    assert (made["name"], made["revision"]) == ("New", 1)
    assert [p["where"] for p in made["problems"]] == ["start"]
    chain = made["chain_id"]
    nodes: dict[str, Any] = {"a": {}, "b": {"command": "no.such"}, "g": {"group": {}}}
    saved = await life.save(
        chain, {"onecloud": 1, "name": "New", "nodes": nodes, "links": [{"from": "a", "to": "x"}]}, 1
    )
    assert {"start", "nodes.a", "nodes.b.command", "nodes.g.group.nodes", "links[0].to"} <= {
        p["where"] for p in saved["problems"]
    }
    assert (await life.draft(chain))["document"]["nodes"] == nodes
    refused = await life.refused(422, "chain.invalid", "POST", f"/api/v2/chains/{chain}/publish", {})
    assert len(refused["problems"]) == len(saved["problems"])


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"document": {"name": "Report"}}, "onecloud"),
        ({"document": {**SMALL, "nodes": []}}, "nodes"),
        ({"document": {**SMALL, "nodes": {"a b": {}}}}, "nodes.a b"),
        ({"document": {**SMALL, "surprise": 1}}, "surprise"),
        ({"document": {**SMALL, "name": "Other"}}, "name"),
        ({"text": "onecloud: 1\nname: ["}, "document"),
        ({"text": "onecloud: 1\nname: Other\n"}, "name"),
        ({"text": "x", "document": {}}, "body"),
        ({}, "body"),
    ],
)
async def test_what_is_no_chain_at_all_is_refused_and_changes_nothing(life: Life, body: Any, where: str) -> None:
    chain = (await life.made())["chain_id"]
    refused = await life.refused(422, "chain.document", "PUT", f"/api/v2/chains/{chain}/draft", body, match=1)
    assert where in [p["where"] for p in refused["problems"]]
    assert (await life.draft(chain))["revision"] == 1


async def test_faults_of_a_text_name_their_line(life: Life) -> None:
    chain = (await life.made())["chain_id"]
    text = "onecloud: 1\nname: Report\nstart: make\nnodes:\n  make: {command: files.creat}\n"
    saved = await life.good("PUT", f"/api/v2/chains/{chain}/draft", {"text": text}, match=1)
    assert [(p["where"], p["line"]) for p in saved["problems"]] == [("nodes.make.command", 5)]
    path = f"/api/v2/environments/{life.dev}/chains/validate"
    checked = await life.good("POST", path, {"text": text})
    assert (checked["valid"], checked["problems"]) == (False, saved["problems"])
    assert (await life.good("POST", path, {"document": dict(SMALL)}))["valid"]


async def test_a_change_must_say_its_revision_and_a_stale_one_is_told_who_saved_and_when(life: Life) -> None:
    chain = (await life.made())["chain_id"]
    path = f"/api/v2/chains/{chain}/draft"
    body = {"document": with_text("two")}
    await life.refused(428, "if_match.missing", "PUT", path, body)
    for wrong in ("7", '"x"', "*", '"1", "2"', '"-1"', '""'):
        await life.refused(400, "if_match.invalid", "PUT", path, body, headers={"If-Match": wrong})
    await life.good("PUT", path, body, headers={"If-Match": 'W/"1"'})
    answer = await life.call("PUT", path, {"document": with_text("three")}, match=1, by="grace")
    assert (answer.status_code, answer.headers["etag"], answer.json()["code"]) == (412, '"2"', "chain.draft_changed")
    assert "revision 2 and not 1: it was saved by Ada Lovelace at 20" in answer.json()["detail"]
    draft = await life.draft(chain)
    assert draft["document"]["nodes"]["make"]["inputs"]["text"] == "two", "the first save stands"


async def test_a_save_whose_answer_was_lost_may_be_sent_again(life: Life) -> None:
    chain = (await life.made())["chain_id"]
    await life.save(chain, with_text("two"), 1)
    again = await life.save(chain, with_text("two"), 1)
    assert (again["changed"], again["revision"]) == (False, 2)


async def test_of_many_editors_at_once_one_wins_each_round_and_nothing_is_lost(life: Life) -> None:
    chain = (await life.made(with_text("0")))["chain_id"]
    editors = 12
    written: list[str] = []
    for round_number in range(1, 6):
        answers = await asyncio.gather(
            *(
                life.call(
                    "PUT",
                    f"/api/v2/chains/{chain}/draft",
                    {"document": with_text(f"{round_number}/{editor}")},
                    match=round_number,
                    by="ada" if editor % 2 else "grace",
                )
                for editor in range(editors)
            )
        )
        won = [index for index, answer in enumerate(answers) if answer.status_code == 200]
        assert len(won) == 1, [answer.status_code for answer in answers]
        assert all(
            a.status_code == 412 and a.headers["etag"] == f'"{round_number + 1}"' for a in answers if not a.is_success
        )
        written.append(f"{round_number}/{won[0]}")
        draft = await life.draft(chain)
        assert draft["revision"] == round_number + 1
        assert draft["document"]["nodes"]["make"]["inputs"]["text"] == written[-1]


async def test_editors_that_bring_their_changes_into_the_newest_draft_all_arrive(life: Life) -> None:
    """Each editor adds one node of its own, reading again whenever somebody was faster."""
    chain = (await life.made(with_text("x")))["chain_id"]

    async def edit(key: str) -> int:
        tries = 0
        while True:
            tries += 1
            draft = await life.draft(chain)
            document = draft["document"]
            document["nodes"][key] = {"command": "files.create"}
            path = f"/api/v2/chains/{chain}/draft"
            answer = await life.call("PUT", path, {"document": document}, match=draft["revision"])
            assert answer.status_code in (200, 412), answer.text
            if answer.is_success:
                return tries

    keys = [f"node{number}" for number in range(8)]
    await asyncio.gather(*(edit(key) for key in keys))
    draft = await life.draft(chain)
    assert set(draft["document"]["nodes"]) == {"make", *keys}
    assert draft["revision"] == 1 + len(keys)


async def test_every_way_to_change_a_draft_moves_its_revision(life: Life) -> None:
    chain = await life.published(with_text("one"))
    number = int(chain)
    async with life.ground.database.transaction() as db:
        text = "onecloud: 1\nname: Report\nstart: make\nnodes: {make: {command: files.create, inputs: {text: cli}}}\n"
        await actions.apply(db, life.ground.keys, None, life.dev, text)
    draft = await life.draft(chain)
    assert (draft["revision"], draft["saved_by"], draft["unpublished_changes"]) == (2, None, True)
    restored = await life.good("POST", f"/api/v2/chains/{chain}/draft/restore", {"version": 1}, match=2)
    assert (restored["revision"], restored["unpublished_changes"]) == (3, False)
    await life.good("POST", f"/api/v2/chains/{chain}/rename", {"name": "Renamed"})
    assert (await life.draft(chain))["revision"] == 4
    async with life.ground.database.transaction() as db:
        with pytest.raises(Stale):
            await actions.save_draft(db, life.ground.keys, None, number, parse_value(with_text("z", name="Renamed")), 3)


async def test_an_encrypted_value_stays_when_null_is_sent_and_a_new_one_is_sealed(life: Life) -> None:
    def secret(value: str | None) -> dict[str, Any]:
        return with_text("x", variables=[{"name": "key", "value": value, "encrypted": True}])

    made = await life.made(secret(None))
    chain = made["chain_id"]
    assert [p["where"] for p in made["problems"]] == ["variables[0].value"]
    await life.refused(422, "chain.invalid", "POST", f"/api/v2/chains/{chain}/publish", {})
    assert (await life.save(chain, secret("s3cret"), 1))["problems"] == []
    assert not (await life.save(chain, secret(None), 2))["changed"]
    assert not (await life.save(chain, secret("s3cret"), 2))["changed"], "the same value is no change"
    assert (await life.save(chain, secret("an0ther"), 2))["changed"]


async def test_publishing_takes_a_comment_and_only_the_revision_that_was_looked_at(life: Life) -> None:
    chain = (await life.made())["chain_id"]
    path = f"/api/v2/chains/{chain}/publish"
    await life.save(chain, with_text("two"), 1)
    await life.refused(412, "chain.draft_changed", "POST", path, {"comment": "x"}, match=1)
    published = await life.good("POST", path, {"comment": "Second quarter"}, match=2)
    assert (published["version"], published["comment"]) == (1, "Second quarter")
    assert not (await life.draft(chain))["unpublished_changes"]
    again = await life.good("POST", path, {"comment": "nothing new"})
    assert (again["version"], again["comment"]) == (1, "Second quarter")
    await life.refused(422, "request.invalid", "POST", path, {"comment": "x" * 2001})
    await life.refused(422, "chain.comment", "POST", path, {"comment": "\x00"})


async def test_two_publishes_at_once_make_one_version_each_draft(life: Life) -> None:
    chain = (await life.made())["chain_id"]
    answers = await asyncio.gather(*(life.call("POST", f"/api/v2/chains/{chain}/publish", {}) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["version"] for answer in answers} == {1}


async def test_a_deeply_nested_body_is_refused_and_not_a_fault_of_the_server(life: Life) -> None:
    chain = (await life.made())["chain_id"]
    headers = {"x-caller": "ada", "If-Match": '"1"', "content-type": "application/json"}
    for body in (
        b'{"document": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"document": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}",
    ):
        answer = await life.client.put(f"/api/v2/chains/{chain}/draft", content=body, headers=headers)
        assert answer.status_code in (400, 422), answer.text
