"""Decisions of telling: pauses, files, lines, addresses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.kernel.errors import Conflict
from onecloud.notify import layout, message
from onecloud.notify.model import (
    Attachment,
    Claimed,
    DeliveryState,
    Letter,
    NotSent,
    Retrying,
    Sent,
    Settled,
    TryOutcome,
)
from onecloud.notify.rules import addresses, delivery, texts

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
USUAL = Retrying(timedelta(minutes=1), timedelta(hours=6), timedelta(hours=24))
durations = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=10))


def claimed(attempt: int, give_up_at: datetime) -> Claimed:
    return Claimed(1, attempt, give_up_at, NOW, Letter("a@example.com", "s", "t"))


def test_the_usual_pauses() -> None:
    minutes = [delivery.pause_before(attempt, USUAL).total_seconds() / 60 for attempt in range(2, 13)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


@given(durations, durations, durations, st.integers(1, 10_000))
def test_a_letter_that_never_gets_through_ends_exactly_when_its_time_is_over(
    first: timedelta, longest: timedelta, give_up_after: timedelta, seed: int
) -> None:
    retrying = Retrying(first, max(first, longest), give_up_after)
    now, give_up_at = NOW, NOW + give_up_after
    pauses: list[timedelta] = []
    for attempt in range(1, 200):
        found = delivery.settle(claimed(attempt, give_up_at), NotSent("no."), retrying, now)
        if found.state == "given_up":
            assert now == give_up_at
            assert found.next_try_at is None
            break
        assert found.next_try_at is not None
        assert now < found.next_try_at <= give_up_at
        pauses.append(found.next_try_at - now)
        now = found.next_try_at
        if attempt == 199:
            assert give_up_after / retrying.longest_pause > 100
    # But for the last one, which ends the time, they only grow, and none is longer than the longest.
    assert pauses[:-1] == sorted(pauses[:-1])
    assert all(first <= pause <= retrying.longest_pause for pause in pauses[:-1])


def test_what_cannot_be_helped_is_not_tried_again() -> None:
    late = NOW + timedelta(days=1)
    assert delivery.settle(claimed(1, late), Sent(), USUAL, NOW) == Settled("sent", None, None)
    assert delivery.settle(claimed(1, late), NotSent("no.", final=True), USUAL, NOW) == Settled("given_up", None, "no.")
    outcome: TryOutcome = NotSent("no.")
    assert delivery.settle(claimed(1, NOW), outcome, USUAL, NOW).last_error == "no. Given up after trying once."


@pytest.mark.parametrize(("state", "code"), [("sent", "delivery.sent"), ("sending", "delivery.sending")])
def test_what_is_sent_or_on_its_way_is_not_sent_again(state: DeliveryState, code: str) -> None:
    with pytest.raises(Conflict) as refused:
        delivery.check_retry(1, state)
    assert refused.value.code == code


files = st.lists(st.one_of(st.none(), st.integers(0, 1000)), max_size=8)


@given(files, st.integers(0, 2000))
def test_each_file_goes_along_or_is_named(sizes: list[int | None], most: int) -> None:
    stored = [(Attachment(f"k{i}", f"file-{i}.txt", size or 0), size) for i, size in enumerate(sizes)]
    taken, notes = delivery.attachable(stored, most)
    names = {file.name for file in taken}
    assert len(taken) + len(notes) == len(sizes)
    assert sum(size or 0 for file, size in stored if file.name in names) <= most
    for file, size in stored:
        assert (file.name in names) != any(f" {file.name} is not attached" in note for note in notes)
        if size is None:
            assert file.name not in names
    if all(size is not None for size in sizes) and sum(size or 0 for size in sizes) <= most:
        assert notes == ()


@given(st.integers(0, 2**40))
def test_a_shown_size_is_never_below_the_size(size: int) -> None:
    number, unit = delivery.shown_size(size).split()
    assert float(number) * {"bytes": 1, "KB": 1024, "MB": 1024**2}[unit] >= size - 1e-6 * size


@given(st.text())
def test_a_line_is_one_line_and_stays_as_it_is(text: str) -> None:
    line = texts.one_line(text)
    assert line.isprintable()
    assert len(line.splitlines()) <= 1
    assert texts.one_line(line) == line


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_a_clean_letter_can_be_stored_anywhere(text: str) -> None:
    letter = texts.clean(Letter(text, text, text, html=text, attachments=(Attachment("k", text, 1),)))
    for part in (letter.to, letter.subject, letter.text, letter.html or "", letter.attachments[0].name):
        part.encode()  # no halves of pairs
        assert "\x00" not in part
    assert "\r" not in letter.text
    assert "/" not in letter.attachments[0].name
    assert letter.attachments[0].name not in ("", ".", "..")
    assert texts.clean(letter) == letter


odd = st.text(st.characters(exclude_categories=()), max_size=300)


@given(odd, odd)
def test_keys_fit_and_stay_apart(one: str, other: str) -> None:
    assert len(texts.fitting_key(one)) <= 200
    texts.fitting_key(one).encode()
    assert texts.fitting_key(texts.fitting_key(one)) == texts.fitting_key(one)
    assert (texts.fitting_key(one) == texts.fitting_key(other)) == (one == other)


def test_a_text_over_the_limit_says_so() -> None:
    letter = texts.clean(Letter("a@example.com", "s", "x" * (texts.TEXT_MOST + 5), html="<p>…</p>"))
    assert letter.html is None
    assert "it has 500005 characters, a notification takes 500000" in letter.text[-200:]
    whole = texts.clean(Letter("a@example.com", "s", "x" * texts.TEXT_MOST, html="<p>…</p>"))
    assert (len(whole.text), whole.html) == (texts.TEXT_MOST, "<p>…</p>")


def test_a_long_subject_stands_in_full_above_the_text() -> None:
    subject = "word " * 100
    composed = message.compose(ENVELOPE, Letter("a@example.com", subject, "text"))
    assert str(composed["Subject"]).endswith("…")
    body = composed.get_body(("plain",))
    assert body is not None
    assert str(body.get_content()).startswith(subject.strip() + "\n\ntext")


ENVELOPE = message.Envelope("OneCloud <robot@example.com>", "1@example.com", "notifications.example.com", NOW)
HEADERS = [
    "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "List-Id",
    "MIME-Version", "Content-Type",
]  # fmt: skip


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=80), st.text(max_size=80), st.text(max_size=40))
def test_no_letter_makes_a_header_of_its_own(subject: str, text: str, name: str) -> None:
    letter = Letter("ada@example.com", subject, text)
    part = message.Part(name, text, b"\x00\r\n")
    raw = message.compose(ENVELOPE, letter, [part], ["a note"]).as_bytes()
    read = message_from_bytes(raw, policy=policy.default)
    assert sorted(read.keys()) == sorted(HEADERS)
    line = texts.subject_line(texts.one_line(subject))[0]
    assert str(make_header(decode_header(str(message_from_bytes(raw)["Subject"])))).split() == line.split()
    plain = read.get_body(("plain",))
    assert plain is not None
    assert cast(str, plain.get_content()).replace("\r\n", "\n").rstrip("\n").endswith("a note")
    (file,) = read.iter_attachments()
    assert file.get_payload(decode=True) == b"\x00\r\n"
    assert all(len(row) <= 998 for row in raw.split(b"\r\n"))


@pytest.mark.parametrize("text", ["", "nobody", "@example.com", "a@", "a b <>"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no mail address|no domain|Invalid"):
        message.address(text)


def test_a_domain_of_other_letters_is_sent_in_ascii() -> None:
    assert message.address("a@bücher.example").addr_spec == "a@xn--bcher-kva.example"
    assert message.address("Grüße <a@b.example>").display_name == "Grüße"
    with pytest.raises(ValueError, match="no domain name"):
        message.address("a@ü..example")


@given(st.text(alphabet="<>&\"'/ab:htps.\n", max_size=60))
def test_text_is_never_markup(text: str) -> None:
    shown = layout.paragraphs(text) + layout.linked(text) + layout.facts([(text, text)]) + layout.badge(text)
    shown += layout.heading(text) + layout.listing([(text, text, text)]) + layout.button(text, text)
    stripped = shown
    for tag in ("p", "a", "table", "tr", "td", "h1", "span"):
        stripped = "".join(piece for piece in _without(stripped, tag))
    assert "<" not in stripped.replace("<br>", "")


def _without(page: str, tag: str) -> list[str]:
    """The page without opening and closing marks of one element; attributes hold no raw quotes or brackets."""
    import re

    return re.split(rf"</?{tag}(?: [a-z]+=\"[^\"<>]*\")*>", page)


def test_web_addresses_can_be_followed_and_nothing_else() -> None:
    assert layout.linked('see https://a.example/x?a=1&b="2". Or javascript:alert(1)') == (
        'see <a href="https://a.example/x?a=1&amp;b=">https://a.example/x?a=1&amp;b=</a>'
        "&quot;2&quot;. Or javascript:alert(1)"
    )


def test_notes_stand_inside_the_document() -> None:
    page = layout.with_notes(layout.letter("s", "text"), ["a <note>"])
    assert page.index("a &lt;note&gt;") < page.index("</body>")
    assert layout.with_notes("<p>x</p>", ["n"]).startswith("<p>x</p><p")
    assert layout.with_notes("<body>x</body>", ["n"]).endswith("</p></body>")
    assert layout.with_notes("x", []) == "x"


SLACK = "slack://TokenA1/TokenB2/TokenC3/#general"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("slack", "no Apprise address"),
        ("", "no Apprise address"),
        ("mailto://user:pass@example.com", "Use `email`"),
        ("syslog://", "not taken here"),
        (SLACK, None),
        ("  JSON://localhost", None),
    ],
)
def test_an_address_is_looked_at_before_it_is_used(address: str, words: str | None) -> None:
    fault = addresses.address_fault(address)
    assert fault is None if words is None else words in (fault or "")


def test_nothing_of_an_address_is_shown_but_its_scheme() -> None:
    assert addresses.masked_address(SLACK, "abcdef0123") == "slack://••• (abcdef)"
    said = addresses.secret_parts(SLACK)
    assert {"TokenA1", "TokenB2", "TokenC3", SLACK} <= said
    assert "slack" not in said


@given(st.lists(st.text("abcXYZ019-_%", min_size=4, max_size=20), min_size=1, max_size=5))
def test_each_piece_of_an_address_is_masked_in_what_a_service_says(pieces: list[str]) -> None:
    from onecloud.kernel.secret import redact

    address = "json://" + "/".join(pieces)
    said = redact(f"POST {address} failed; token {pieces[-1]}", addresses.secret_parts(address))
    assert not any(piece in said for piece in pieces)


def test_a_long_reason_is_cut_visibly() -> None:
    assert texts.reason("a\r\nb") == "a b"
    assert len(texts.reason("x" * 2000)) == texts.REASON_MOST
    assert texts.reason("x" * 2000).endswith("…")
