"""The main job in a real browser: set up, sign in, enable API access, run a chain, read its log, revoke."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import violations
from tests.e2e.conftest import WORKSPACE
from tests.e2e.server import PASSWORD, Server

CHAIN = """
onecloud: 1
name: Monthly report
allow_concurrent_runs: true
description: Makes a small report
inputs: [{name: period, label: Period, required: true, default: 2026-01}]
start: make
nodes:
  make:
    name: Make the report
    command: files.create
    inputs: {name: report.csv, text: "a,b\\n1,${{ input.period }}\\n"}
  look: {name: Look inside, command: script.shell, inputs: {code: "echo Hello from the log"}}
links: [{from: make, to: look}]
"""
SLEEPER = """
onecloud: 1
name: Sleeper
start: wait
nodes: {wait: {name: Wait long, command: script.shell, inputs: {code: "echo begun; sleep 60"}}}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """A server that nobody has set up yet, with a workspace and two chains."""
    server = Server(tmp_path_factory.mktemp("browser") / "data")
    server.start()
    server.workspace(WORKSPACE)
    server.chain(CHAIN)
    server.chain(SLEEPER)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, stage: Server) -> Generator[Page]:
    """A page of the administrator whom the setup link has made."""
    page = browser.new_context(locale="en-GB", timezone_id="Europe/Berlin").new_page()
    link = re.search(r"http://\S+/setup#token=\S+", stage.log())
    assert link is not None
    page.goto(link.group())
    heading(page, "Set up OneCloud")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("First name").fill("Ada")
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Create administrator").click()
    heading(page, "Workspaces")
    yield page
    page.context.close()


def heading(page: Page, name: str) -> None:
    """Wait for a page by its heading."""
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=20_000)


def test_the_setup_link_works_once_and_the_setup_token_is_not_in_the_log(signed_in: Page, stage: Server) -> None:
    link = re.search(r"http://\S+/setup#token=(\S+)", stage.log())
    assert link is not None
    assert stage.log().count(link.group(1)) == 1, "printed once for the person, never logged"
    again = httpx2.post(
        f"{stage.url}/api/v2/setup", json={"token": link.group(1), "email": "eve@example.com", "password": PASSWORD}
    )
    assert again.status_code in (409, 422), again.text


def test_a_person_signs_out_and_in_again_and_a_wrong_password_is_refused(
    browser: Browser, stage: Server, signed_in: Page
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{stage.url}/admin/api")
    heading(page, "Sign in")
    page.get_by_label("Email").fill("ada@example.com")
    page.locator("input[type=password]").fill("not-the-password-1!")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Enable API Access")).to_be_visible(timeout=20_000)
    cookie = next(cookie for cookie in context.cookies() if cookie.get("name") == "oc_session")
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Lax")
    page.get_by_role("button", name=re.compile("Account menu")).click()
    page.get_by_role("menuitem", name="Sign out", exact=True).click()
    heading(page, "Sign in")
    context.close()


def test_a_chain_is_run_with_its_input_and_its_log_is_read(signed_in: Page, stage: Server) -> None:
    page = signed_in
    page.goto(stage.url)
    page.get_by_role("link", name=re.compile("^DEV")).click()
    heading(page, "DEV")
    page.get_by_role("button", name="Run Monthly report").click()
    dialog = page.get_by_role("dialog", name="Run Monthly report")
    dialog.get_by_label("Period").fill("2026-09")
    dialog.get_by_role("button", name="Run chain").click()
    heading(page, "Monthly report, run")
    expect(page.get_by_text("Succeeded").first).to_be_visible(timeout=30_000)
    page.locator("ul").get_by_role("button", name=re.compile("Look inside")).click()
    expect(page.get_by_role("region", name="Log of Look inside")).to_contain_text("Hello from the log", timeout=15_000)
    page.locator("ul").get_by_role("button", name=re.compile("Make the report")).click()
    page.get_by_role("tab", name="Outputs").click()
    expect(page.get_by_role("region", name=re.compile("^Preview of"))).to_contain_text("2026-09", timeout=15_000)


def test_a_run_is_watched_live_and_stopped(signed_in: Page, stage: Server) -> None:
    page = signed_in
    page.goto(stage.url)
    page.get_by_role("link", name=re.compile("^DEV")).click()
    page.get_by_role("button", name="Run Sleeper").click()
    page.get_by_role("dialog", name="Run Sleeper").get_by_role("button", name="Run chain").click()
    heading(page, "Sleeper, run")
    page.locator("ul").get_by_role("button", name=re.compile("Wait long")).click()
    expect(page.get_by_role("region", name="Log of Wait long")).to_contain_text("begun", timeout=15_000)
    page.get_by_role("button", name="Stop run").click()
    page.get_by_role("dialog", name="Stop this run?").get_by_role("button", name="Stop run").click()
    expect(page.get_by_text("Stopped").first).to_be_visible(timeout=15_000)


def test_api_access_is_enabled_used_gone_from_the_page_and_revoked(signed_in: Page, stage: Server) -> None:
    page = signed_in
    page.goto(f"{stage.url}/admin/api")
    page.get_by_role("button", name="Enable API Access").click()
    expect(page.get_by_role("heading", name="Copy these tokens now")).to_be_visible(timeout=15_000)
    token = page.get_by_label("Access token", exact=True).input_value()
    assert re.fullmatch(r"oc_at_[0-9A-Za-z]+", token)
    assert token not in page.url
    stored = page.evaluate("() => JSON.stringify([localStorage, sessionStorage])")
    assert token not in stored
    use = {"Authorization": f"Bearer {token}"}
    assert httpx2.get(f"{stage.url}/api/v1/metadata/workspace", headers=use).status_code == 200
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Workspaces").click()
    heading(page, "Workspaces")
    page.go_back()
    expect(page.get_by_role("button", name="Revoke API Access")).to_be_visible(timeout=15_000)
    assert token not in page.content()
    page.get_by_role("button", name="Revoke API Access").click()
    page.get_by_role("dialog", name="Revoke API access?").get_by_role("button", name="Revoke API Access").click()
    expect(page.get_by_role("button", name="Enable API Access")).to_be_visible(timeout=15_000)
    dead = httpx2.get(f"{stage.url}/api/v1/metadata/workspace", headers=use)
    assert dead.status_code == 401
    assert dead.headers["www-authenticate"].startswith("Bearer")
    assert token not in stage.log()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_has_an_axe_violation(
    browser: Browser, stage: Server, signed_in: Page, tmp_path: Path, scheme: str, width: int
) -> None:
    context = browser.new_context(
        storage_state=signed_in.context.storage_state(),
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
    )
    page = context.new_page()
    csrf = page.request.get(f"{stage.url}/api/v2/session").json()["csrf_token"]
    headers = {"X-CSRF-Token": csrf}
    body = {"inputs": {"period": "2026-11"}}
    run = page.request.post(f"{stage.url}/api/v2/chains/1/runs", data=body, headers=headers).json()
    visits = {
        "/": "Workspaces",
        "/environments/1": "DEV",
        "/chains/1": "Monthly report",
        f"/runs/{run['id']}": "Monthly report, run",
        "/admin": "Admin",
        "/admin/api": "API",
        "/admin/users": "Users",
        "/admin/login-activity": "Login activity",
    }
    faults: list[str] = []
    for path, name in visits.items():
        page.goto(stage.url + path)
        heading(page, name)
        page.wait_for_load_state("networkidle") if "/runs/" not in path else page.wait_for_timeout(1500)
        page.screenshot(path=tmp_path / f"{name}-{scheme}-{width}.png".replace("/", "-"), full_page=True)
        faults += [f"{path}: {fault}" for fault in violations(page)]
    context.close()
    assert not faults, "\n".join(faults)


def test_every_page_that_needs_nobody_has_no_axe_violation(browser: Browser, stage: Server) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    for path in ("/sign-in", "/reset#token=x", "/setup"):
        page.goto(stage.url + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=20_000)
        assert violations(page) == []
    context.close()


def test_the_content_policy_is_strict_and_no_page_breaks_it(browser: Browser, stage: Server) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    answer = page.goto(f"{stage.url}/sign-in")
    assert answer is not None
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=20_000)
    assert [error for error in errors if "401" not in error] == []
    page.close()
