"""The decisions of access, in values."""

from __future__ import annotations

import string
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.access import rules
from onecloud.access.model import Account, Admitted, Refused
from onecloud.kernel.errors import Forbidden, NotFound
from onecloud.kernel.secret import Secret


def account(**changes: object) -> Account:
    facts: dict[str, object] = {
        "user_id": 1,
        "password_hash": "hash",
        "disabled": False,
        "failed_sign_ins": 0,
        "access_epoch": 0,
    }
    return Account(**(facts | changes))  # pyright: ignore[reportArgumentType] - a factory for tests


@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("a!345678", ["Use at least 10 characters."]),
        ("a!3456789", ["Use at least 10 characters."]),
        ("a!34567890", []),
        ("a1!" + "x" * 125, []),
        ("a1!" + "x" * 126, ["Use at most 128 characters."]),
        ("abcdefgh-ij", ["Add at least one number (0-9)."]),
        ("abcdefgh1ij", ["Add at least one, such as ! ? - _ # or %."]),
        ("abcde fgh1i", ["Add at least one, such as ! ? - _ # or %."]),
        ("çédille-été-٣", []),
        ("\u0301" * 9 + "1", ["Add at least one, such as ! ? - _ # or %."]),
    ],
)
def test_each_broken_rule_of_the_policy_is_named(password: str, faults: list[str]) -> None:
    assert [problem.mend for problem in rules.password_problems(Secret(password), "password")] == faults


@given(st.text(max_size=140))
def test_the_policy_is_exactly_length_number_and_special(text: str) -> None:
    broken = rules.password_problems(Secret(text), "password")
    normal = rules.normal_password(Secret(text))
    good = (
        10 <= len(normal) <= 128
        and any(letter.isdecimal() for letter in normal)
        and any(rules.is_special(letter) for letter in normal)
    )
    assert (not broken) == good
    assert not any(text in problem.sentence() for problem in broken if len(text) > 3)


def test_every_ascii_punctuation_is_special_and_no_letter_or_digit_is() -> None:
    assert all(rules.is_special(letter) for letter in string.punctuation)
    assert not any(rules.is_special(letter) for letter in string.ascii_letters + string.digits + string.whitespace)


def test_composed_and_decomposed_letters_are_one_password() -> None:
    assert rules.normal_password(Secret("caf\u00e9")) == rules.normal_password(Secret("cafe\u0301"))


@pytest.mark.parametrize("email", ["a@b", "ada.lovelace+x@example.com", "ünï@exämple.de"])
def test_emails_are_accepted(email: str) -> None:
    assert rules.is_email(email)


@pytest.mark.parametrize(
    "email", ["", "ada", "@b", "a@", "a b@c", "a@b@c", "a@b\n", "a\x00@b", "<a@b>", "a@" + "b" * 253]
)
def test_what_is_no_email_is_refused(email: str) -> None:
    assert not rules.is_email(email)


@given(
    disabled=st.booleans(),
    failures=st.integers(0, 10),
    stored=st.sampled_from(["hash", None]),
    verified=st.sampled_from(["hash", "older hash", None]),
)
def test_only_an_enabled_unlocked_person_with_the_present_password_comes_in(
    disabled: bool, failures: int, stored: str | None, verified: str | None
) -> None:
    person = account(disabled=disabled, failed_sign_ins=failures, password_hash=stored)
    verdict = rules.judge(person, verified)
    right = verified is not None and verified == stored
    assert isinstance(verdict, Admitted) == (not disabled and failures < 6 and right)
    if isinstance(verdict, Refused):
        assert verdict.counts == (not disabled and failures < 6)


def test_nobody_is_refused_without_being_counted() -> None:
    assert rules.judge(None, "hash") == Refused("not_found", counts=False)


@pytest.mark.parametrize(
    ("site", "origin", "passes"),
    [
        ("same-origin", None, True),
        ("same-origin", "http://elsewhere.test", True),  # the browser's own word is the stronger one
        ("none", None, True),
        ("cross-site", None, False),
        ("same-site", None, False),
        ("cross-site", "http://cloud.test", False),
        (None, None, True),
        (None, "http://cloud.test", True),
        (None, "https://public.test:8443", True),
        (None, "http://cloud.test:81", False),
        (None, "http://evil.test", False),
        (None, "null", False),
        (None, "", False),
    ],
)
def test_a_page_of_another_site_is_refused(site: str | None, origin: str | None, passes: bool) -> None:
    own = rules.own_hosts("Cloud.test", "https://public.test:8443/")
    if passes:
        rules.check_same_site(site, origin, own)
    else:
        with pytest.raises(Forbidden):
            rules.check_same_site(site, origin, own)


def test_the_csrf_token_belongs_to_its_session_alone() -> None:
    token = rules.csrf_token("one")
    rules.check_csrf(token, rules.csrf_token("one"))
    for header in (None, "", "x", "é", rules.csrf_token("two")):
        with pytest.raises(Forbidden) as refused:
            rules.check_csrf(token, header)
        assert refused.value.code == "csrf.failed"


@pytest.mark.parametrize(
    ("ip", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_customer_counts_as_one_address(ip: str, key: str) -> None:
    assert rules.throttle_key(ip) == key


def test_a_short_idle_time_is_touched_in_finer_steps() -> None:
    assert rules.touch_every(timedelta(hours=1)) == timedelta(minutes=1)
    assert rules.touch_every(timedelta(minutes=1)) == timedelta(seconds=15)


@pytest.mark.parametrize("user_id", ["", "x", "-1", "1.0", "٣", "9" * 19])
def test_an_id_of_another_shape_belongs_to_nobody(user_id: str) -> None:
    with pytest.raises(NotFound):
        rules.user_number(user_id)
