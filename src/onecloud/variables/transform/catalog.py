"""Every transformation by its name, in the order in which people look for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from onecloud.variables.transform.anything import ANYTHING
from onecloud.variables.transform.dates import DATES
from onecloud.variables.transform.json_values import JSON_VALUES
from onecloud.variables.transform.lists import LISTS
from onecloud.variables.transform.model import Group, Transformation
from onecloud.variables.transform.numbers import NUMBERS
from onecloud.variables.transform.text import TEXT

GROUPS: Final[tuple[Group, ...]] = ("Text", "Number", "Date", "List", "JSON", "Any")

CATALOG: Final[Mapping[str, Transformation]] = MappingProxyType(
    {
        transformation.name: transformation
        for group in GROUPS
        for transformation in (*TEXT, *NUMBERS, *DATES, *LISTS, *JSON_VALUES, *ANYTHING)
        if transformation.group == group
    }
)
