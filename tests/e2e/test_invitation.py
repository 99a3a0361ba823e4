"""An invited person comes in by the link, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import WORKSPACE
from tests.e2e.desk import LOOKS, administrator, another_look, api, faults, heading
from tests.e2e.server import PASSWORD, Server


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """A server without mail: invitations are shown."""
    server = Server(tmp_path_factory.mktemp("invitation") / "data")
    server.start()
    server.workspace(WORKSPACE)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def ada(browser: Browser, stage: Server) -> Generator[Page]:
    """A page of Ada, who invites."""
    with administrator(browser, stage) as page:
        yield page


def invited(ada: Page, stage: Server, email: str) -> str:
    """The link of an invitation."""
    made = api(ada, stage, "POST", "/invitations", {"email": email, "first_name": "Bob"})
    link = str(made["url"])
    return link if link.startswith("http") else stage.url + link


def test_an_invited_person_chooses_a_password_by_the_keyboard_and_is_in(
    browser: Browser, ada: Page, stage: Server
) -> None:
    link = invited(ada, stage, "bob@example.com")
    token = link.partition("token=")[2]
    with another_look(browser, None, "light", 1280) as page:
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url + json.dumps(request.headers)))
        page.goto(link)
        heading(page, "Welcome to OneCloud")
        assert page.url == f"{stage.url}/invitation", "the token leaves the address"
        assert not [one for one in requests if token in one], "and is in no address and no header"
        expect(page.get_by_label("Email")).to_have_value("bob@example.com")
        expect(page.get_by_label("First name")).to_have_value("Bob")
        expect(page.get_by_label("First name")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.type("x" * 101)
        page.keyboard.press("Tab")
        page.keyboard.type("short")
        page.keyboard.press("Enter")
        # Each refusal stands at its field; the focus is at the first of them.
        last, password = page.get_by_label("Last name"), page.locator("input[type=password]")
        expect(last).to_have_accessible_description("The name has 101 characters. Use at most 100 characters.")
        expect(password).to_have_accessible_description(re.compile("at least 10 characters"))
        expect(last).to_be_focused()
        last.fill("Bee")
        password.fill(PASSWORD)
        page.keyboard.press("Enter")
        heading(page, "Workspaces")
        page.goto(f"{stage.url}/admin")
        expect(page.get_by_text("These pages need the administrator right.")).to_be_visible(timeout=20_000)
    with another_look(browser, None, "light", 1280) as page:
        page.goto(link)
        heading(page, "This invitation is used or expired")
        page.get_by_role("link", name="Go to sign-in").click()
        heading(page, "Sign in")
        page.get_by_label("Email").fill("bob@example.com")
        page.locator("input[type=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        heading(page, "Workspaces")
        page.goto(f"{stage.url}/invitation")
        heading(page, "This link is not complete")
    assert token not in stage.log()


def test_a_newer_invitation_ends_the_earlier_one_also_in_the_same_tab(
    browser: Browser, ada: Page, stage: Server
) -> None:
    first = invited(ada, stage, "cleo@example.com")
    people: Any = api(ada, stage, "GET", "/users")["items"]
    number = next(one["id"] for one in people if one["email"] == "cleo@example.com")
    second = api(ada, stage, "POST", f"/users/{number}/invitation")["url"]
    with another_look(browser, None, "light", 1280) as page:
        page.goto(first)
        heading(page, "This invitation is used or expired")
        page.evaluate("hash => { window.location.hash = hash }", second.partition("#")[2])
        heading(page, "Welcome to OneCloud")
        expect(page.get_by_label("Email")).to_have_value("cleo@example.com")


@LOOKS
def test_the_page_has_no_axe_violation(
    browser: Browser, ada: Page, stage: Server, tmp_path: Path, scheme: Any, width: int
) -> None:
    link = invited(ada, stage, f"{scheme}-{width}@example.com")
    wrong: list[str] = []
    with another_look(browser, None, scheme, width) as page:
        page.goto(link)
        heading(page, "Welcome to OneCloud")
        wrong += faults(page)
        page.get_by_label("Last name").fill("x" * 101)
        page.locator("input[type=password]").fill("short")
        page.get_by_role("button", name="Come in").click()
        expect(page.get_by_text("The name has 101 characters.")).to_be_visible()
        page.screenshot(path=tmp_path / f"invitation-{scheme}-{width}.png", full_page=True)
        wrong += faults(page)
        page.goto(f"{stage.url}/sign-in")
        page.goto(f"{stage.url}/invitation#token=x")
        heading(page, "This invitation is used or expired")
        wrong += faults(page)
    assert not wrong, "\n".join(wrong)
