"""What may go, and which settings there can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.kernel.errors import Invalid
from onecloud.retention import rules
from onecloud.retention.model import DEFAULT_DAYS, Policy
from onecloud.runs.records import Kin

NOW = datetime(2026, 6, 1, tzinfo=UTC)
AGES = st.one_of(st.none(), st.integers(0, 10))


@given(
    ages=st.lists(AGES, min_size=1, max_size=4),
    days=st.one_of(st.none(), st.integers(1, 8)),
    last=st.one_of(st.none(), st.integers(1, 4)),
    needed=st.sets(st.integers(1, 6), max_size=2),
)
def test_a_family_goes_only_whole_and_for_a_reason_each(
    ages: list[int | None], days: int | None, last: int | None, needed: set[int]
) -> None:
    family = [Kin(i, 1, None if age is None else NOW - timedelta(days=age)) for i, age in enumerate(ages, 1)]
    goes = rules.may_go(family, rules.cutoff(days, NOW), {1: last}, needed)
    reasons = [
        age is not None and i not in needed and ((days is not None and age > days) or (last is not None and i <= last))
        for i, age in enumerate(ages, 1)
    ]
    assert goes == (sum(reasons) == len(ages))


def test_everything_is_kept_for_ninety_days_unless_told_otherwise() -> None:
    assert Policy() == Policy(90, None, 90, None, 90, None)
    assert DEFAULT_DAYS == 90


def test_settings_change_one_by_one_and_null_sets_no_limit() -> None:
    after = rules.changed(Policy(), {"run_days": 30, "login_days": None})
    assert after == Policy(run_days=30, login_days=None)
    assert rules.differences(Policy(), after) == {"run_days": [90, 30], "login_days": [90, None]}
    assert rules.differences(after, after) == {}


@pytest.mark.parametrize(
    ("name", "value"), [("run_days", 0), ("runs_per_chain", 0), ("activity_most", 99), ("login_days", 36_501)]
)
def test_a_setting_out_of_bounds_is_named_with_its_bounds(name: str, value: int) -> None:
    with pytest.raises(Invalid) as refused:
        rules.changed(Policy(), {name: value, "days": 1})
    first, second = refused.value.problems
    least, most = rules.BOUNDS[name]
    assert first.sentence() == f"{name}: It is {value}. Give {least} to {most}, or null (`none`) for no limit at all."
    assert second.where == "days"


def test_the_breath_grows_with_what_a_transaction_took() -> None:
    assert rules.breath(0) == rules.LEAST_PAUSE_S
    assert rules.breath(1) == rules.SHARE
