"""Names, ids and sight."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.kernel.errors import Invalid
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.workspaces import rules
from onecloud.workspaces.model import Environment, EnvironmentFields


@given(st.integers(0, 2**63 - 1))
def test_a_row_is_named_by_its_number_written_plainly(number: int) -> None:
    assert rules.row_id(str(number)) == number


@given(st.text(max_size=25))
def test_a_text_names_a_row_only_if_it_is_that_rows_own_text(text: str) -> None:
    row = rules.row_id(text)
    assert row is None or (str(row) == text and row < 2**63)


@pytest.mark.parametrize("text", ["", "-1", "+1", "01", "1.0", " 1", "1\n", "٣", "9223372036854775808", "1e3", "abc"])
def test_other_texts_name_no_row(text: str) -> None:
    assert rules.row_id(text) is None


def test_who_passes_through_an_environment_learns_of_the_chains_that_they_may_read() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    dev = Environment(2, 1, "DEV", "", 0, "#3CB702", 9, now, now)

    def count(grants: dict[Place, Level], *, admin: bool = False) -> int:
        person = Principal(1, "a@b.c", "A", is_admin=admin, via="token", grants=grants)
        return rules.as_seen(person, dev).chains_count

    assert count({}, admin=True) == rules.as_seen(None, dev).chains_count == 9
    assert count({Place(1): Level.READ}) == count({Place(1, 2): Level.READ}) == 9
    assert count({Place(1, 2, 5): Level.READ, Place(1, 2, 6): Level.ADMIN, Place(1, 3, 7): Level.READ}) == 2


@pytest.mark.parametrize("name", ["", "  ", " DEV", "DEV ", "a\nb", "a\x00b", "x" * 101])
def test_a_name_that_people_cannot_type_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        rules.check_environment(EnvironmentFields(name))


@pytest.mark.parametrize("color", ["red", "#12345", "#1234567", "#GGGGGG", "3CB702"])
def test_a_color_is_six_hex_digits(color: str) -> None:
    with pytest.raises(Invalid, match="Write it as #3CB702"):
        rules.check_environment(EnvironmentFields("DEV", "", color))


def test_every_default_color_is_a_color() -> None:
    for position in range(20):
        rules.check_environment(EnvironmentFields("DEV", "", rules.color_at(position)))
