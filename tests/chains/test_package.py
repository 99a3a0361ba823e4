"""`.chain` files: what is in them, how long they live, and every reason to refuse one."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from onecloud.chains import actions, package
from onecloud.chains.actions.exchanging import PURPOSE
from onecloud.chains.package import LEVELS, LIFE, Package, file_name, gathered, import_names, seal, unseal
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Invalid
from onecloud.kernel.jsonvalue import JsonObject
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.workspaces import actions as workspaces
from tests.chains.life import SMALL, Life, with_text

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
DOCUMENTS: tuple[JsonObject, ...] = (dict(SMALL),)


def sign(text: str) -> str:
    return Keyring((b"\x02" * 32,)).digest(text, "test")


def holds(text: str, signature: str) -> bool:
    return signature == sign(text)


def running(*children: str, name: str = "Parent") -> dict[str, Any]:
    """A chain that runs these chains one after another."""
    nodes = {f"n{i}": {"command": "event.run_chain", "inputs": {"chain": child}} for i, child in enumerate(children)}
    nodes["end"] = {"command": "files.create"}
    links = [{"from": f"n{i}", "to": f"n{i + 1}" if i + 1 < len(children) else "end"} for i in range(len(children))]
    return {"onecloud": 1, "name": name, "start": next(iter(nodes)), "nodes": nodes, "links": links}


@given(st.lists(st.dictionaries(st.text("ab"), st.text()), min_size=1, max_size=3), st.timedeltas(timedelta(0), LIFE))
def test_a_file_gives_back_what_went_in_for_two_weeks(documents: list[dict[str, str]], age: timedelta) -> None:
    packed = Package(NOW, tuple(documents))
    assert unseal(seal(packed, [sign]), holds, NOW + age) == packed


@given(st.data())
def test_a_file_with_any_byte_changed_is_refused(data: st.DataObject) -> None:
    sealed = bytearray(seal(Package(NOW, DOCUMENTS), [sign]))
    place = data.draw(st.integers(0, len(sealed) - 2))  # the line break at its end may go
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != sealed[place]))
    sealed[place] = byte
    with pytest.raises(Invalid):
        unseal(bytes(sealed), holds, NOW)


def resealed(content: Any, mark: str = "onecloud-chain.1") -> bytes:
    """A file with this content and a signature that holds."""
    plain = content if isinstance(content, bytes) else json.dumps(content).encode()
    signed = f"{mark}.{base64.urlsafe_b64encode(zlib.compress(plain)).decode()}"
    return f"{signed}.{sign(signed)}".encode()


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "chain_file.foreign", "This is not a .chain file."),
        (b"PK\x03\x04 a zip", "chain_file.foreign", "Choose one that an export gave."),
        (b"\xff" * 100, "chain_file.foreign", ""),
        (b"onecloud-chain.1.abc", "chain_file.foreign", ""),
        (b"onecloud-chain.x.abc.def", "chain_file.foreign", ""),
        (b"onecloud-chain.2.abc.def", "chain_file.format", "format 2, this OneCloud reads format 1. Update OneCloud."),
        (seal(Package(NOW, DOCUMENTS), [lambda _: "0" * 64]), "chain_file.signature", "another server made it"),
        (seal(Package(NOW, DOCUMENTS), []), "chain_file.foreign", ""),
        (seal(Package(NOW - LIFE - timedelta(seconds=1), DOCUMENTS), [sign]), "chain_file.expired", "expired 14 days"),
        (seal(Package(NOW + timedelta(days=2), DOCUMENTS), [sign]), "chain_file.clock", "in the future here"),
        (b"x" * 10_000_001, "chain_file.too_large", "the limit is 10000000"),
        (resealed({"chains": [SMALL]}), "chain_file.content", "cannot be unpacked"),
        (resealed({"exported_at": NOW.isoformat(), "chains": []}), "chain_file.content", ""),
        (resealed({"exported_at": "2026-01-31T12:00:00", "chains": [SMALL]}), "chain_file.content", ""),
        (resealed({"exported_at": NOW.isoformat(), "chains": [1]}), "chain_file.content", ""),
        (resealed(b"[" * 100_000), "chain_file.content", ""),
        (resealed(b" " * (package.MOST_BODY_BYTES + 1)), "chain_file.too_large", ""),
    ],
)
def test_a_file_is_refused_with_its_reason(data: bytes, code: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        unseal(data, holds, NOW)
    assert (refused.value.code, words in refused.value.message) == (code, True), refused.value.message


def test_nothing_is_unpacked_before_a_signature_holds() -> None:
    bomb = resealed(b" " * (package.MOST_BODY_BYTES + 1))
    with pytest.raises(Invalid) as refused:
        unseal(bomb, lambda _text, _signature: False, NOW)
    assert refused.value.code == "chain_file.signature"


def chains(**runs: list[str]) -> Mapping[str, JsonObject]:
    return {name: running(*children, name=name) for name, children in runs.items()}


def names_in(root: str, there: Mapping[str, JsonObject]) -> list[str]:
    return [str(d["name"]) for d in gathered(root, there.get)]


def test_children_come_along_near_before_far_and_each_once() -> None:
    there = chains(A=["B", "C", "missing", "${{ input.x }}"], B=["D", "A"], C=["D"], D=["C"])
    assert names_in("A", there) == ["A", "B", "C", "D"]


def test_five_levels_come_along_and_a_sixth_is_refused_by_name() -> None:
    def ladder(levels: int) -> dict[str, JsonObject]:
        rungs = {f"L{i}": running(f"L{i + 1}", name=f"L{i}") for i in range(levels)}
        return {**rungs, f"L{levels}": running(name=f"L{levels}")}

    assert names_in("L0", ladder(LEVELS)) == [f"L{i}" for i in range(LEVELS + 1)]
    with pytest.raises(Invalid) as refused:
        names_in("L0", ladder(LEVELS + 1))
    assert refused.value.code == "chain_file.too_deep"
    assert "`L6` is more than 5 levels down (L0 → L1 → L2 → L3 → L4 → L5 → L6). Export `L1` by itself." in str(
        refused.value
    )
    assert len(names_in("L0", {**ladder(LEVELS + 1), "L0": running("L1", "L6", name="L0")})) == 7, "the near way counts"


def test_too_many_children_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        names_in("A", chains(A=[f"c{i}" for i in range(300)], **{f"c{i}": list[str]() for i in range(300)}))
    assert refused.value.code == "chain_file.too_many"


def test_imported_names_have_a_suffix_and_never_collide() -> None:
    assert import_names(["A", "B"], []) == {"A": "A -- Import", "B": "B -- Import"}
    assert import_names(["A"], ["A -- Import", "A -- Import 2"]) == {"A": "A -- Import 3"}
    assert import_names(["A", "A -- Import"], ["A"]) == {"A": "A -- Import", "A -- Import": "A -- Import -- Import"}


@given(
    st.lists(st.text("ab…", min_size=1, max_size=100), unique=True, max_size=8), st.sets(st.text("ab", max_size=100))
)
def test_imported_names_fit_and_are_all_different(names: list[str], taken: set[str]) -> None:
    given_names = import_names(names, taken)
    assert len(set(given_names.values()) | taken) == len(names) + len(taken)
    assert all(0 < len(name) <= 100 and " -- Import" in name for name in given_names.values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Month end", "Month end.chain"), ("a/b:c\\d", "a_b_c_d.chain"), ("Größe", "Größe.chain"), ("..", "chain.chain")],
)
def test_a_file_is_named_after_its_chain(name: str, expected: str) -> None:
    assert file_name(name) == expected


async def exported(life: Life, chain: str, query: str = "") -> bytes:
    answer = await life.call("POST", f"/api/v2/chains/{chain}/export{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/octet-stream"
    return answer.content


def form(data: bytes, field: str = "file") -> dict[str, Any]:
    return {field: ("job.chain", data, "application/octet-stream")}


async def test_a_chain_travels_with_its_children_to_another_workspace(life: Life) -> None:
    secret = [{"name": "key", "value": "s3cret", "encrypted": True}]
    await life.published(with_text("child", name="Child", variables=secret))
    await life.made(running("Child", name="Second"))
    parent = await life.published(running("Child", "Second", "Nowhere"))
    await life.save(parent, running("Child", name="Parent"), 1)  # not published: not what travels
    answer = await life.call("POST", f"/api/v2/chains/{parent}/export")
    assert (
        answer.headers["content-disposition"] == "attachment; filename=\"Parent.chain\"; filename*=utf-8''Parent.chain"
    )
    data = answer.content
    body = zlib.decompress(base64.urlsafe_b64decode(data.split(b".")[2]))
    assert b"s3cret" not in body
    assert [c["name"] for c in json.loads(body)["chains"]] == ["Parent", "Child", "Second"]

    path = f"/api/v2/environments/{life.elsewhere}/import"
    imported = (await life.good("POST", path, files=form(data)))["items"]
    assert [(c["exported_name"], c["name"]) for c in imported] == [
        ("Parent", "Parent -- Import"),
        ("Child", "Child -- Import"),
        ("Second", "Second -- Import"),
    ]
    root = await life.good("GET", f"/api/v2/chains/{imported[0]['chain_id']}")
    assert (root["disabled"], root["published"], root["environment_id"]) == (True, None, str(life.elsewhere))
    nodes = (await life.draft(imported[0]["chain_id"]))["document"]["nodes"]
    assert [n["inputs"]["chain"] for n in list(nodes.values())[:3]] == [
        "Child -- Import",
        "Second -- Import",
        "Nowhere",
    ], "imported chains run each other"
    assert [p["where"] for p in imported[1]["problems"]] == ["variables[0].value"], "no secret came along"
    again = (await life.good("POST", path, files=form(data)))["items"]
    assert [c["name"] for c in again] == ["Parent -- Import 2", "Child -- Import 2", "Second -- Import 2"]
    of_draft = await exported(life, parent, "?of=draft")
    assert len((await life.good("POST", path, files=form(of_draft)))["items"]) == 2


async def test_an_import_makes_all_or_nothing(life: Life) -> None:
    keys, settings = life.ground.keys, life.ground.settings
    async with life.ground.database.reading() as db:
        now = await actions.may_import(db, None, life.dev)
    foreign: JsonObject = {"onecloud": 1, "name": "Future", "nodes": {"a": {"command": "x.y", "teleport": True}}}
    data = seal(Package(now, (dict(SMALL), foreign)), [lambda text: keys.digest(text, PURPOSE)])
    path = f"/api/v2/environments/{life.dev}/import"
    refused = await life.refused(422, "chain_file.document", "POST", path, files=form(data))
    assert "`Future` cannot be read by this OneCloud" in refused["detail"]
    assert refused["problems"][0]["where"] == "Future: nodes.a.teleport"
    assert (await life.good("GET", f"/api/v2/environments/{life.dev}/chains"))["items"] == []
    assert settings.chain_file_key.get_secret_value() == ""


async def test_two_servers_read_each_others_files_only_with_a_shared_key(life: Life) -> None:
    chain = await life.published()
    ours, theirs = life.ground, replace(life.ground, keys=Keyring((b"\x07" * 32,)))

    async def carried(export_key: str, import_key: str) -> int:
        here = ours.settings.model_copy(update={"chain_file_key": SecretStr(export_key)})
        there = ours.settings.model_copy(update={"chain_file_key": SecretStr(import_key)})
        async with ours.database.reading() as db:
            file = await actions.export_package(db, ours.keys, here, None, int(chain))
            now = await actions.may_import(db, None, life.dev)
        await actions.open_package(ours.keys, ours.settings, file.data, now)  # its own files it always reads
        return len((await actions.open_package(theirs.keys, there, file.data, now)).documents)

    shared = "a secret of the whole company, long"
    assert await carried(shared, shared) == 1
    for export_key, import_key in (("", ""), (shared, ""), ("", shared), (shared, shared + "!")):
        with pytest.raises(Invalid) as refused:
            await carried(export_key, import_key)
        assert refused.value.code == "chain_file.signature"


async def test_a_file_is_read_after_the_servers_key_was_rotated(life: Life) -> None:
    chain = await life.published()
    data = await exported(life, chain)
    rotated = Keyring((b"\x09" * 32, *life.ground.keys.keys))
    async with life.ground.database.reading() as db:
        now = await actions.may_import(db, None, life.dev)
    assert (await actions.open_package(rotated, life.ground.settings, data, now)).documents[0]["name"] == "Report"


async def test_an_old_file_is_refused_by_the_databases_clock(life: Life) -> None:
    chain = int(await life.published())
    async with life.ground.database.reading() as db:
        file = await actions.export_package(db, life.ground.keys, life.ground.settings, None, chain)
        now = await actions.may_import(db, None, life.dev)
    held = await actions.open_package(life.ground.keys, life.ground.settings, file.data, now)
    old = seal(
        replace(held, exported_at=now - LIFE - timedelta(minutes=1)), [lambda t: life.ground.keys.digest(t, PURPOSE)]
    )
    path = f"/api/v2/environments/{life.dev}/import"
    refused = await life.refused(422, "chain_file.expired", "POST", path, files=form(old))
    assert "expired 14 days later. Export the chain again." in refused["detail"]


async def test_uploads_are_bounded_and_bad_ones_named(life: Life) -> None:
    path = f"/api/v2/environments/{life.dev}/import"
    await life.refused(422, "chain_file.too_large", "POST", path, files=form(b"x" * 10_000_001))
    await life.refused(422, "chain_file.too_large", "POST", path, files=form(b"x" * 10_200_001))
    await life.refused(422, "chain_file.foreign", "POST", path, files=form(b"hello"))
    await life.refused(400, "request.malformed", "POST", path, files=form(b"x", "other"))
    await life.refused(400, "request.malformed", "POST", path, {"file": "x"})
    await life.refused(400, "request.malformed", "POST", path)
    broken = {"content-type": "multipart/form-data; boundary=b"}
    for body in (b"nonsense", b"--b\r\n\r\n", b""):
        answer = await life.client.post(path, content=body, headers={"x-caller": "ada", **broken})
        assert answer.status_code == 400, answer.text
    answer = await life.client.post(
        path, content=b"x", headers={"x-caller": "ada", "content-type": "multipart/form-data"}
    )
    assert answer.status_code == 400

    async def endless() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
        for _ in range(300):
            yield b"x" * 100_000

    answer = await life.client.post(path, content=endless(), headers={"x-caller": "ada", **broken})
    assert (answer.status_code, answer.json()["code"]) == (422, "chain_file.too_large")


async def test_a_child_that_one_may_not_export_is_named(life: Life) -> None:
    child = await life.published(with_text("x", name="Child"))
    parent = await life.published(running("Child"))
    async with life.ground.database.reading() as db:
        workspace = (await workspaces.get_environment(db, life.dev)).workspace_id
    grants = {Place(workspace, life.dev, int(parent)): Level.WRITE, Place(workspace, life.dev, int(child)): Level.READ}
    life.callers["bob"] = Principal(998, "bob@example.com", "Bob", is_admin=False, via="session", grants=grants)
    refused = await life.refused(403, "chain_file.child_denied", "POST", f"/api/v2/chains/{parent}/export", by="bob")
    assert "runs `Child`" in refused["detail"]
