"""Names, ids and sight."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.kernel.errors import Invalid
from onecloud.kernel.principal import Principal
from onecloud.workspaces import rules
from onecloud.workspaces.model import EnvironmentFields


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


def test_administrators_see_and_others_do_not_yet() -> None:
    for is_admin in (True, False):
        person = Principal(user_id=1, email="a@b.c", name="A", is_admin=is_admin, via="token")
        assert rules.may_see(person) is is_admin


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
