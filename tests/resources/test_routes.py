"""Resources over HTTP through the whole application, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from tests.resources.conftest import Files

CSV = b"currency,rate\nEUR,1.0\n"


async def test_a_file_is_added_listed_and_given_back_as_an_attachment(files: Files) -> None:
    made = await files.add("rates.csv", CSV, comment="first", description="Rates of the month")
    assert made["version"] == {
        "number": 1,
        "size_bytes": len(CSV),
        "sha256": made["version"]["sha256"],
        "is_text": True,
        "comment": "first",
        "created_at": made["version"]["created_at"],
        "created_by": "Ada Lovelace",
    }
    assert datetime.fromisoformat(made["created_at"]).tzinfo is not None
    assert (made["media_type"], made["editable"], made["description"]) == ("text/csv", True, "Rates of the month")
    listed = (await files.call("GET", files.path)).json()
    assert listed == {"items": [{**made, "uses": 0}], "next_cursor": None}
    came = await files.call("GET", f"/api/v2/resources/{made['id']}/content")
    assert came.content == CSV
    assert came.headers["content-disposition"] == 'attachment; filename="rates.csv"'
    assert came.headers["content-type"] == "application/octet-stream"
    assert came.headers["x-content-type-options"] == "nosniff"


async def test_a_page_of_html_never_runs_on_this_site(files: Files) -> None:
    made = await files.add("Übung.html", b"<script>alert(1)</script>")
    came = await files.call("GET", f"/api/v2/resources/{made['id']}/content")
    assert came.headers["content-type"] == "application/octet-stream"
    assert came.headers["content-disposition"] == "attachment; filename*=utf-8''%C3%9Cbung.html"
    assert "script-src 'self'" in came.headers["content-security-policy"]


async def test_versions_are_kept_and_an_earlier_one_is_brought_back(files: Files) -> None:
    one = f"/api/v2/resources/{(await files.add('calc.txt', b'one'))['id']}"
    second = await files.raw("PUT", f"{one}/content", b"two", params={"comment": "corrected"})
    assert second.json()["version"]["number"] == 2
    same = await files.raw("PUT", f"{one}/content", b"two", params={"comment": "again"})
    assert same.json() == second.json(), "the same bytes make no version"
    back = await files.call("POST", f"{one}/revert", {"version": 1})
    assert (back.json()["version"]["number"], back.json()["version"]["comment"]) == (3, "Back to version 1")
    assert (await files.call("GET", f"{one}/content")).content == b"one"
    assert (await files.call("GET", f"{one}/content?version=2")).content == b"two"
    first = (await files.call("GET", f"{one}/versions?limit=2")).json()
    rest = (await files.call("GET", f"{one}/versions?cursor={first['next_cursor']}")).json()
    assert [version["number"] for version in first["items"] + rest["items"]] == [3, 2, 1]
    assert rest["next_cursor"] is None
    refused = await files.call("POST", f"{one}/revert", {"version": 3})
    assert (refused.status_code, refused.json()["code"]) == (409, "resource.version_in_force")
    refused = await files.call("POST", f"{one}/revert", {"version": 7})
    assert (refused.status_code, refused.json()["code"]) == (404, "resource.version_not_found")
    assert "Its versions are 1 to 3." in refused.json()["detail"]


async def test_too_large_a_file_is_refused_by_what_it_says_and_by_what_it_sends(files: Files) -> None:
    said = await files.raw("POST", files.path, bytes(10 * 1024 * 1024 + 1), params={"name": "big.bin"})
    assert (said.status_code, said.json()["code"]) == (422, "resource.too_large")
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield bytes(1024 * 1024)

    streamed = await files.raw("POST", files.path, endless(), params={"name": "big.bin"})
    assert (streamed.status_code, streamed.json()["code"]) == (422, "resource.too_large")
    assert "10 MB" in streamed.json()["detail"]
    assert (await files.call("GET", files.path)).json()["items"] == []


async def test_ten_megabytes_of_bytes_are_kept(files: Files) -> None:
    data = bytes(range(256)) * 40 * 1024
    made = await files.add("big.bin", data)
    assert (made["version"]["size_bytes"], made["editable"]) == (10 * 1024 * 1024, False)
    assert (await files.call("GET", f"/api/v2/resources/{made['id']}/content")).content == data


async def test_text_is_edited_and_nobody_overwrites_what_they_have_not_seen(files: Files) -> None:
    made = await files.add("calc.txt", b"one\r\n")
    path = f"/api/v2/resources/{made['id']}/text"
    read = await files.call("GET", path)
    assert read.json()["text"] == "one\r\n"
    blind = await files.call("PUT", path, {"text": "x"})
    assert (blind.status_code, blind.json()["code"]) == (428, "if_match.missing")
    saved = await files.call("PUT", path, {"text": "two ñ", "comment": "more"}, **{"If-Match": read.headers["etag"]})
    assert saved.status_code == 200, saved.text
    assert (saved.json()["version"]["number"], saved.json()["version"]["comment"]) == (2, "more")
    late = await files.call("PUT", path, {"text": "three"}, **{"If-Match": read.headers["etag"]})
    assert (late.status_code, late.json()["code"]) == (412, "resource.changed")
    assert "version 2 by Ada Lovelace" in late.json()["detail"]
    again = await files.call("PUT", path, {"text": "three"}, **{"If-Match": saved.headers["etag"]})
    assert again.json()["version"]["number"] == 3
    assert (await files.call("GET", f"{path}?version=2")).json()["text"] == "two ñ"
    torn = await files.call("PUT", path, {"text": "x"}, **{"If-Match": "3"})
    assert (torn.status_code, torn.json()["code"]) == (400, "if_match.invalid")
    insisted = await files.call("PUT", path, {"text": "four"}, **{"If-Match": "*"})
    assert insisted.json()["version"]["number"] == 4


async def test_the_editor_refuses_bytes_and_long_texts(files: Files) -> None:
    binary = f"/api/v2/resources/{(await files.add('a.bin', bytes(3)))['id']}/text"
    long = f"/api/v2/resources/{(await files.add('a.txt', b'x' * 300_000))['id']}/text"
    short = f"/api/v2/resources/{(await files.add('b.txt', b'x'))['id']}/text"
    any_tag = {"If-Match": "*"}
    for method, path, code in (
        ("GET", binary, "resource.not_text"),
        ("PUT", binary, "resource.not_text"),
        ("GET", long, "resource.too_large_to_edit"),
        ("PUT", long, "resource.too_large_to_edit"),
    ):
        refused = await files.call(method, path, {"text": "x"} if method == "PUT" else None, **any_tag)
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    for text in ("x" * 262_145, "a\x00b"):
        refused = await files.call("PUT", short, {"text": text}, **any_tag)
        assert (refused.status_code, refused.json()["code"]) == (422, "resource.text_invalid")


async def test_uploads_at_the_same_moment_get_numbers_one_after_another(files: Files) -> None:
    made = await files.add("a.txt", b"0")
    path = f"/api/v2/resources/{made['id']}/content"
    done = await asyncio.gather(*(files.raw("PUT", path, f"{i}".encode()) for i in range(1, 9)))
    assert sorted(answer.json()["version"]["number"] for answer in done) == list(range(2, 10))
    names = await asyncio.gather(*(files.raw("POST", files.path, b"x", params={"name": "b.txt"}) for _ in range(4)))
    assert sorted(answer.status_code for answer in names) == [201, 409, 409, 409]


async def test_bad_requests_name_what_is_wrong(files: Files) -> None:
    made = await files.add("a.txt", b"x")
    one = f"/api/v2/resources/{made['id']}"
    for method, path, body, status, code in (
        ("GET", "/api/v2/resources/999", None, 404, "resource.not_found"),
        ("GET", "/api/v2/resources/x/content", None, 404, "resource.not_found"),
        ("GET", "/api/v2/workspaces/999/resources", None, 404, "workspace.not_found"),
        ("GET", "/api/v2/workspaces/x/resources", None, 404, "workspace.not_found"),
        ("GET", f"{one}/content?version=2", None, 404, "resource.version_not_found"),
        ("GET", f"{one}/versions?cursor=x", None, 400, "cursor.invalid"),
        ("GET", f"{files.path}?limit=0", None, 400, "limit.invalid"),
        ("PATCH", one, {"name": "a/b"}, 422, "resource.invalid"),
        ("PATCH", one, {"description": "x" * 2001}, 422, "resource.invalid"),
        ("POST", f"{files.path}?name=a.txt", None, 409, "resource.name_taken"),
        ("POST", f"{files.path}?name=a%2Fb", None, 422, "resource.invalid"),
        ("POST", "/api/v2/workspaces/999/resources?name=b", None, 404, "workspace.not_found"),
    ):
        answer = await files.call(method, path, body)
        assert (answer.status_code, answer.json().get("code")) == (status, code), (method, path, answer.text)


async def test_a_resource_is_renamed_described_and_deleted(files: Files) -> None:
    made = await files.add("a.txt", b"x")
    one = f"/api/v2/resources/{made['id']}"
    await files.add("b.txt", b"x")
    changed = await files.call("PATCH", one, {"name": "c.txt", "description": "Notes"})
    assert (changed.json()["name"], changed.json()["description"]) == ("c.txt", "Notes")
    kept = await files.call("PATCH", one, {"description": "Old notes"})
    assert (kept.json()["name"], kept.json()["description"]) == ("c.txt", "Old notes")
    taken = await files.call("PATCH", one, {"name": "b.txt"})
    assert (taken.status_code, taken.json()["code"]) == (409, "resource.name_taken")
    assert (await files.call("DELETE", one)).status_code == 204
    assert (await files.call("GET", one)).status_code == 404
    assert [item["name"] for item in (await files.call("GET", files.path)).json()["items"]] == ["b.txt"]


async def test_the_list_comes_in_pages(files: Files) -> None:
    for number in range(5):
        await files.add(f"{number}.txt", b"x")
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await files.call("GET", f"{files.path}?limit=2{cursor and '&cursor=' + cursor}")).json()
        seen += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"{number}.txt" for number in range(5)]
