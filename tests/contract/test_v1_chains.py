"""The three chain operations of API v1: publish, export and import, field for field, in both their good forms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from onecloud.chains import store
from onecloud.chains.document import parse_value
from onecloud.infra.http import Ground
from tests.chains.life import SMALL, Life, lived, with_text
from tests.contract import v1_schemas as schemas

SUCCEEDED = schemas.exactly(message=schemas.TEXT, id=schemas.ROW, url=schemas.TEXT)
MESSAGE = "Operation succeeded, but an additional request failed. A location header with the resource URL is provided."


@pytest.fixture
async def life(ground: Ground) -> AsyncIterator[Life]:
    """Routes over a furnished house."""
    async with lived(ground) as life:
        yield life


async def refused(life: Life, status: int, code: str, method: str, path: str, body: Any = None, **more: Any) -> str:
    answer = await life.call(method, path, body, **more)
    assert (answer.status_code, answer.json()["error"]) == (status, code), answer.text
    schemas.check(answer.json(), schemas.ERROR)
    return str(answer.json()["error_description"])


async def test_a_chain_is_published_with_its_comment_and_answers_as_metadata_does(life: Life) -> None:
    inputs = [{"name": "period"}, {"name": "count", "type": "number"}]
    chain = (await life.made(with_text("x", inputs=inputs, description="Sales")))["chain_id"]
    answer = await life.call("POST", f"/api/v1/chains/{chain}/publish", {"publish_comment": "Q2 close"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    schemas.check_data(answer.json(), schemas.CHAIN)
    assert [i["data_type"] for i in answer.json()["data"]["runtime_inputs"]] == ["string", "number"]
    there = await life.call("GET", f"/api/v1/metadata/environment/{life.dev}/chain/{chain}")
    assert answer.json() == there.json()
    items = (await life.good("GET", f"/api/v2/chains/{chain}/versions"))["items"]
    assert [(i["comment"], i["published_by"]["name"]) for i in items] == [("Q2 close", "Ada Lovelace")]


@pytest.mark.parametrize("body", [None, {}, {"publish_comment": None}, {"publish_comment": ""}, {"something": "else"}])
async def test_the_comment_and_the_body_are_optional(life: Life, body: Any) -> None:
    chain = (await life.made())["chain_id"]
    answer = await life.call("POST", f"/api/v1/chains/{chain}/publish", body)
    assert answer.status_code == 200, answer.text
    assert (await life.good("GET", f"/api/v2/chains/{chain}/versions"))["items"][0]["comment"] == ""


async def test_a_chain_with_faults_is_a_bad_request_that_names_them_all(life: Life) -> None:
    chain = (await life.made({**SMALL, "start": "other", "links": [{"from": "x", "to": "make"}]}))["chain_id"]
    said = await refused(life, 400, "chain.invalid", "POST", f"/api/v1/chains/{chain}/publish", {})
    assert "There is no node `other`" in said
    assert "There is no node `x`" in said
    await refused(
        life, 400, "chain.comment", "POST", f"/api/v1/chains/{chain}/publish", {"publish_comment": "x" * 2001}
    )
    answer = await life.client.post(f"/api/v1/chains/{chain}/publish", content=b"{", headers={"x-caller": "ada"})
    assert answer.status_code in (400, 422)


async def test_an_exported_chain_is_an_opaque_file_with_a_name(life: Life) -> None:
    chain = await life.published({**SMALL, "name": "Größe / Monat"})
    answer = await life.call("POST", f"/api/v1/chains/{chain}/export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/octet-stream")
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Gr__e _ Monat.chain\"; filename*=utf-8''Gr%C3%B6%C3%9Fe%20_%20Monat.chain"
    )
    assert answer.content.startswith(b"onecloud-chain.1.")
    assert b"files.create" not in answer.content


def form(data: bytes) -> dict[str, Any]:
    return {"file": ("job.chain", data, "application/octet-stream")}


async def test_an_imported_chain_answers_as_metadata_does_with_the_suffix_and_disabled(life: Life) -> None:
    chain = await life.published({**SMALL, "name": "List File Content"})
    data = (await life.call("POST", f"/api/v1/chains/{chain}/export")).content
    path = f"/api/v1/environments/{life.elsewhere}/import_chain"
    answer = await life.call("POST", path, files=form(data), headers={"wk-target-workspace": "7"})
    assert answer.status_code == 200, answer.text
    schemas.check_data(answer.json(), schemas.CHAIN)
    imported = answer.json()["data"]
    assert (imported["name"], imported["disabled"]) == ("List File Content -- Import", True)
    there = await life.call("GET", f"/api/v1/metadata/environment/{life.elsewhere}/chain/{imported['id']}")
    assert answer.json() == there.json()
    tampered = data.replace(b"onecloud-chain.1.e", b"onecloud-chain.1.f")
    assert "changed after its export" in await refused(
        life, 400, "chain_file.signature", "POST", path, files=form(tampered)
    )
    await refused(life, 400, "chain_file.foreign", "POST", path, files=form(b"x"))
    await refused(life, 400, "chain_file.too_large", "POST", path, files=form(b"x" * 10_000_001))
    await refused(life, 400, "request.malformed", "POST", path, {"file": "x"})
    await refused(life, 400, "request.malformed", "POST", path)


async def test_what_is_not_there_or_not_to_be_seen_is_not_found(life: Life) -> None:
    chain = await life.published()
    for by, identifier in (("ada", "999"), ("ada", "abc"), ("ada", "-1"), ("eve", chain)):
        await refused(life, 404, "chain.not_found", "POST", f"/api/v1/chains/{identifier}/publish", {}, by=by)
        await refused(life, 404, "chain.not_found", "POST", f"/api/v1/chains/{identifier}/export", by=by)
    for by, identifier in (("ada", "999"), ("ada", "abc"), ("eve", str(life.dev))):
        path = f"/api/v1/environments/{identifier}/import_chain"
        await refused(life, 404, "environment.not_found", "POST", path, by=by, files=form(b"x"))
    for path in (
        f"/api/v1/chains/{chain}/publish",
        f"/api/v1/chains/{chain}/export",
        f"/api/v1/environments/{life.dev}/import_chain",
    ):
        answer = await life.client.post(path)
        assert answer.status_code == 401
        schemas.check(answer.json(), schemas.ERROR)


async def test_what_was_done_stays_done_when_it_cannot_be_described(life: Life) -> None:
    """A stored input of a kind that API v1 has no word for makes the description fail, as a newer release's would."""
    definition = parse_value(with_text("x", inputs=[{"name": "where"}])).definition
    async with life.ground.database.transaction() as db:
        chain = await store.add_chain(db, life.dev, definition)
        await db.execute(text('UPDATE chain SET draft = replace(draft, \'"type":"text"\', \'"type":"hologram"\')'))
    answer = await life.call("POST", f"/api/v1/chains/{chain}/publish", {"publish_comment": "Done"})
    assert answer.status_code == 201, answer.text
    schemas.check_data(answer.json(), SUCCEEDED)
    url = f"http://onecloud.test/api/v1/metadata/environment/{life.dev}/chain/{chain}"
    assert answer.json()["data"] == {"message": MESSAGE, "id": str(chain), "url": url}
    assert answer.headers["location"] == url
    items = (await life.good("GET", f"/api/v2/chains/{chain}/versions"))["items"]
    assert [i["comment"] for i in items] == ["Done"]
