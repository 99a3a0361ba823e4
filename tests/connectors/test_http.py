"""HTTP requests to a real service on loopback."""

from __future__ import annotations

import hashlib
import socket
import tracemalloc
import uuid
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from onecloud.connector import CommandFailed
from onecloud.connector.testing import Ended, FakeContext, run_command
from onecloud.connectors import find_command, registry
from onecloud.connectors.http.connection import HttpConnection
from onecloud.connectors.http.shapes import RequestInputs
from tests.connectors.server import Service, running


async def request(ctx: FakeContext, **inputs: Any) -> Ended:
    command = find_command("http.request")
    assert command is not None
    ended = await run_command(command, ctx, inputs)
    ctx.next_attempt()
    return ended


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_every_method_is_sent(ctx: FakeContext, service: Service, method: str) -> None:
    ended = await request(ctx, url=f"{service.url}/echo", method=method)
    assert ended.outputs.json_body["method"] == method
    assert ended.outputs.status_code == 200
    assert ended.outputs.headers["content-type"] == "application/json"
    assert ended.outputs.size_bytes == len(ended.outputs.text)


async def test_head_has_headers_and_no_body(ctx: FakeContext, service: Service) -> None:
    ended = await request(ctx, url=f"{service.url}/text/50", method="HEAD")
    assert (ended.outputs.headers["content-length"], ended.outputs.text, ended.outputs.file) == ("50", "", None)


async def test_query_and_headers_are_added(ctx: FakeContext, service: Service) -> None:
    ended = await request(
        ctx,
        url=f"{service.url}/echo?a=1",
        query={"b": "x y&z", "c": [1, 2.5, True], "none": None},
        headers={"X-Own": "yes", "Accept": "application/json"},
    )
    seen = ended.outputs.json_body
    assert seen["query"] == [["a", "1"], ["b", "x y&z"], ["c", "1"], ["c", "2.5"], ["c", "true"]]
    assert (seen["headers"]["x-own"], seen["headers"]["accept"]) == ("yes", "application/json")


@pytest.mark.parametrize(
    ("inputs", "content_type", "body"),
    [
        ({"body_text": "Grüße"}, "text/plain; charset=utf-8", "Grüße"),
        ({"body_text": "<a/>", "content_type": "application/xml"}, "application/xml", "<a/>"),
        ({"body_json": {"a": [1, None]}}, "application/json", '{"a": [1, null]}'),
        ({"body_json": 0}, "application/json", "0"),
        ({"body_form": {"a": "x y", "b": [1, 2]}}, "application/x-www-form-urlencoded", "a=x+y&b=1&b=2"),
    ],
)
async def test_each_kind_of_body_is_sent(
    ctx: FakeContext, service: Service, inputs: dict[str, Any], content_type: str, body: str
) -> None:
    ended = await request(ctx, url=f"{service.url}/echo", method="POST", **inputs)
    assert ended.outputs.json_body["headers"]["content-type"] == content_type
    assert ended.outputs.json_body["body"] == body


async def test_a_file_is_sent_as_it_is(ctx: FakeContext, service: Service) -> None:
    content = bytes(range(256)) * 10_000
    file = ctx.add_file("a.bin", content, "application/x-own")
    seen = (await request(ctx, url=f"{service.url}/echo", method="PUT", body_file=file)).outputs.json_body
    assert (seen["length"], seen["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert seen["headers"]["content-type"] == "application/x-own"
    (ctx.files / "a.csv").write_text("1,2")
    seen = (await request(ctx, url=f"{service.url}/echo", method="PUT", body_file="a.csv")).outputs.json_body
    assert (seen["body"], seen["headers"]["content-type"]) == ("1,2", "text/csv")


async def test_files_and_fields_are_sent_as_a_multipart_form(ctx: FakeContext, service: Service) -> None:
    part = {"field": "upload", "file": ctx.add_file("a.csv", "1,2\r\n", "text/csv"), "name": 'Q1 "final".csv'}
    ended = await request(ctx, url=f"{service.url}/echo", method="POST", body_form={"mode": "both"}, body_files=[part])
    seen = ended.outputs.json_body
    kind, _, boundary = seen["headers"]["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    assert seen["body"] == (
        f'--{boundary}\r\nContent-Disposition: form-data; name="mode"\r\n\r\nboth\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="upload"; filename="Q1 %22final%22.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n1,2\r\n\r\n--{boundary}--\r\n"
    )
    assert int(seen["headers"]["content-length"]) == len(seen["body"])


def test_two_kinds_of_body_are_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="body_text and body_json"):
        RequestInputs(body_text="a", body_json=1)


async def test_large_bodies_pass_both_ways_in_little_memory(ctx: FakeContext, service: Service) -> None:
    size = 48 << 20
    with (ctx.files / "large").open("wb") as file:
        file.truncate(size)
    tracemalloc.start()
    try:
        sent = await request(ctx, url=f"{service.url}/echo", method="PUT", body_file="large")
        got = await request(ctx, url=f"{service.url}/bytes/{size}")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent.outputs.json_body["length"] == size
    assert got.outputs.file.size_bytes == got.outputs.size_bytes == size
    assert peak < 12 << 20


async def test_an_answer_that_is_no_text_becomes_a_file_with_a_safe_name(ctx: FakeContext, service: Service) -> None:
    ended = await request(ctx, url=f"{service.url}/bytes/10")
    assert ctx.content(ended.outputs.file) == b"\xff" * 10
    assert (ended.outputs.file.name, ended.outputs.file.media_type) == ("data.bin", "application/octet-stream")
    assert (ended.outputs.text, ended.outputs.json_body) == ("", None)


async def test_text_above_the_limit_becomes_a_file(ctx: FakeContext, service: Service) -> None:
    small = await request(ctx, url=f"{service.url}/text/1000", value_limit_bytes=1000)
    assert (len(small.outputs.text), small.outputs.file) == (1000, None)
    large = await request(ctx, url=f"{service.url}/text/1000000", value_limit_bytes=999_999)
    assert (large.outputs.text, large.outputs.file.size_bytes) == ("", 1_000_000)
    assert large.outputs.file.name == "1000000"
    refused = await request(ctx, url=f"{service.url}/text/1001", value_limit_bytes=1000, response="value")
    assert (refused.exit_code, refused.retryable) == (1, False)
    assert "1,000 bytes" in refused.message


async def test_an_answer_becomes_a_file_when_that_is_asked_for(ctx: FakeContext, service: Service) -> None:
    ended = await request(ctx, url=f"{service.url}/text/3", response="file", response_name="three.txt")
    assert (ctx.text(ended.outputs.file), ended.outputs.file.name) == ("xxx", "three.txt")
    refused = await request(ctx, url=f"{service.url}/bytes/3", response="value")
    assert "no text" in refused.message


async def test_an_answer_without_end_is_cut_off(ctx: FakeContext, service: Service) -> None:
    ended = await request(ctx, url=f"{service.url}/bytes/{1 << 30}", max_response_bytes=1 << 20)
    assert (ended.exit_code, ended.retryable) == (1, False)
    assert "1,048,576 bytes" in ended.message


async def test_text_is_read_in_its_charset_and_unpacked(ctx: FakeContext, service: Service) -> None:
    assert (await request(ctx, url=f"{service.url}/latin")).outputs.text == "Zürich"
    packed = await request(ctx, url=f"{service.url}/packed")
    assert packed.outputs.size_bytes == len(packed.outputs.text) == 100_000


async def test_an_empty_answer_is_an_empty_value(ctx: FakeContext, service: Service) -> None:
    ended = await request(ctx, url=f"{service.url}/empty")
    assert (ended.outputs.text, ended.outputs.file, ended.outputs.size_bytes) == ("", None, 0)


@pytest.mark.parametrize(
    ("status", "exit_code", "retryable"),
    [
        (400, 2, False),
        (401, 5, False),
        (403, 5, False),
        (404, 2, False),
        (407, 5, False),
        (408, 2, True),
        (422, 2, False),
        (429, 2, True),
        (500, 3, True),
        (501, 3, False),
        (503, 3, True),
    ],
)
async def test_a_refusal_becomes_its_exit_code(
    ctx: FakeContext, service: Service, status: int, exit_code: int, retryable: bool
) -> None:
    ended = await request(ctx, url=f"{service.url}/status/{status}")
    assert (ended.exit_code, ended.retryable) == (exit_code, retryable)
    assert f"answered with {status}" in ended.message
    assert '"said": "no: nobody"' in ended.message


async def test_an_expected_status_is_a_success(ctx: FakeContext, service: Service) -> None:
    ended = await request(ctx, url=f"{service.url}/status/404", expected_status=[404])
    assert (ended.outputs.status_code, ended.outputs.json_body) == (404, {"said": "no: nobody"})


async def test_no_answer_has_an_exit_code_of_its_own(ctx: FakeContext, service: Service) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        refused = await request(ctx, url=f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert (refused.exit_code, refused.retryable) == (4, True)
    silent = await request(ctx, url=f"{service.url}/hang", read_timeout_s=0.1)
    assert (silent.exit_code, silent.retryable) == (4, True)
    assert "gave up waiting for an answer" in silent.message
    cut = await request(ctx, url=f"{service.url}/cut")
    assert (cut.exit_code, cut.retryable) == (4, True)


@pytest.mark.parametrize("url", ["", "no-scheme", "/path", "ftp://host/a", "http://", "http://a:b:c/", "http://[::1"])
async def test_what_is_no_address_is_a_wrong_input(ctx: FakeContext, url: str) -> None:
    ended = await request(ctx, url=url)
    assert (ended.exit_code, ended.retryable) == (1, False)


async def test_a_connection_gives_address_headers_and_sign_in(tmp_path: Path, service: Service) -> None:
    connection = HttpConnection.model_validate(
        {
            "base_url": f"{service.url}/echo/v1/",
            "auth": "basic",
            "username": "ann",
            "password": "pass:word",
            "headers": {"Accept": "application/json", "X-Team": "one"},
        }
    )
    ctx = FakeContext(tmp_path, connection)
    seen = (await request(ctx, url="/orders", headers={"x-team": "two"})).outputs.json_body
    assert seen["path"] == "/echo/v1/orders"
    assert seen["headers"]["authorization"] == "Basic YW5uOnBhc3M6d29yZA=="
    assert (seen["headers"]["accept"], seen["headers"]["x-team"]) == ("application/json", "two")
    assert (await request(ctx)).outputs.json_body["path"] == "/echo/v1/"
    none = await request(ctx, auth="none")
    assert "authorization" not in none.outputs.json_body["headers"]
    bearer = await request(ctx, auth="bearer", token="t0ken")
    assert bearer.outputs.json_body["headers"]["authorization"] == "Bearer t0ken"
    own = await request(ctx, auth="basic", username="bob", password="x")
    assert own.outputs.json_body["headers"]["authorization"] == "Basic Ym9iOng="


async def test_an_api_key_goes_into_its_header(tmp_path: Path, service: Service) -> None:
    connection = HttpConnection.model_validate({"auth": "api_key", "api_key": "k3y", "api_key_header": "X-Key"})
    ended = await request(FakeContext(tmp_path, connection), url=f"{service.url}/echo")
    assert ended.outputs.json_body["headers"]["x-key"] == "k3y"


async def test_a_refusal_that_repeats_the_secret_does_not_show_it(tmp_path: Path, service: Service) -> None:
    connection = HttpConnection.model_validate({"auth": "basic", "username": "ann", "password": "s3cret"})
    ctx = FakeContext(tmp_path, connection)
    ended = await request(ctx, url=f"{service.url}/status/403")
    assert "Basic •••" in ended.message
    bearer = await request(ctx, url=f"{service.url}/status/400?token=t0ken", auth="bearer", token="t0ken")
    assert "Bearer •••" in bearer.message
    assert "YW5uOnMzY3JldA" not in "\n".join([ended.message, *ctx.lines])


async def test_a_secret_with_a_line_end_is_refused_and_not_shown(ctx: FakeContext, service: Service) -> None:
    ended = await request(ctx, url=f"{service.url}/echo", auth="bearer", token="t0ken\n")
    assert (ended.exit_code, service.seen) == (1, [])
    assert "authorization" in ended.message
    assert "t0ken" not in ended.message
    injected = await request(ctx, url=f"{service.url}/echo", headers={"X-A": "1\r\nX-B: 2"})
    assert (injected.exit_code, service.seen) == (1, [])


@pytest.mark.parametrize("bad", ["gopher://host", "host/path"])
def test_a_base_url_must_be_whole(bad: str) -> None:
    with pytest.raises(ValidationError, match="http://"):
        HttpConnection(base_url=bad)


async def test_redirects_are_followed_to_the_end(ctx: FakeContext, service: Service) -> None:
    get = await request(ctx, url=f"{service.url}/redirect/302", query={"to": "/redirect/301?to=/echo/end"})
    assert (get.outputs.json_body["path"], get.outputs.url) == ("/echo/end", f"{service.url}/echo/end")
    kept = await request(
        ctx, url=f"{service.url}/redirect/307?to=/echo", method="PUT", body_file=ctx.add_file("a", "x")
    )
    assert (kept.outputs.json_body["method"], kept.outputs.json_body["body"]) == ("PUT", "x")
    changed = await request(ctx, url=f"{service.url}/redirect/303?to=/echo", method="POST", body_text="x")
    assert (changed.outputs.json_body["method"], changed.outputs.json_body["body"]) == ("GET", "")


async def test_redirects_can_be_left_alone_and_do_not_go_on_for_ever(ctx: FakeContext, service: Service) -> None:
    left = await request(ctx, url=f"{service.url}/redirect/302?to=/echo", follow_redirects=False)
    assert (left.outputs.status_code, left.outputs.headers["location"]) == (302, "/echo")
    circle = f"{service.url}/redirect/302?to=/redirect/302%3Fto%3D/redirect/302%253Fto%253D/echo"
    ended = await request(ctx, url=circle, max_redirects=2)
    assert (ended.exit_code, ended.retryable) == (4, False)
    assert "more than 2 redirects" in ended.message
    assert (await request(ctx, url=circle, max_redirects=3)).means == "success"


async def test_secrets_do_not_follow_a_redirect_to_another_server(tmp_path: Path, service: Service) -> None:
    connection = HttpConnection.model_validate({"auth": "api_key", "api_key": "k3y", "headers": {"X-Team": "one"}})
    ctx = FakeContext(tmp_path, connection)
    with running() as stranger:
        url = f"{service.url}/redirect/307?to={stranger.url}/echo"
        ended = await request(ctx, url=url, method="POST", body_text="x", headers={"X-Own-Key": "s", "Cookie": "c=1"})
    names = set(ended.outputs.json_body["headers"])
    assert names.isdisjoint({"x-api-key", "x-team", "x-own-key", "cookie", "idempotency-key"})
    assert ended.outputs.json_body["body"] == "x"
    assert service.seen[0]["headers"]["x-api-key"] == "k3y"
    with running() as stranger:
        url = f"{service.url}/redirect/302?to={stranger.url}/echo"
        ended = await request(ctx, url=url, auth="bearer", token="t0ken")
    assert "authorization" not in ended.outputs.json_body["headers"]


@pytest.mark.parametrize(
    ("method", "choice", "sent", "repeats"),
    [
        ("GET", "auto", False, True),
        ("GET", "always", False, True),
        ("POST", "auto", True, True),
        ("PATCH", "auto", True, True),
        ("POST", "never", False, False),
        ("PUT", "auto", False, True),
        ("PUT", "always", True, True),
        ("DELETE", "always", True, True),
    ],
)
async def test_an_idempotency_key_decides_whether_a_request_may_be_repeated(
    ctx: FakeContext, service: Service, method: str, choice: str, sent: bool, repeats: bool
) -> None:
    command = find_command("http.request")
    assert command is not None
    inputs = {"url": f"{service.url}/echo", "method": method, "send_idempotency_key": choice}
    first = (await request(ctx, **inputs)).outputs.json_body["headers"].get("idempotency-key")
    second = (await request(ctx, **inputs)).outputs.json_body["headers"].get("idempotency-key")
    assert first == second
    assert (first is not None) == sent
    assert not sent or uuid.UUID(first).version == 5
    assert command.may_run_again(RequestInputs.model_validate(inputs)) == repeats
    for answer in ("yes", "no"):
        asked = RequestInputs.model_validate({**inputs, "repeat_after_crash": answer})
        assert command.may_run_again(asked) == (answer == "yes")


async def test_two_nodes_have_two_idempotency_keys(tmp_path: Path, service: Service) -> None:
    keys = {
        (
            await request(FakeContext(tmp_path / key, key=key), url=f"{service.url}/echo", method="POST")
        ).outputs.json_body["headers"]["idempotency-key"]
        for key in ("run-1/a/0", "run-1/a/1", "run-2/a/0")
    }
    assert len(keys) == 3


async def test_this_machine_is_never_asked_for_through_a_proxy(
    ctx: FakeContext, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert (await request(ctx, url=f"{service.url}/echo")).means == "success"


async def test_the_log_has_no_query_and_no_user(ctx: FakeContext, service: Service) -> None:
    url = service.url.replace("http://", "http://ann:s3cret@")
    await request(ctx, url=f"{url}/echo?sig=abc")
    assert ctx.lines == [f"GET {service.url}/echo → 200"]


async def test_a_connection_can_be_tested(tmp_path: Path, service: Service) -> None:
    test = registry()["http"].test
    assert test is not None
    await test(FakeContext(tmp_path, HttpConnection(base_url=f"{service.url}/status/404")))
    for path, exit_code in (("status/401", 5), ("status/500", 3)):
        with pytest.raises(CommandFailed) as failed:
            await test(FakeContext(tmp_path, HttpConnection(base_url=f"{service.url}/{path}")))
        assert failed.value.exit_code == exit_code
    with pytest.raises(CommandFailed, match="nothing to test"):
        await test(FakeContext(tmp_path, HttpConnection()))


async def test_a_cookie_that_a_redirect_sets_is_sent_on(ctx: FakeContext, service: Service) -> None:
    ended = await request(ctx, url=f"{service.url}/cookie")
    assert ended.outputs.json_body["headers"]["cookie"] == "session=one"
