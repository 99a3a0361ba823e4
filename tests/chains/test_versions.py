"""Versions, differences between them, and taking one back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from tests.chains.life import SMALL, Life, with_text


async def test_versions_are_listed_newest_first_in_pages_and_read_one_by_one(life: Life) -> None:
    chain = await life.published(with_text("1"))
    for number in range(2, 6):
        await life.save(chain, with_text(str(number)), number - 1)
        await life.good("POST", f"/api/v2/chains/{chain}/publish", {"comment": f"No. {number}"}, by="grace")
    path = f"/api/v2/chains/{chain}/versions"
    first = await life.good("GET", f"{path}?limit=3")
    rest = await life.good("GET", f"{path}?limit=3&cursor={first['next_cursor']}")
    items = [*first["items"], *rest["items"]]
    assert [(i["version"], i["comment"], i["published_by"]["name"], i["runs"]) for i in items] == [
        (5, "No. 5", "grace@example.com", True),
        (4, "No. 4", "grace@example.com", False),
        (3, "No. 3", "grace@example.com", False),
        (2, "No. 2", "grace@example.com", False),
        (1, "First", "Ada Lovelace", False),
    ]
    assert rest["next_cursor"] is None
    second = await life.good("GET", f"{path}/2")
    assert (second["version"], second["document"]["nodes"]["make"]["inputs"]["text"]) == (2, "2")
    assert [node["key"] for node in second["graph"]["nodes"]] == ["make"]
    assert second["text"].startswith("onecloud: 1\nname: Report\n")
    await life.refused(404, "chain.version_not_found", "GET", f"{path}/6")
    await life.refused(422, "request.invalid", "GET", f"{path}/0")
    await life.refused(400, "cursor.invalid", "GET", f"{path}?cursor=x")


async def test_versions_are_shown_however_old_they_are(life: Life) -> None:
    chain = await life.published()
    async with life.ground.database.transaction() as db:
        await db.execute(text("UPDATE chain_version SET published_at = '2001-01-31 12:00:00+00:00'"))
    items = (await life.good("GET", f"/api/v2/chains/{chain}/versions"))["items"]
    assert [(i["version"], i["published_at"][:10]) for i in items] == [(1, "2001-01-31")]


async def test_any_two_states_are_compared(life: Life) -> None:
    def document(value: str, secret: str | None, **more: Any) -> dict[str, Any]:
        return with_text(value, variables=[{"name": "key", "value": secret, "encrypted": True}], **more)

    chain = await life.published(document("one", "s3cret"))
    await life.save(chain, document("two", None), 1)
    await life.good("POST", f"/api/v2/chains/{chain}/publish", {})
    await life.save(chain, document("three", "an0ther", tags=["money"]), 2)
    path = f"/api/v2/chains/{chain}/diff"

    answer = await life.call("GET", path)
    found = answer.json()
    assert (found["before"]["version"], found["before"]["revision"]) == (2, None)
    assert (found["after"]["version"], found["after"]["revision"]) == (None, 3)
    assert [(c["kind"], c["area"], c["name"], c["field"], c["hidden"]) for c in found["changes"]] == [
        ("added", "settings", "tags", "", False),
        ("changed", "nodes", "make", "inputs.text", False),
        ("changed", "variables", "key", "value", True),
    ]
    assert "make" in found["text"]
    assert "s3cret" not in answer.text
    assert "an0ther" not in answer.text
    one = await life.good("GET", f"{path}?before=1&after=published")
    assert [(c["before"], c["after"]) for c in one["changes"]] == [("one", "two")]
    assert (await life.good("GET", f"{path}?before=2&after=published"))["changes"] == []
    back = await life.good("GET", f"{path}?before=draft&after=1")
    assert {(c["kind"], c["name"]) for c in back["changes"]} == {
        ("removed", "tags"),
        ("changed", "make"),
        ("changed", "key"),
    }
    await life.refused(404, "chain.version_not_found", "GET", f"{path}?before=9")
    await life.refused(422, "request.invalid", "GET", f"{path}?before=newest")
    new = (await life.made({**SMALL, "name": "New"}))["chain_id"]
    await life.refused(409, "chain.not_published", "GET", f"/api/v2/chains/{new}/diff")


async def test_a_version_is_restored_into_the_draft_with_its_secret_and_then_published(life: Life) -> None:
    def document(value: str, secret: str | None) -> dict[str, Any]:
        return with_text(value, variables=[{"name": "key", "value": secret, "encrypted": True}])

    chain = await life.published(document("one", "s3cret"))
    await life.save(chain, document("two", "an0ther"), 1)
    await life.good("POST", f"/api/v2/chains/{chain}/publish", {})
    path = f"/api/v2/chains/{chain}/draft/restore"
    await life.refused(428, "if_match.missing", "POST", path, {"version": 1})
    await life.refused(412, "chain.draft_changed", "POST", path, {"version": 1}, match=1)
    await life.refused(404, "chain.version_not_found", "POST", path, {"version": 9}, match=2)
    restored = await life.good("POST", path, {"version": 1}, match=2)
    assert (restored["revision"], restored["unpublished_changes"], restored["problems"]) == (3, True, [])
    assert (await life.good("GET", f"/api/v2/chains/{chain}/diff?before=1&after=draft"))["changes"] == []
    runs = await life.good("GET", f"/api/v2/chains/{chain}")
    assert runs["published"]["version"] == 2, "what runs is not touched"
    assert (await life.good("POST", f"/api/v2/chains/{chain}/publish", {"comment": "Back"}))["version"] == 3


async def test_the_history_tells_every_step(life: Life) -> None:
    chain = await life.published()
    await life.save(chain, with_text("two"), 1)
    await life.good("POST", f"/api/v2/chains/{chain}/draft/restore", {"version": 1}, match=2)
    await life.good("POST", f"/api/v2/chains/{chain}/disable")
    async with life.ground.database.reading() as db:
        told = await db.execute(text("SELECT key FROM activity WHERE trackable_type = 'Chain' ORDER BY id"))
        assert [row[0] for row in told] == [
            "chain.create",
            "chain.publish",
            "chain.update",
            "chain.restore",
            "chain.disable",
        ]
