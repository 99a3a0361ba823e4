"""People answer a run in a real browser: the inbox, the link of a mail, a change of who is asked, and files."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import violations
from tests.e2e.conftest import WORKSPACE
from tests.e2e.desk import administrator, api, heading
from tests.e2e.server import Server
from tests.notify.servers import MailHouse
from tests.postgres import free_port

APPROVAL = """
onecloud: 1
name: Month end
allow_concurrent_runs: true
inputs: [{name: title, label: Title, default: Close the month}]
start: report
nodes:
  report: {name: Make the report, command: files.create, inputs: {name: march.csv, text: "a,b\\n1,2\\n"}}
  sign:
    name: Sign off
    command: event.approval
    inputs:
      title: ${{ input.title }}
      approvers: Runtime User
      requesters: Runtime User
      details: |
        The figures of March are in the report.
        Please compare the totals.
      attachments: ${{ node.report.file }}
  done: {name: Publish, command: script.shell, inputs: {code: "echo ${{ node.sign.answers[0].comment }}"}}
  sorry: {name: Say sorry, command: script.shell, inputs: {code: "echo sorry"}}
links:
  - {from: report, to: sign}
  - {from: sign, to: done}
  - {from: sign, to: sorry, when: failure}
"""
FILES = """
onecloud: 1
name: Collect figures
allow_concurrent_runs: true
start: ask
nodes:
  ask:
    name: Ask for figures
    command: event.file_upload
    inputs: {title: Figures of March, details: One file for each country., endings: .csv, max_files: 2}
  read: {name: Read them, command: files.checksum, inputs: {file: "${{ node.ask.file }}"}}
links: [{from: ask, to: read}]
"""
ENDED = ("errored", "warned", "all_succeeded", "stopped")


@pytest.fixture(scope="module")
def mails() -> Generator[MailHouse]:
    """A mail server that keeps what it takes."""
    house = MailHouse(port=free_port())
    server = Controller(house, hostname="127.0.0.1", port=house.port)
    server.start()
    yield house
    server.stop()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, mails: MailHouse) -> Generator[Server]:
    """A server with a mail server and two chains that ask people."""
    server = Server(tmp_path_factory.mktemp("approvals") / "data")
    server.environment |= {
        "ONECLOUD_PUBLIC_URL": server.url,
        "ONECLOUD_SMTP_HOST": "127.0.0.1",
        "ONECLOUD_SMTP_PORT": str(mails.port),
        "ONECLOUD_SMTP_SECURITY": "none",
        "ONECLOUD_SMTP_FROM": "OneCloud <robot@example.com>",
    }
    server.start()
    server.workspace(WORKSPACE)
    server.chain(APPROVAL)
    server.chain(FILES)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def ada(browser: Browser, stage: Server) -> Generator[Page]:
    """A page of Ada, who administers and is asked."""
    with administrator(browser, stage) as page:
        yield page


def start(page: Page, stage: Server, chain: str, title: str = "") -> str:
    """Start a chain; gives the run."""
    chains = api(page, stage, "GET", "/environments/1/chains")["items"]
    number = next(one["id"] for one in chains if one["name"] == chain)
    inputs = {"title": title} if title else {}
    return str(api(page, stage, "POST", f"/chains/{number}/runs", {"inputs": inputs})["id"])


def ended(page: Page, stage: Server, run: str) -> Any:
    """The run once it is over."""
    seen: Any = None
    for _ in range(300):
        seen = api(page, stage, "GET", f"/runs/{run}")
        if seen["state"] in ENDED:
            return seen
        page.wait_for_timeout(100)
    raise AssertionError(f"run {run} did not end: {seen}")


def asked(page: Page, stage: Server, title: str) -> str:
    """The open approval of that title, once the run has asked."""
    for _ in range(300):
        for one in api(page, stage, "GET", "/approvals?state=open&mine=true")["items"]:
            if one["title"] == title:
                return str(one["id"])
        page.wait_for_timeout(100)
    raise AssertionError(f"nobody asked for {title!r}")


def wanted(page: Page, stage: Server, run: str) -> str:
    """The upload that a run asks for, once it has asked."""
    for _ in range(300):
        for one in api(page, stage, "GET", "/uploads?state=open&mine=true")["items"]:
            if one["run_id"] == run:
                return str(one["id"])
        page.wait_for_timeout(100)
    raise AssertionError(f"run {run} asked for no files")


def link_of(page: Page, mails: MailHouse, title: str) -> str:
    """The link in the mail that asks for an approval."""
    for _ in range(300):
        for mail in mails.taken:
            if str(mail.message["Subject"]) == f"Approval asked: {title}":
                found = re.search(r"http://\S+/approve#\S+", mail.text())
                assert found is not None, mail.text()
                return found.group()
        page.wait_for_timeout(100)
    raise AssertionError(f"no mail about {title!r}")


def test_an_approval_is_answered_from_the_inbox_and_the_run_goes_on(ada: Page, stage: Server) -> None:
    run = start(ada, stage, "Month end", "Close March")
    asked(ada, stage, "Close March")
    ada.goto(stage.url)
    ada.get_by_role("navigation", name="Main").get_by_role("link", name="Approvals").click()
    heading(ada, "Approvals")
    ada.get_by_role("link", name="Answer: Close March").click()
    heading(ada, "Close March")
    expect(ada.get_by_text("Please compare the totals.")).to_be_visible()
    with ada.expect_download() as download:
        ada.get_by_role("button", name="Download march.csv").click()
    assert Path(download.value.path()).read_bytes() == b"a,b\n1,2\n"
    ada.get_by_label("Comment").fill("All good")
    ada.get_by_role("button", name="Accept").press("Enter")
    expect(ada.get_by_role("status")).to_contain_text("Approved by Ada.", timeout=15_000)
    expect(ada.get_by_role("button", name="Accept")).to_have_count(0)
    expect(ada.locator("blockquote")).to_have_text("All good")
    seen = ended(ada, stage, run)
    assert seen["state"] == "all_succeeded", seen
    assert {node["key"]: node["state"] for node in seen["nodes"]}["sorry"] == "skipped"


def test_a_link_of_a_mail_answers_without_signing_in_and_only_by_a_click(
    browser: Browser, ada: Page, stage: Server, mails: MailHouse
) -> None:
    run = start(ada, stage, "Month end", "Close April")
    number = asked(ada, stage, "Close April")
    link = link_of(ada, mails, "Close April")
    context = browser.new_context(locale="en-GB", timezone_id="Europe/Berlin")
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url + json.dumps(request.headers)))
    page.goto(link)
    heading(page, "Close April")
    token = link.partition("#")[2]
    assert page.url == f"{stage.url}/approve"
    assert not [one for one in requests if token in one], "the token is in no address and no header"
    assert api(ada, stage, "GET", f"/approvals/{number}")["state"] == "open", "looking answers nothing"
    with page.expect_download() as download:
        page.get_by_role("button", name="Download march.csv").click()
    assert Path(download.value.path()).read_bytes() == b"a,b\n1,2\n"
    page.get_by_label("Comment").fill("The total is wrong")
    page.get_by_role("button", name="Reject").click()
    heading(page, "You have rejected")
    page = context.new_page()
    page.goto(link)
    heading(page, "There is nothing to answer")
    expect(page.get_by_role("alert")).to_contain_text("Ada has rejected this already")
    page.reload()
    heading(page, "This link is not complete")
    context.close()
    seen = ended(ada, stage, run)
    states = {node["key"]: node["state"] for node in seen["nodes"]}
    assert (seen["state"], states["sorry"], states["done"]) == ("warned", "succeeded", "skipped")
    assert token not in stage.log()
    # The requester is told the result by mail.
    told: list[str] = []
    for _ in range(300):
        told = [mail.text() for mail in mails.taken if str(mail.message["Subject"]) == "Rejected: Close April"]
        if told:
            break
        ada.wait_for_timeout(100)
    assert "The total is wrong" in told[0]


def test_an_administrator_changes_the_time_and_sees_why_a_change_is_refused(ada: Page, stage: Server) -> None:
    start(ada, stage, "Month end", "Close May")
    number = asked(ada, stage, "Close May")
    ada.goto(f"{stage.url}/approvals/{number}")
    heading(ada, "Close May")
    ada.get_by_role("button", name="Change who is asked").click()
    dialog = ada.get_by_role("dialog", name="Change who is asked")
    dialog.get_by_label("Ada").check()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Nobody would be left who answers")
    dialog.get_by_label("Ada").uncheck()
    dialog.get_by_label("New time to answer, in days").fill("30")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    assert api(ada, stage, "GET", f"/approvals/{number}")["due_days"] == 30


def test_a_question_outlives_a_power_cut_and_is_asked_once(ada: Page, stage: Server, mails: MailHouse) -> None:
    run = start(ada, stage, "Month end", "Close the year")
    number = asked(ada, stage, "Close the year")
    link_of(ada, mails, "Close the year")
    stage.kill()
    stage.start()
    assert api(ada, stage, "GET", f"/runs/{run}")["state"] == "running"
    api(ada, stage, "POST", f"/approvals/{number}/answer", {"verdict": "accept"})
    assert ended(ada, stage, run)["state"] == "all_succeeded"
    about = [str(mail.message["Subject"]) for mail in mails.taken if "Close the year" in str(mail.message["Subject"])]
    assert about.count("Approval asked: Close the year") == 1


def test_files_are_uploaded_and_the_run_goes_on_with_them(ada: Page, stage: Server, tmp_path: Path) -> None:
    run = start(ada, stage, "Collect figures")
    for name in ("spain.csv", "italy.csv", "notes.txt"):
        (tmp_path / name).write_text(f"{name}\n")
    ada.goto(f"{stage.url}/approvals")
    ada.get_by_role("link", name="Upload files: Figures of March").click(timeout=30_000)
    heading(ada, "Figures of March")
    expect(ada.get_by_role("button", name="Complete")).to_be_disabled()
    with ada.expect_file_chooser() as chooser:
        ada.get_by_role("button", name="Choose files").click()
    chooser.value.set_files([tmp_path / "spain.csv", tmp_path / "notes.txt", tmp_path / "italy.csv"])
    files = ada.get_by_role("list", name="Uploaded files")
    expect(files.get_by_role("listitem")).to_have_count(2, timeout=15_000)
    expect(ada.get_by_role("alert")).to_contain_text("notes.txt does not end in .csv")
    ada.get_by_role("button", name="Remove italy.csv").click()
    expect(files.get_by_role("listitem")).to_have_count(1)
    ada.get_by_label("Comment").fill("Italy follows")
    ada.get_by_role("button", name="Complete").click()
    expect(ada.get_by_role("status").first).to_contain_text("Ada uploaded spain.csv.", timeout=15_000)
    seen = ended(ada, stage, run)
    assert seen["state"] == "all_succeeded", seen


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)])
def test_the_pages_have_no_axe_violation(
    browser: Browser, ada: Page, stage: Server, mails: MailHouse, tmp_path: Path, scheme: Any, width: int
) -> None:
    title = f"Close June, {scheme} {width}"
    start(ada, stage, "Month end", title)
    number = asked(ada, stage, title)
    link = link_of(ada, mails, title)
    # One that is answered, and one that asks for files: each test makes its own, in whatever order they come.
    settled = f"Closed, {scheme} {width}"
    start(ada, stage, "Month end", settled)
    answered = asked(ada, stage, settled)
    api(ada, stage, "POST", f"/approvals/{answered}/answer", {"verdict": "accept"})
    collecting = start(ada, stage, "Collect figures")
    upload = wanted(ada, stage, collecting)
    context = browser.new_context(
        storage_state=ada.context.storage_state(),
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
    )
    page = context.new_page()
    visits = {
        "/approvals": "Approvals",
        "/approvals?view=all": "Approvals",
        f"/approvals/{number}": title,
        f"/approvals/{answered}": settled,
        f"/uploads/{upload}": "Figures of March",
        link.removeprefix(stage.url): title,
    }
    faults: list[str] = []
    for at, (path, name) in enumerate(visits.items()):
        page.goto(stage.url + path)
        heading(page, name)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=tmp_path / f"{at}-{scheme}-{width}.png", full_page=True)
        faults += [f"{path}: {fault}" for fault in violations(page)]
        wide = page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
        assert not wide, f"{path} is wider than the screen"
    page.goto(f"{stage.url}/approvals/{number}")
    page.get_by_role("button", name="Change who is asked").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.screenshot(path=tmp_path / f"9-{scheme}-{width}.png")
    faults += [f"dialog: {fault}" for fault in violations(page)]
    context.close()
    api(ada, stage, "POST", f"/runs/{collecting}/stop")  # leaves no question open for the other tests
    assert not faults, "\n".join(faults)
