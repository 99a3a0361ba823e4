"""What browser tests do again and again: sign Ada in, ask the API as her, and look a page over."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import violations
from tests.e2e.server import PASSWORD, Server

LOOKS: Final = pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]
)


def heading(page: Page, name: str) -> None:
    """Wait for a page by its heading."""
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=20_000)


@contextmanager
def administrator(browser: Browser, stage: Server) -> Generator[Page]:
    """A page of Ada, whom the server's setup link makes an administrator."""
    page = browser.new_context(locale="en-GB", timezone_id="Europe/Berlin").new_page()
    link = re.search(r"http://\S+/setup#token=\S+", stage.log())
    assert link is not None
    page.goto(link.group())
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("First name").fill("Ada")
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Create administrator").click()
    heading(page, "Workspaces")
    yield page
    page.context.close()


def api(page: Page, stage: Server, method: str, path: str, body: Any = None) -> Any:
    """One request of the person who is signed in on the page."""
    csrf = page.request.get(f"{stage.url}/api/v2/session").json()["csrf_token"]
    answer = page.request.fetch(f"{stage.url}/api/v2{path}", method=method, headers={"X-CSRF-Token": csrf}, data=body)
    assert answer.ok, answer.text()
    return answer.json()


@contextmanager
def another_look(browser: Browser, page: Page | None, scheme: Any, width: int) -> Generator[Page]:
    """A page in these colours and of this width, for the same person or (None) for nobody."""
    context = browser.new_context(
        storage_state=page.context.storage_state() if page else None,
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
    )
    yield context.new_page()
    context.close()


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it is shown now: axe's verdict, and whether it is wider than the screen."""
    found = violations(page)
    if page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"):
        found.append("wider than the screen")
    return found
