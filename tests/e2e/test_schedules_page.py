"""Schedules are looked at, written and switched in a real browser."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import WORKSPACE
from tests.e2e.desk import LOOKS, administrator, another_look, api, faults, heading
from tests.e2e.server import Server

CHAIN = """
onecloud: 1
name: Close
inputs: [{name: kind, label: Kind, required: true}]
start: note
nodes:
  note: {command: files.create, inputs: {name: note.txt, text: "${{ input.kind }}"}}
schedules:
  - {name: month end, zone: UTC, every: month, at: "23:30", days_of_month: [last], inputs: {kind: monthly}}
  - {name: asleep, zone: UTC, cron: 0 9 * * *, enabled: false, inputs: {kind: daily}}
"""
PLAIN = """
onecloud: 1
name: Plain
start: note
nodes: {note: {command: files.create, inputs: {name: note.txt, text: x}}}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """A server with a chain that has schedules, and one that has none."""
    server = Server(tmp_path_factory.mktemp("schedules") / "data")
    server.start()
    server.workspace(WORKSPACE)
    server.chain(CHAIN)
    server.chain(PLAIN)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def ada(browser: Browser, stage: Server) -> Generator[Page]:
    """A page of Ada."""
    with administrator(browser, stage) as page:
        yield page


def spec(ada: Page, stage: Server, chain: int, name: str) -> Any:
    """A published schedule of a chain, and how it stands."""
    items = api(ada, stage, "GET", f"/chains/{chain}/schedules")["items"]
    return next((one for one in items if one["schedule"]["name"] == name), None)


def test_a_schedule_is_held_back_and_let_go_by_its_switch(ada: Page, stage: Server) -> None:
    ada.goto(f"{stage.url}/chains/1")
    heading(ada, "Close")
    ada.get_by_role("link", name="Schedules", exact=True).click()
    heading(ada, "Schedules of Close")
    times = ada.get_by_role("list", name="Next times of month end")
    expect(times.get_by_role("listitem")).to_have_count(5)
    expect(times.get_by_role("listitem").first).to_contain_text("23:30 (UTC)")
    asleep = ada.get_by_role("switch", name="asleep starts runs")
    expect(asleep).not_to_be_checked()
    expect(ada.get_by_role("list", name="Why asleep will not fire").get_by_role("listitem")).not_to_have_count(0)
    switch = ada.get_by_role("switch", name="month end starts runs")
    expect(switch).to_be_checked()
    switch.press("Space")
    expect(switch).not_to_be_checked()
    expect(ada.get_by_role("list", name="Why month end will not fire")).to_contain_text("Ada")
    assert spec(ada, stage, 1, "month end")["paused"] is not None
    expect(switch).to_be_enabled()
    switch.press("Space")
    expect(switch).to_be_checked()
    expect(times.get_by_role("listitem")).to_have_count(5)
    assert spec(ada, stage, 1, "month end")["paused"] is None


def test_a_schedule_that_a_version_has_switched_off_is_switched_on_by_a_publish(ada: Page, stage: Server) -> None:
    stage.chain(CHAIN.replace("name: Close", "name: Night", 1))
    chains = api(ada, stage, "GET", "/environments/1/chains")["items"]
    number = next(one["id"] for one in chains if one["name"] == "Night")
    ada.goto(f"{stage.url}/chains/{number}/schedules")
    switch = ada.get_by_role("switch", name="asleep starts runs")
    switch.press("Space")
    dialog = ada.get_by_role("dialog", name="Switch asleep on?")
    dialog.get_by_role("button", name="Cancel").press("Enter")
    expect(dialog).to_have_count(0)
    expect(switch).not_to_be_checked()
    switch.press("Space")
    dialog.get_by_role("button", name="Switch on and publish").press("Enter")
    expect(dialog).to_have_count(0)
    expect(switch).to_be_checked()
    expect(ada.get_by_role("list", name="Next times of asleep").get_by_role("listitem")).to_have_count(5)
    draft = api(ada, stage, "GET", f"/chains/{number}/draft")
    assert (draft["published"]["version"], draft["unpublished_changes"]) == (2, False)


def test_a_schedule_is_written_with_its_next_times_before_it_is_published(ada: Page, stage: Server) -> None:
    ada.goto(f"{stage.url}/chains/1/schedules")
    ada.get_by_role("button", name="Add schedule").press("Enter")
    dialog = ada.get_by_role("dialog", name="Add a schedule")
    dialog.get_by_label("Name").fill("month end")
    dialog.get_by_label("Time zone").select_option("America/New_York")
    dialog.get_by_label("At", exact=True).fill("02:30")
    dialog.get_by_label("First day").fill("2027-03-13")
    dialog.get_by_label("Kind").fill("daily")
    # The night in which the clocks go forward, with the reason.
    times = dialog.get_by_role("list", name="Next times").get_by_role("listitem")
    expect(times.nth(0)).to_contain_text("Sat 2027-03-13 02:30 (-05:00)")
    expect(times.nth(1)).to_contain_text("Sun 2027-03-14 03:30 (-04:00)")
    expect(times.nth(1).locator("small")).not_to_be_empty()
    # A name that is taken is told at its field, and nothing is written.
    dialog.get_by_role("button", name="Save and publish").click()
    expect(dialog.get_by_label("Name")).to_have_accessible_description(
        "The name `month end` is used twice. Rename one of them."
    )
    assert api(ada, stage, "GET", "/chains/1/draft")["unpublished_changes"] is False
    # So is an input that the chain needs.
    dialog.get_by_label("Name").fill("mornings")
    dialog.get_by_label("Kind").fill("")
    dialog.get_by_role("button", name="Save and publish").click()
    expect(dialog.get_by_label("Kind")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Kind").fill("daily")
    dialog.get_by_role("button", name="Save and publish").press("Enter")
    expect(dialog).to_have_count(0)
    expect(ada.get_by_role("list", name="Next times of mornings").get_by_role("listitem")).to_have_count(5)
    made = spec(ada, stage, 1, "mornings")["schedule"]
    assert (made["every"], made["zone"], made["inputs"]) == ("day", "America/New_York", {"kind": "daily"})


def test_a_cron_text_is_tried_and_other_changes_are_not_published_unasked(ada: Page, stage: Server) -> None:
    draft = api(ada, stage, "GET", "/chains/2/draft")
    csrf = ada.request.get(f"{stage.url}/api/v2/session").json()["csrf_token"]
    changed = ada.request.put(
        f"{stage.url}/api/v2/chains/2/draft",
        headers={"X-CSRF-Token": csrf, "If-Match": f'"{draft["revision"]}"'},
        data={"document": draft["document"] | {"description": "Somebody is at work."}},
    )
    assert changed.ok
    ada.goto(f"{stage.url}/chains/2/schedules")
    expect(ada.get_by_text("No schedule starts this chain")).to_be_visible()
    ada.get_by_role("button", name="Add schedule").click()
    dialog = ada.get_by_role("dialog", name="Add a schedule")
    dialog.get_by_label("Name").fill("office")
    dialog.get_by_label("Repeats every").select_option("cron")
    dialog.get_by_label("Cron text").fill("0 25 * * *")
    expect(dialog.get_by_text("Mend the marked fields.")).to_be_visible()
    expect(dialog.get_by_label("Cron text")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Cron text").fill("0 9 * * MON-FRI")
    expect(dialog.get_by_role("list", name="Next times").get_by_role("listitem")).to_have_count(8)
    expect(dialog.get_by_label("Publish the chain now")).not_to_be_checked()
    expect(dialog.get_by_text("The draft has other changes, which would be published too.")).to_be_visible()
    dialog.get_by_role("button", name="Save in the draft").click()
    expect(dialog).to_have_count(0)
    assert spec(ada, stage, 2, "office") is None
    document = api(ada, stage, "GET", "/chains/2/draft")["document"]
    assert (document["description"], document["schedules"][0]["cron"]) == ("Somebody is at work.", "0 9 * * MON-FRI")


def test_the_calendar_of_an_environment_leads_to_the_chain(ada: Page, stage: Server) -> None:
    ada.goto(f"{stage.url}/environments/1")
    heading(ada, "DEV")
    ada.get_by_role("link", name="Schedules", exact=True).click()
    heading(ada, "Schedules of DEV")
    table = ada.get_by_role("table", name="Schedules")
    expect(table.get_by_role("row").filter(has_text="asleep").get_by_role("cell").nth(3)).to_have_text("No")
    table.get_by_role("link", name="Close").first.click()
    heading(ada, "Schedules of Close")


@LOOKS
def test_the_pages_have_no_axe_violation(
    browser: Browser, ada: Page, stage: Server, tmp_path: Path, scheme: Any, width: int
) -> None:
    wrong: list[str] = []
    with another_look(browser, ada, scheme, width) as page:
        for path, name in (
            ("/environments/1/schedules", "Schedules of DEV"),
            ("/chains/1/schedules", "Schedules of Close"),
        ):
            page.goto(stage.url + path)
            heading(page, name)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=tmp_path / f"{path.replace('/', '-')}-{scheme}-{width}.png", full_page=True)
            wrong += [f"{path}: {fault}" for fault in faults(page)]
        page.get_by_role("button", name="Add schedule").click()
        dialog = page.get_by_role("dialog", name="Add a schedule")
        expect(dialog.get_by_role("list", name="Next times").get_by_role("listitem")).to_have_count(8)
        page.screenshot(path=tmp_path / f"dialog-{scheme}-{width}.png")
        wrong += [f"dialog: {fault}" for fault in faults(page)]
        dialog.get_by_label("Repeats every").select_option("cron")
        dialog.get_by_label("Cron text").fill("nonsense")
        expect(dialog.get_by_text("Mend the marked fields.")).to_be_visible()
        wrong += [f"dialog with a fault: {fault}" for fault in faults(page)]
    assert not wrong, "\n".join(wrong)
