"""The decisions of the token service, on values alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.kernel.errors import Invalid, Unauthenticated
from onecloud.tokens import rules
from onecloud.tokens.model import BearerProblem, Grant, OAuthRefusal, Person, RefreshToken
from onecloud.tokens.rules import TokenPolicy

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STRICT = TokenPolicy(default_days=1, max_days=90, idle_days=90, absolute_days=365, retry_s=0)
ADA = Person(1, "ada@example.com", "", "", is_admin=True, may_use_api=True, disabled=False, access_epoch=3)
GRANT = Grant(
    family_id=1,
    application_id=1,
    client_id="c",
    access_token_days=1,
    application_revoked_at=None,
    owner=ADA,
    access_epoch=3,
    generation=1,
    created_at=NOW,
    refreshed_at=None,
    refreshed_ip=None,
    refreshed_agent=None,
    idle_expires_at=NOW + timedelta(days=90),
    expires_at=NOW + timedelta(days=365),
    revoked_at=None,
)


def _token(generation: int, **changes: object) -> RefreshToken:
    token = RefreshToken(generation, generation, "last", NOW, None, None, None, GRANT)
    return replace(token, **changes)  # pyright: ignore[reportArgumentType] - a test's shorthand


@dataclass
class Family:
    """A family as the database would keep it, driven by the verdicts alone."""

    generation: int = 1
    revoked: bool = False
    spends: int = 0

    def show(self, token: int, now: datetime, *, key: bool, spent_at: dict[int, datetime], sealed: set[int]) -> str:
        grant = replace(GRANT, generation=self.generation, revoked_at=NOW if self.revoked else None)
        seal = "sealed" if token in sealed else None
        shown = _token(token, spent_at=spent_at.get(token), keyed_seal=seal, grant=grant)
        match rules.judge_refresh(shown, "c", now, STRICT, keyed=key):
            case rules.Spend():
                self.generation += 1
                self.spends += 1
                spent_at[token] = now
                if key:
                    sealed.add(token)
                return "spent"
            case rules.Retry():
                return "again"
            case rules.Reuse():
                self.revoked = True
                return "reuse"
            case OAuthRefusal():
                return "refused"


@given(st.lists(st.tuples(st.integers(1, 4), st.booleans(), st.sampled_from([0, 20, 61])), max_size=12))
def test_whatever_is_shown_each_generation_is_spent_once_and_reuse_is_final(
    steps: list[tuple[int, bool, int]],
) -> None:
    family, now = Family(), NOW
    spent_at: dict[int, datetime] = {}
    sealed: set[int] = set()
    for wanted, key, seconds in steps:
        now += timedelta(seconds=seconds)
        token, before = min(wanted, family.generation), replace(family)
        outcome = family.show(token, now, key=key, spent_at=spent_at, sealed=sealed)
        if before.revoked:
            assert outcome == "refused"
        elif token == before.generation:
            assert outcome == "spent"
        elif outcome == "again":
            assert key
            assert token in sealed
            assert token == before.generation - 1
            assert now - spent_at[token] <= rules.KEYED_RETRY
        else:
            assert outcome == "reuse"
    assert family.spends == family.generation - 1


@pytest.mark.parametrize(("age_s", "outcome"), [(0, "Retry"), (60, "Retry"), (60.001, "Reuse")])
def test_the_keyed_window_is_sixty_seconds(age_s: float, outcome: str) -> None:
    grant = replace(GRANT, generation=2)
    token = _token(1, spent_at=NOW, keyed_seal="s", grant=grant)
    verdict = rules.judge_refresh(token, "c", NOW + timedelta(seconds=age_s), STRICT, keyed=True)
    assert type(verdict).__name__ == outcome


def test_only_the_immediate_predecessor_may_be_repeated() -> None:
    token = _token(1, spent_at=NOW, keyed_seal="s", open_seal="s", grant=replace(GRANT, generation=3))
    assert rules.judge_refresh(token, "c", NOW, replace(STRICT, retry_s=60), keyed=True) == rules.Reuse()


def test_order_is_by_generation_and_never_by_time() -> None:
    """A clock that stands still, or runs backwards, makes no spent token live again."""
    grant = replace(GRANT, generation=2)
    for now in (NOW, NOW - timedelta(days=1)):
        assert rules.judge_refresh(_token(1, spent_at=NOW, grant=grant), "c", now, STRICT, keyed=False) == rules.Reuse()


@pytest.mark.parametrize(
    "grant",
    [
        replace(GRANT, revoked_at=NOW),
        replace(GRANT, application_revoked_at=NOW),
        replace(GRANT, owner=replace(ADA, is_admin=False, may_use_api=False)),
        replace(GRANT, owner=replace(ADA, disabled=True)),
        replace(GRANT, owner=replace(ADA, access_epoch=4)),
        replace(GRANT, expires_at=NOW),
        replace(GRANT, idle_expires_at=NOW),
    ],
    ids=["family", "application", "right", "disabled", "epoch", "absolute", "idle"],
)
def test_each_ending_refuses_a_live_generation(grant: Grant) -> None:
    token = _token(1, grant=grant)
    verdict = rules.judge_refresh(token, "c", NOW, STRICT, keyed=False)
    assert isinstance(verdict, OAuthRefusal)
    assert verdict.error == "invalid_grant"
    assert not rules.refresh_is_live(token, NOW)
    assert rules.refresh_is_live(_token(1), NOW)


@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 400), st.integers(1, 400), st.integers(0, 400))
def test_no_token_outlives_its_family_and_every_refresh_token_outlives_its_access_token(
    days: int, most: int, idle: int, absolute: int, left: int
) -> None:
    policy = TokenPolicy(1, most, idle, absolute, 0)
    family_ends = NOW + timedelta(days=left) if left else None
    ends = rules.lifetimes(NOW, days, policy, family_ends)
    assert NOW < ends.access_expires_at <= ends.idle_expires_at <= ends.expires_at
    assert ends.access_expires_at <= NOW + timedelta(days=min(days, most))
    assert ends.access_expires_at < ends.idle_expires_at or ends.idle_expires_at == ends.expires_at
    assert ends.expires_at == (family_ends or NOW + timedelta(days=absolute))


@pytest.mark.parametrize("days", [0, -1, 91, 10**12])
def test_a_number_of_days_outside_the_limit_names_the_limit_and_the_setting(days: int) -> None:
    with pytest.raises(Invalid, match=r"1 to 90 days.*ONECLOUD_TOKEN_MAX_DAYS") as refused:
        rules.chosen_days(days, STRICT)
    assert refused.value.problems[0].where == "body.access_token_days"


def test_the_default_never_passes_the_maximum() -> None:
    assert rules.chosen_days(None, replace(STRICT, default_days=30, max_days=7)) == 7
    assert rules.chosen_days(90, STRICT) == 90


def test_a_narrowed_scope_leaves_the_grant_as_it_was() -> None:
    granted = frozenset({"read", "write"})
    assert rules.narrowed(granted, "read") == {"read"}
    assert rules.narrowed(granted, None) == granted
    assert rules.narrowed(granted, "write read read") == granted
    assert rules.narrowed(granted, "read admin") is None
    assert rules.narrowed(granted, "") is None


# --- bearer ---


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "BEARER   abc  "])
def test_the_scheme_is_read_in_any_case(header: str) -> None:
    assert rules.bearer_token([header], []) == "abc"


@pytest.mark.parametrize(
    ("headers", "names"),
    [(["Bearer"], []), (["Bearer "], []), (["Bearer a b"], []), (["Bearer a", "Bearer b"], []), ([], ["access_token"])],
)
def test_what_is_no_single_bearer_header_is_a_bad_request(headers: list[str], names: list[str]) -> None:
    found = rules.bearer_token(headers, names)
    assert isinstance(found, BearerProblem)
    assert (found.status, found.error) == (400, "invalid_request")


@pytest.mark.parametrize("headers", [[], ["Basic abc"], [""]])
def test_no_bearer_credentials_are_none(headers: list[str]) -> None:
    assert rules.bearer_token(headers, ["page"]) is None


def test_the_challenges() -> None:
    assert rules.bearer_challenge() == 'Bearer realm="OneCloud API"'
    expired = rules.invalid_token(Unauthenticated("token.expired", 'It "ended"\\ → über.'))
    assert rules.bearer_challenge(expired) == (
        'Bearer realm="OneCloud API", error="invalid_token", error_description="It \'ended\'? ? ?ber."'
    )
    needs = rules.insufficient_scope("api")
    assert needs.status == 403
    assert rules.bearer_challenge(needs).endswith(
        'error="insufficient_scope", error_description="This needs the scope api.", scope="api"'
    )
