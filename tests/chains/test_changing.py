"""Renaming, switching, tagging and deleting chains."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.chains.life import SMALL, Life, with_text

PARENT = {
    "onecloud": 1,
    "name": "Parent",
    "start": "g",
    "nodes": {
        "g": {
            "group": {
                "start": ["child"],
                "nodes": {"child": {"command": "event.run_chain", "inputs": {"chain": "Report"}}},
            }
        }
    },
}


async def test_a_name_is_taken_once_in_an_environment(life: Life) -> None:
    await life.made()
    refused = await life.refused(
        409, "chain.name_taken", "POST", f"/api/v2/environments/{life.dev}/chains", {"name": "Report"}
    )
    assert "named `Report` already" in refused["detail"]
    await life.made(environment=life.prod)
    await life.refused(404, "environment.not_found", "POST", "/api/v2/environments/999/chains", {"name": "x"})
    await life.refused(404, "environment.not_found", "POST", "/api/v2/environments/x/chains", {"name": "x"})


@pytest.mark.parametrize("name", ["", " x", "a\nb", "x" * 101, "\x00"])
async def test_a_name_that_cannot_be_is_refused_everywhere(life: Life, name: str) -> None:
    chain = (await life.made())["chain_id"]
    await life.refused(422, "chain.document", "POST", f"/api/v2/environments/{life.dev}/chains", {"name": name})
    await life.refused(422, "chain.document", "POST", f"/api/v2/chains/{chain}/rename", {"name": name})
    body = {"environment_id": str(life.dev), "name": name}
    await life.refused(422, "chain.document", "POST", f"/api/v2/chains/{chain}/copy", body)


async def test_a_renamed_chain_is_found_by_its_new_name_and_keeps_its_versions(life: Life) -> None:
    chain = await life.published()
    await life.made({**SMALL, "name": "Other"})
    path = f"/api/v2/chains/{chain}/rename"
    await life.refused(409, "chain.name_taken", "POST", path, {"name": "Other"})
    renamed = await life.good("POST", path, {"name": "Sales report"})
    assert (renamed["name"], renamed["revision"], renamed["changed"]) == ("Sales report", 2, True)
    assert (await life.draft(chain))["document"]["name"] == "Sales report"
    same = await life.good("POST", path, {"name": "Sales report"})
    assert (same["changed"], same["revision"]) == (False, 2)
    found = await life.good("GET", f"/api/v2/chains/{chain}/diff")
    assert [(c["name"], c["before"], c["after"]) for c in found["changes"]] == [("name", "Report", "Sales report")]
    await life.made(SMALL)  # the old name is free


async def test_a_name_that_a_published_chain_runs_goes_only_by_force(life: Life) -> None:
    chain = await life.published()
    parent = (await life.made(PARENT))["chain_id"]
    await life.good("POST", f"/api/v2/chains/{chain}/rename", {"name": "Free"})
    await life.good("POST", f"/api/v2/chains/{chain}/rename", {"name": "Report"})  # a draft is no hindrance
    await life.good("POST", f"/api/v2/chains/{parent}/publish", {})
    for method, path, body in (
        ("POST", f"/api/v2/chains/{chain}/rename", {"name": "Free"}),
        ("DELETE", f"/api/v2/chains/{chain}", None),
    ):
        refused = await life.refused(409, "chain.in_use", method, path, body)
        assert "`Report` is run by `Parent`." in refused["detail"]
    await life.good("POST", f"/api/v2/chains/{chain}/rename", {"name": "Free", "force": True})
    await life.good("DELETE", f"/api/v2/chains/{chain}")


async def test_the_switch_tells_who_turned_it_and_when(life: Life) -> None:
    chain = await life.published()
    assert (await life.good("GET", f"/api/v2/chains/{chain}"))["switched"] is None
    off = await life.good("POST", f"/api/v2/chains/{chain}/disable", by="grace")
    assert (off["disabled"], off["switched"]["by"]) == (True, "grace@example.com")
    assert off["switched"]["at"].endswith("Z")
    again = await life.good("POST", f"/api/v2/chains/{chain}/disable")
    assert again["switched"] == off["switched"], "nothing was switched"
    await life.refused(409, "chain.disabled", "POST", f"/api/v2/chains/{chain}/runs", {})
    on = await life.good("POST", f"/api/v2/chains/{chain}/enable")
    assert (on["disabled"], on["switched"]["by"]) == (False, "Ada Lovelace")


async def listed(life: Life, query: str) -> list[str]:
    """Names of the chains that a query of the environment's list finds."""
    found = await life.good("GET", f"/api/v2/environments/{life.dev}/chains?{query}")
    return [item["name"] for item in found["items"]]


async def test_chains_are_found_by_tag_and_by_text(life: Life) -> None:
    await life.made(with_text("x", name="Month end", tags=["Finance", "close"]))
    await life.made(with_text("x", name="Daily load", tags=["finance 2", "100%"]))
    await life.made(with_text("x", name="Finance audit"))
    assert await listed(life, "tag=Finance") == ["Month end"]
    assert await listed(life, "tag=finance") == ["Month end"], "whatever the case"
    assert await listed(life, "tag=100%25") == ["Daily load"]
    assert await listed(life, "tag=fin") == []
    assert await listed(life, "search=FINANCE") == ["Month end", "Daily load", "Finance audit"]
    assert await listed(life, "search=load&tag=100%25") == ["Daily load"]
    assert await listed(life, "search=%25") == ["Daily load"]
    assert await listed(life, "search=%00") == []
    found = await life.good("GET", f"/api/v2/environments/{life.dev}/chains?search=finance&limit=1")
    assert [item["tags"] for item in found["items"]] == [["Finance", "close"]]
    rest = f"/api/v2/environments/{life.dev}/chains?search=finance&cursor={found['next_cursor']}"
    assert len((await life.good("GET", rest))["items"]) == 2
    tags = await life.good("GET", f"/api/v2/environments/{life.dev}/tags")
    assert [(t["tag"], t["chains"]) for t in tags["items"]] == [
        ("100%", 1),
        ("close", 1),
        ("Finance", 1),
        ("finance 2", 1),
    ]


async def test_tags_of_a_published_chain_change_with_its_next_publish(life: Life) -> None:
    chain = await life.published(with_text("x", tags=["old"]))
    await life.save(chain, with_text("x", tags=["new"]), 1)
    assert (await listed(life, "tag=old"), await listed(life, "tag=new")) == (["Report"], [])
    await life.good("POST", f"/api/v2/chains/{chain}/publish", {})
    assert (await listed(life, "tag=old"), await listed(life, "tag=new")) == ([], ["Report"])


async def test_lists_show_what_waits_for_a_publish(life: Life) -> None:
    chain = await life.published()
    path = f"/api/v2/environments/{life.dev}/chains"
    assert [i["unpublished_changes"] for i in (await life.good("GET", path))["items"]] == [False]
    await life.save(chain, with_text("two"), 1)
    assert [i["unpublished_changes"] for i in (await life.good("GET", path))["items"]] == [True]
    await life.save(chain, with_text("one"), 2)
    assert [i["unpublished_changes"] for i in (await life.good("GET", path))["items"]] == [False], "as it was again"


async def test_a_running_chain_is_not_deleted_and_the_history_of_a_deleted_one_stays(life: Life) -> None:
    chain = await life.published()
    run = await life.good("POST", f"/api/v2/chains/{chain}/runs", {})
    refused = await life.refused(409, "chain.running", "DELETE", f"/api/v2/chains/{chain}")
    assert f"(run {run['id']})" in refused["detail"]
    assert await listed(life, "") == ["Report"], "nothing was done"
    await life.good("POST", f"/api/v2/runs/{run['id']}/stop")

    await life.good("DELETE", f"/api/v2/chains/{chain}")
    assert await listed(life, "") == []
    gone: list[tuple[str, str, Any]] = [
        ("GET", f"/api/v2/chains/{chain}", None),
        ("GET", f"/api/v2/chains/{chain}/draft", None),
        ("GET", f"/api/v2/chains/{chain}/versions", None),
        ("POST", f"/api/v2/chains/{chain}/publish", {}),
        ("POST", f"/api/v2/chains/{chain}/runs", {}),
        ("POST", f"/api/v2/chains/{chain}/export", None),
        ("DELETE", f"/api/v2/chains/{chain}", None),
    ]
    for method, path, body in gone:
        await life.refused(404, "chain.not_found", method, path, body)
    history = await life.good("GET", f"/api/v2/chains/{chain}/runs")
    assert [(r["id"], r["chain_name"]) for r in history["items"]] == [(run["id"], "Report")]
    seen = await life.good("GET", f"/api/v2/runs/{run['id']}")
    assert [node["key"] for node in seen["graph"]["nodes"]] == ["make"]
    environment = f"/api/v1/metadata/environment/{life.dev}/chain"
    assert (await life.good("GET", environment))["data"] == []
    async with life.ground.database.reading() as db:
        count = await db.scalar(text("SELECT chains_count FROM environment WHERE id = :id"), {"id": life.dev})
    assert count == 0

    again = await life.published()  # the name is free
    assert again != chain
    await life.good("DELETE", f"/api/v2/chains/{again}")
    await life.made()


async def test_what_one_may_not_see_is_not_there(life: Life) -> None:
    chain = await life.published()
    calls: list[tuple[str, str, Any]] = [
        ("GET", f"/api/v2/chains/{chain}", None),
        ("GET", f"/api/v2/chains/{chain}/draft", None),
        ("GET", f"/api/v2/chains/{chain}/versions", None),
        ("GET", f"/api/v2/chains/{chain}/versions/1", None),
        ("GET", f"/api/v2/chains/{chain}/diff?before=1", None),
        ("PUT", f"/api/v2/chains/{chain}/draft", {"document": dict(SMALL)}),
        ("POST", f"/api/v2/chains/{chain}/draft/restore", {"version": 1}),
        ("POST", f"/api/v2/chains/{chain}/publish", {}),
        ("POST", f"/api/v2/chains/{chain}/rename", {"name": "x"}),
        ("POST", f"/api/v2/chains/{chain}/disable", None),
        ("POST", f"/api/v2/chains/{chain}/enable", None),
        ("POST", f"/api/v2/chains/{chain}/copy", {"environment_id": str(life.dev), "name": "x"}),
        ("POST", f"/api/v2/chains/{chain}/promote/plan", {"environment_id": str(life.prod), "name": "x"}),
        ("POST", f"/api/v2/chains/{chain}/promote", {"environment_id": str(life.prod), "name": "x"}),
        ("POST", f"/api/v2/chains/{chain}/export", None),
        ("DELETE", f"/api/v2/chains/{chain}", None),
    ]
    for method, path, body in calls:
        answer = await life.call(method, path, body, by="eve", match=1)
        assert (answer.status_code, answer.json()["code"]) == (404, "chain.not_found"), f"{method} {path} {answer.text}"
        hidden = path.replace(f"/chains/{chain}", "/chains/999999")
        unknown = await life.call(method, hidden, body, by="eve", match=1)
        assert unknown.json()["detail"].replace("999999", chain) == answer.json()["detail"], "word for word"
        assert (await life.client.request(method, path, json=body)).status_code == 401
    for path, body in (("chains", {"name": "x"}), ("chains/validate", {"document": dict(SMALL)}), ("import", None)):
        answer = await life.call("POST", f"/api/v2/environments/{life.dev}/{path}", body, by="eve")
        assert (answer.status_code, answer.json()["code"]) == (404, "environment.not_found"), path
    for identifier in ("0", "abc", "99999999999999999999", "%20"):
        await life.refused(404, "chain.not_found", "GET", f"/api/v2/chains/{identifier}/draft")
