"""The words and the times of notices, digests and summaries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onecloud.kernel.errors import Invalid
from onecloud.notify.model import Entry, Frequency, Happening, Notice, Recipient, RunCounts, Status, Summary
from onecloud.notify.rules import digests, notices, summaries

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
AT = datetime(2026, 11, 24, 12, 30, 15, tzinfo=UTC)
HAPPENING = Happening("errored", 3, "Nightly load", "Finance", "PROD", 1, 7, AT, "Load ledger", "exit code 3:\nno file")
moments = st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
statuses = st.sampled_from(get_args(Status))


@given(st.sets(statuses), statuses)
def test_a_notification_fires_for_its_own_statuses(on: set[Status], status: Status) -> None:
    assert notices.fires(tuple(on), status) == any(status == one for one in on)


def test_the_text_says_everything_with_the_chains_own_words_first() -> None:
    text = notices.plain(HAPPENING, "Call Bob.\n", "https://cloud.example.com/runs/7", ["A note."])
    assert text == (
        "Call Bob.\n\nState: errored\nChain: Nightly load\nCommand: Load ledger\nEnvironment: Finance / PROD\nRun: 7\n"
        "Time: 2026-11-24 12:30:15 UTC\nMessage: exit code 3: no file\n\nhttps://cloud.example.com/runs/7\n\nA note."
    )


def test_a_subject_of_its_own_wins() -> None:
    assert notices.subject(HAPPENING, Notice()) == "[PROD] Nightly load → Load ledger: errored"
    assert notices.subject(replace(HAPPENING, command=""), Notice()) == "[PROD] Nightly load: errored"
    assert notices.subject(HAPPENING, Notice(subject=" Oh\nno ")) == "Oh no"


def test_the_page_shows_text_as_text() -> None:
    evil = replace(HAPPENING, chain="<b>x</b>", message="<img src=x>")
    page = notices.page(evil, Notice(text="<script>1</script>"), "https://x/runs/7?a=1&b=2", ["<note>"])
    for tag in ("<b>", "<img", "<script>", "<note>"):
        assert tag not in page
    assert 'href="https://x/runs/7?a=1&amp;b=2"' in page
    assert "Open the run" not in notices.page(evil, Notice(), "")


def test_a_link_needs_the_servers_own_address() -> None:
    assert notices.run_link("", 7) == ""
    assert notices.run_link("https://cloud.example.com/", 7) == "https://cloud.example.com/runs/7"
    assert summaries.environment_link("https://c", 2) == "https://c/environments/2"
    assert summaries.environment_link("", 2) == ""


names = st.text("abc", min_size=1, max_size=2)


@given(st.lists(st.lists(names, max_size=8), max_size=10), st.sampled_from([", ", ";", " ", "\n,"]))
def test_each_recipient_is_told_once(groups: list[list[str]], between: str) -> None:
    to = tuple(between.join(f"{name}@x.example" for name in group) for group in groups)
    emails, notes = notices.recipients(Notice(to=(*to, "A@X.example")))
    wanted = {f"{name}@x.example" for group in groups for name in group} | {"a@x.example"}
    assert {email.lower() for email in emails} == wanted
    assert len(emails) == len(wanted)
    assert notes == ()


def test_too_many_recipients_are_said() -> None:
    emails, notes = notices.recipients(Notice(to=tuple(f"u{n}@x.example" for n in range(53))))
    assert len(emails) == notices.RECIPIENTS_MOST
    assert "names 53 recipients; 50 is the limit, and the last 3 were not told" in notes[0]


# --- digests ---


@given(moments)
@example(NINE)
def test_a_digest_is_due_soon_and_at_its_full_hour(at: datetime) -> None:
    hourly, daily = digests.due_at("hourly", at), digests.due_at("daily", at)
    assert at < hourly <= at + timedelta(hours=1)
    assert (hourly.minute, hourly.second, hourly.microsecond) == (0, 0, 0)
    assert at < daily <= at + timedelta(days=1)
    assert (daily.hour, daily.minute, daily.second, daily.microsecond) == (9, 0, 0, 0)


def entry(number: int, status: Status) -> Entry:
    at = AT + timedelta(seconds=number)
    recipient = Recipient("mail", "ada@example.com", "ada@example.com")
    return Entry(recipient, "daily", at, status, f"Chain {number}", "Finance / PROD", 1, 3, number, at, f"k{number}")


@given(st.lists(statuses, min_size=1, max_size=250))
def test_a_digest_counts_all_and_lists_the_newest(found: list[Status]) -> None:
    entries = [entry(number, status) for number, status in enumerate(found)]
    assert dict(digests.counted(entries)) == {status: found.count(status) for status in found}
    text = digests.plain(entries, "https://c")
    assert text.count("https://c/runs/") == min(len(found), digests.SHOWN_MOST)
    assert f"https://c/runs/{len(found) - 1}" in text
    left = len(found) - digests.SHOWN_MOST
    assert (f"{left} more are in the counts above" in text) == (left > 0)
    assert digests.page(entries, "https://c").count('<a href="https://c/runs/') == min(len(found), digests.SHOWN_MOST)


def test_a_digests_subject() -> None:
    found: list[Status] = ["errored", "succeeded", "errored"]
    assert digests.subject([entry(n, s) for n, s in enumerate(found)]) == "Daily digest: 1 succeeded, 2 errored"


# --- summaries ---

frequencies = st.sampled_from(get_args(Frequency))


@given(frequencies, moments)
@example("daily", NINE)
@example("weekly", NINE)
def test_the_next_moment_is_the_first_of_its_kind(frequency: Frequency, after: datetime) -> None:
    moment = summaries.next_moment(frequency, after)
    assert moment > after
    assert (moment.hour, moment.minute, moment.second, moment.microsecond) == (9, 0, 0, 0)
    assert {"daily": True, "weekly": moment.weekday() == 0, "monthly": moment.day == 1}[frequency]
    assert moment - after <= {"daily": timedelta(1), "weekly": timedelta(7), "monthly": timedelta(31)}[frequency]


@given(frequencies, moments)
def test_periods_follow_each_other_without_a_gap(frequency: Frequency, after: datetime) -> None:
    first = summaries.next_moment(frequency, after)
    second = summaries.next_moment(frequency, first)
    start, end = summaries.period(frequency, first)
    assert start < end <= first
    assert first - end == timedelta(hours=9)
    assert summaries.period(frequency, second)[0] == end
    assert (start.hour, start.minute, start.second) == (0, 0, 0)


@given(frequencies, moments, st.timedeltas(timedelta(0), timedelta(days=100)))
def test_after_a_standstill_the_newest_summary_is_sent(frequency: Frequency, after: datetime, gap: timedelta) -> None:
    next_at = summaries.next_moment(frequency, after)
    now = next_at + gap
    moment = summaries.last_moment(frequency, next_at, now)
    assert next_at <= moment <= now < summaries.next_moment(frequency, moment)


SUMMARY = Summary(1, 2, "PROD", "Finance", Recipient("mail", "a@x", "a@x"), "daily", AT, AT)


def test_what_a_summary_says() -> None:
    assert summaries.subject(SUMMARY, RunCounts(), "2026-11-23") == "Finance / PROD: no runs (2026-11-23)"
    assert summaries.subject(SUMMARY, RunCounts(1), "d") == "Finance / PROD: 1 run, 1 succeeded, 0 failed (d)"
    said = summaries.subject(SUMMARY, RunCounts(40, 1, 2, 3), "d")
    assert said == "Finance / PROD: 46 runs, 40 succeeded, 1 with warnings, 2 failed, 3 stopped (d)"
    text = summaries.plain(SUMMARY, RunCounts(40, 1, 2, 3), "2026-11-23", "https://c/environments/2")
    assert "Runs: 46\nSucceeded: 40\n" in text
    assert text.endswith("https://c/environments/2")
    assert "Open the environment" in summaries.page(SUMMARY, RunCounts(), "d", "https://c/environments/2")


def test_days_in_words() -> None:
    day = datetime(2026, 11, 23, tzinfo=UTC)
    assert summaries.shown_period(day, day + timedelta(days=1)) == "2026-11-23"
    assert summaries.shown_period(day, day + timedelta(days=7)) == "2026-11-23 to 2026-11-29"


@pytest.mark.parametrize(("email", "apprise"), [(None, None), ("a@x", "json://x")])
def test_a_summary_has_one_recipient(email: str | None, apprise: str | None) -> None:
    with pytest.raises(Invalid, match="give `email` or `apprise`"):
        summaries.check_one_recipient(email, apprise)
