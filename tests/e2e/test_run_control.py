"""A run is paused, resumed and run again from its page, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import WORKSPACE
from tests.e2e.desk import LOOKS, administrator, another_look, api, faults, heading
from tests.e2e.server import PASSWORD, Server

# `load` fails until a file is there; `look` of the second waits until one is there.
PAY = """
onecloud: 1
name: Pay
allow_concurrent_runs: true
inputs: [{{name: mark, required: true}}]
start: read
nodes:
  read: {{name: Read figures, command: files.create, inputs: {{name: a.txt, text: one}}}}
  load:
    name: Load figures
    command: script.shell
    on_error: {on_error}
    inputs: {{code: "test -e ${{{{ input.mark }}}} || exit 4"}}
  tell: {{name: Tell them, command: script.shell, inputs: {{code: "echo told"}}}}
links: [{{from: read, to: load}}, {{from: load, to: tell}}]
"""
SLOW = """
onecloud: 1
name: Slow
allow_concurrent_runs: true
inputs: [{name: mark, required: true}]
start: look
nodes:
  look:
    name: Look out
    command: script.shell
    inputs: {code: "while ! test -e ${{ input.mark }}; do sleep 0.1; done"}
  tell: {name: Tell them, command: script.shell, inputs: {code: "echo told"}}
links: [{from: look, to: tell}]
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """A server with chains that fail, pause and wait as a test wants."""
    server = Server(tmp_path_factory.mktemp("control") / "data")
    server.start()
    server.workspace(WORKSPACE)
    server.chain(PAY.format(on_error="continue"))
    server.chain(PAY.format(on_error="pause").replace("name: Pay", "name: Pay carefully", 1))
    server.chain(SLOW)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def ada(browser: Browser, stage: Server) -> Generator[Page]:
    """A page of Ada."""
    with administrator(browser, stage) as page:
        yield page


def start(page: Page, stage: Server, chain: str, mark: Path) -> str:
    """Start a chain; gives the run."""
    chains = api(page, stage, "GET", "/environments/1/chains")["items"]
    number = next(one["id"] for one in chains if one["name"] == chain)
    return str(api(page, stage, "POST", f"/chains/{number}/runs", {"inputs": {"mark": str(mark)}})["id"])


def badge(page: Page, state: str) -> None:
    """Wait until the page shows the run in a state."""
    expect(page.get_by_role("status").filter(has_text=state)).to_be_visible(timeout=30_000)


def reach(page: Page, stage: Server, run: str, *states: str) -> Any:
    """The run once it is in one of these states."""
    seen: Any = None
    for _ in range(300):
        seen = api(page, stage, "GET", f"/runs/{run}")
        if seen["state"] in states:
            return seen
        page.wait_for_timeout(100)
    raise AssertionError(f"run {run} is {seen['state']}, not {states}")


def test_a_run_is_paused_in_the_middle_and_resumed(ada: Page, stage: Server, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    run = start(ada, stage, "Slow", mark)
    ada.goto(f"{stage.url}/runs/{run}")
    heading(ada, f"Slow, run {run}")
    # Why it is where it is, in the server's sentence.
    why = api(ada, stage, "GET", f"/runs/{run}")["why"]
    expect(ada.get_by_text(why, exact=True)).to_be_visible()
    ada.get_by_role("button", name="Pause run").click()
    ada.get_by_role("dialog", name="Pause this run?").get_by_role("button", name="Pause run").click()
    mark.touch()
    badge(ada, "Paused")
    assert reach(ada, stage, run, "paused")["nodes"][1]["state"] == "waiting"
    expect(ada.get_by_text("Resume it when what stopped it is mended, or stop it.")).to_be_visible()
    expect(ada.get_by_role("button", name="Pause run")).to_have_count(0)
    ada.get_by_role("button", name="Resume run").click()
    ada.get_by_role("dialog", name="Resume this run?").get_by_role("button", name="Resume run").click()
    badge(ada, "Succeeded")


def test_a_paused_run_goes_on_from_the_node_that_failed(ada: Page, stage: Server, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    run = start(ada, stage, "Pay carefully", mark)
    ada.goto(f"{stage.url}/runs/{run}")
    badge(ada, "Paused")
    mark.touch()
    ada.get_by_role("button", name="Resume run").press("Enter")
    dialog = ada.get_by_role("dialog", name="Resume this run?")
    dialog.get_by_label("Load figures: it runs once more, with all that follows it").check()
    dialog.get_by_role("button", name="Resume run").press("Enter")
    badge(ada, "Succeeded")
    nodes = {node["key"]: node for node in api(ada, stage, "GET", f"/runs/{run}")["nodes"]}
    assert [len(nodes[key]["results"]) for key in ("read", "load", "tell")] == [1, 2, 1]


def test_a_run_is_run_again_from_a_node_as_the_plan_says(ada: Page, stage: Server, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    run = start(ada, stage, "Pay", mark)
    reach(ada, stage, run, "errored")
    mark.touch()
    ada.goto(f"{stage.url}/runs/{run}")
    badge(ada, "Failed")
    ada.get_by_role("button", name="Show Load figures").click()
    ada.get_by_role("button", name="Run again from here").press("Enter")
    dialog = ada.get_by_role("dialog", name="Run again from Load figures")
    runs, taken = dialog.get_by_role("region", name="What will run"), dialog.get_by_role("region", name="taken over")
    expect(runs.get_by_role("listitem")).to_have_text(["Load figures begins", "Tell them, as the links decide"])
    expect(taken.get_by_role("listitem")).to_have_text(["Read figures (succeeded)"])
    dialog.get_by_label("Run this node alone").check()
    expect(runs.get_by_role("listitem")).to_have_text(["Load figures begins"])
    dialog.get_by_label("Run this node alone").uncheck()
    # Another version is published meanwhile, in which what is taken over is written differently.
    stage.chain(PAY.format(on_error="continue").replace("text: one", "text: two"))
    dialog.get_by_label("The version that is published now").check()
    expect(runs.get_by_role("heading")).to_have_text("Runs in version 2")
    expect(taken.get_by_role("listitem")).to_contain_text("written differently in version 2")
    dialog.get_by_label("Version 1, as this run had it").check()
    expect(runs.get_by_role("heading")).to_have_text("Runs in version 1")
    dialog.get_by_role("button", name="Run again").press("Enter")
    expect(ada.get_by_role("heading", level=1, name=f"Pay, run {run}")).to_have_count(0, timeout=15_000)
    badge(ada, "Succeeded")
    expect(ada.get_by_role("link", name=f"run {run}", exact=True)).to_be_visible()
    ada.locator("ul").get_by_role("button", name=re.compile("Read figures")).click()
    expect(ada.get_by_text("This result was taken over from an earlier run")).to_be_visible()


def test_who_may_only_read_is_offered_nothing_that_would_be_refused(
    browser: Browser, ada: Page, stage: Server, tmp_path: Path
) -> None:
    failed = start(ada, stage, "Pay", tmp_path / "never")
    paused = start(ada, stage, "Pay carefully", tmp_path / "never")
    reach(ada, stage, failed, "errored")
    reach(ada, stage, paused, "paused")
    made = api(ada, stage, "POST", "/invitations", {"email": "rita@example.com", "first_name": "Rita"})
    group = ["admin", "group"]
    where = ["--data", str(stage.data)]
    stage.command(*group, "create", "Readers", *where)
    stage.command(*group, "add", "Readers", "--email", "rita@example.com", *where)
    stage.command(*group, "grant", "Readers", "read", "--workspace", "Finance", *where)
    with another_look(browser, None, "light", 1280) as rita:
        rita.goto(str(made["url"]))
        heading(rita, "Welcome to OneCloud")
        rita.locator("input[type=password]").fill(PASSWORD)
        rita.keyboard.press("Enter")
        heading(rita, "Workspaces")
        offered = rita.get_by_role("button", name=re.compile("^(Run|Run again.*|Run Pay.*|(Resume|Stop|Pause) run)$"))
        rita.goto(f"{stage.url}/runs/{failed}?node=load")
        heading(rita, f"Pay, run {failed}")
        expect(rita.get_by_role("link", name="Download log")).to_be_visible()
        expect(offered).to_have_count(0)
        rita.goto(f"{stage.url}/runs/{paused}")
        heading(rita, f"Pay carefully, run {paused}")
        expect(rita.get_by_text("Resume it when what stopped it is mended, or stop it.")).to_be_visible()
        expect(offered).to_have_count(0)
        rita.goto(f"{stage.url}/environments/1")
        expect(rita.get_by_role("link", name="Pay carefully", exact=True)).to_be_visible(timeout=20_000)
        expect(offered).to_have_count(0)
    ada.goto(f"{stage.url}/environments/1")
    expect(ada.get_by_role("button", name="Run Pay carefully")).to_be_visible(timeout=20_000)
    api(ada, stage, "POST", f"/runs/{paused}/stop")


@LOOKS
def test_the_page_and_its_dialogs_have_no_axe_violation(
    browser: Browser, ada: Page, stage: Server, tmp_path: Path, scheme: Any, width: int
) -> None:
    failed = start(ada, stage, "Pay", tmp_path / "never")
    paused = start(ada, stage, "Pay carefully", tmp_path / "never")
    reach(ada, stage, failed, "errored")
    reach(ada, stage, paused, "paused")
    wrong: list[str] = []
    with another_look(browser, ada, scheme, width) as page:
        page.goto(f"{stage.url}/runs/{paused}")
        heading(page, f"Pay carefully, run {paused}")
        wrong += faults(page)
        page.get_by_role("button", name="Resume run").click()
        expect(page.get_by_role("dialog", name="Resume this run?")).to_be_visible()
        page.screenshot(path=tmp_path / f"resume-{scheme}-{width}.png")
        wrong += faults(page)
        page.goto(f"{stage.url}/runs/{failed}?node=load")
        heading(page, f"Pay, run {failed}")
        page.get_by_role("button", name="Run again from here").click()
        expect(page.get_by_role("region", name="What will run")).to_be_visible()
        page.screenshot(path=tmp_path / f"rerun-{scheme}-{width}.png")
        wrong += faults(page)
    api(ada, stage, "POST", f"/runs/{paused}/stop")
    assert not wrong, "\n".join(wrong)
