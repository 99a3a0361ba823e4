"""The help page's commands are run as they are printed; what it promises is held against the code."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from onecloud.infra.settings import Settings
from onecloud.tokens.format import PATTERN
from tests.tokens.conftest import House
from tests.tokens.live import Ended, live_server, run
from tests.tokens.windows import arguments, through_cmd

PAGE = (Path(__file__).parents[2] / "docs/help/getting-started-with-the-api.md").read_text()
BLOCKS = [
    (f[1], f[2], f[3]) for f in re.finditer(r"^```(sh|bat) ([\w-]+)\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
]
CURL = shutil.which("curl") or "curl"


def test_every_command_is_given_for_both_systems() -> None:
    kinds = {system: [name for kind, name, _ in BLOCKS if kind == system] for system in ("sh", "bat")}
    assert kinds["sh"] == ["set-variables", *kinds["bat"]]
    assert kinds["bat"] == ["list", "refresh", "refresh", "refresh", "introspect", "revoke"]


async def _run_block(system: str, text: str, server: str, values: dict[str, str]) -> Ended:
    line = text.replace("{{server}}", server)
    if system == "sh":
        return await run(
            ["bash", "-c", line + "\n"], values["ACCESS_TOKEN"] + "\n", {**values, "PATH": "/usr/bin:/bin"}
        )
    program, *rest = arguments(through_cmd(line, {**values, "RANDOM": "4711"}))
    assert program == "curl"
    return await run([CURL, *rest], "", {})


@pytest.mark.parametrize(("system", "name", "text"), BLOCKS, ids=[f"{b[0]}-{b[1]}-{n}" for n, b in enumerate(BLOCKS)])
async def test_the_printed_command_works(house: House, system: str, name: str, text: str) -> None:
    issued = await house.access()
    access, refresh = issued.pair.access.reveal(), issued.pair.refresh.reveal()
    values = {"CLIENT_ID": issued.client_id, "ACCESS_TOKEN": access, "REFRESH_TOKEN": refresh}
    async with live_server(house) as server:
        ended = await _run_block(system, text, server, values)
    assert ended.code == 0, ended.err
    match name:
        case "set-variables":
            assert ended.out == ""
        case "list":
            assert json.loads(ended.out)["email"] == "ada@example.com"
        case "refresh":
            assert (await house.call(json.loads(ended.out)["access_token"])).status_code == 200
            assert (await house.call(access)).status_code == 401
        case "introspect":
            assert json.loads(ended.out)["active"] is True
        case "revoke":
            assert ended.out == ""
            assert (await house.call(access)).status_code == 401
        case _:
            pytest.fail(f"no test knows the command {name}")


def test_the_page_states_the_real_defaults_and_the_real_pattern() -> None:
    settings = Settings()
    assert f"`{PATTERN}`" in PAGE
    assert f"| access token | {settings.token_default_days} day |" in PAGE
    assert f"maximum ({settings.token_max_days} days)" in PAGE
    assert f"nobody refreshes | {settings.refresh_idle_days} days |" in PAGE
    assert f"in any case | {settings.refresh_max_days} days |" in PAGE
    assert f"{settings.rate_limit_daily:,} in 24 hours and {settings.rate_limit_burst} in 20 seconds" in PAGE


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"curl a b", ["curl", "a", "b"]),
        (r'curl "a b" c', ["curl", "a b", "c"]),
        (r'curl "{\"a\": \"b\"}"', ["curl", '{"a": "b"}']),
        (r"curl a\\b c\"d", ["curl", r"a\\b", 'c"d']),
        (r'curl "a\\" b', ["curl", "a\\", "b"]),
        (r'curl "" x', ["curl", "", "x"]),
    ],
)
def test_the_windows_reader_follows_the_documented_examples(line: str, expected: list[str]) -> None:
    assert arguments(line) == expected


@pytest.mark.parametrize("line", ["curl a&b", "curl '|' b", "curl %MISSING%", "curl 100%", "curl a ^\nb"])
def test_what_a_command_prompt_would_act_on_is_found(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        through_cmd(line, {})
