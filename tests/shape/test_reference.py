"""The reference pages say what the code says."""

from __future__ import annotations

import re

import pytest

from onecloud.infra.settings import Settings
from tests.shape.tree import sources, text
from tools.pages import PAGES, STATUS, raised

CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_derived_page_is_up_to_date(page: str) -> None:
    assert text(page) == PAGES[page](), "run `make gen`"


def test_every_setting_has_a_description() -> None:
    assert len(Settings.model_fields) > 10
    assert not [name for name, field in Settings.model_fields.items() if not field.description]


def test_every_error_code_can_be_looked_up() -> None:
    found = raised()
    assert len({error.code for error in found}) > 30, "the check has lost what it looks for"
    unclear = [(error.code, error.where) for error in found if not CODE.fullmatch(error.code)]
    assert not unclear, f"write the code as one text, or spell it out in tools/pages.py: {unclear}"


def test_one_code_has_one_status() -> None:
    statuses: dict[str, set[int]] = {}
    for error in raised():
        statuses.setdefault(error.code, set()).add(error.status)
    assert not {code: found for code, found in statuses.items() if len(found) > 1}


def test_every_kind_of_error_is_known_to_the_page() -> None:
    kinds = set(re.findall(r"^class (\w+)\(OneCloudError\)", text("src/onecloud/kernel/errors.py"), re.MULTILINE))
    assert kinds == set(STATUS)
    assert "src/onecloud/api/errors.py" in sources()
