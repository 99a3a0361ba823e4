"""Transformations of lists. A text that holds a JSON list counts as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from onecloud.variables.steps import NoStep, one_step
from onecloud.variables.transform.json_values import steps_of, walked
from onecloud.variables.transform.kinds import kind_of, plain_text
from onecloud.variables.transform.model import (
    LONGEST_TEXT,
    Arguments,
    Example,
    Parameter,
    PipeFault,
    Transformation,
    Value,
)
from onecloud.variables.transform.text import too_long

MOST: Final = 1_000_000_000


def sort(items: Sequence[Value], given: Arguments) -> list[Value]:
    """The items in order: all numbers, or all texts."""
    keys = [walked(item, steps_of(given.text("by"))) if given.given("by") else item for item in items]
    kinds = {kind_of(key) for key in keys}
    if kinds not in (set(), {"a number"}, {"a text"}):
        mend = 'Sort numbers or texts; for objects name the field: sort("ascending", "name").'
        raise PipeFault("the list is neither all numbers nor all texts", mend, f"it holds {', '.join(sorted(kinds))}")
    comparable = cast(list[Any], keys)  # all of one kind
    order = sorted(range(len(items)), key=comparable.__getitem__, reverse=given.text("order") == "descending")
    return [items[at] for at in order]


def pick(items: Sequence[Value], given: Arguments) -> Value:
    """One item by its position."""
    try:
        return one_step(items, given.whole("index"))
    except NoStep as fault:
        message = "the list has no item at that position"
        raise PipeFault(message, "0 is the first item, -1 the last.", f"{fault.message}, {len(items)} items") from None


def join(items: Sequence[Value], given: Arguments) -> str:
    """The items as one text."""
    texts = [plain_text(item) for item in items]
    separator = given.text("separator")
    length = sum(len(text) for text in texts) + len(separator) * max(len(texts) - 1, 0)
    return separator.join(texts) if length <= LONGEST_TEXT else too_long(length)


LISTS: Final = (
    Transformation(
        "sort",
        "Sort",
        "List",
        "Puts the items of a list in order. Equal items keep theirs.",
        "list",
        "list",
        sort,
        (
            Example([3, 1, 2], [1, 2, 3]),
            Example(["b", "a"], ["b", "a"], ("descending",)),
            Example([{"n": 2}, {"n": 1}], [{"n": 1}, {"n": 2}], ("ascending", "n")),
        ),
        (
            Parameter(
                "order",
                "choice",
                "Smallest or largest first.",
                "ascending",
                optional=True,
                choices=("ascending", "descending"),
            ),
            Parameter("by", "path", "Path in each item to what is compared.", optional=True, may_be_empty=False),
        ),
    ),
    Transformation(
        "pick",
        "Pick from list",
        "List",
        "Gives one item of a list.",
        "list",
        "any",
        pick,
        (Example(["a", "b", "c"], "a", (0,)), Example(["a", "b", "c"], "c", (-1,))),
        (Parameter("index", "whole", "Position: 0 is the first, -1 the last.", least=-MOST, most=MOST),),
    ),
    Transformation(
        "join",
        "Join",
        "List",
        "Makes one text of the items of a list.",
        "list",
        "text",
        join,
        (Example(["a", 1, True], "a, 1, true", (", ",)),),
        (Parameter("separator", "text", "Text between the items.", ", ", optional=True),),
    ),
)
