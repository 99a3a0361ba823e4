"""Transformations of text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from onecloud.variables.transform.model import LONGEST_TEXT, Arguments, Example, Parameter, PipeFault, Transformation

LONGEST_PAD: Final = 10_000
WORD: Final = re.compile(r"\S+")


def lowercase(text: str, given: Arguments) -> str:
    """Every letter small."""
    return text.lower()


def uppercase(text: str, given: Arguments) -> str:
    """Every letter large."""
    return text.upper()


def capitalize(text: str, given: Arguments) -> str:
    """The first letter large, the others small."""
    return text[:1].upper() + text[1:].lower()


def titleize(text: str, given: Arguments) -> str:
    """The first letter of every word large; a word ends at a blank, so `don't` is one."""
    return WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), text)


def trim(text: str, given: Arguments) -> str:
    """Without blanks at both ends."""
    return text.strip()


def trim_prefix(text: str, given: Arguments) -> str:
    """Without blanks, or the given text, at the beginning."""
    return text.removeprefix(given.text("text")) if given.given("text") else text.lstrip()


def trim_suffix(text: str, given: Arguments) -> str:
    """Without blanks, or the given text, at the end."""
    return text.removesuffix(given.text("text")) if given.given("text") else text.rstrip()


def replace(text: str, given: Arguments) -> str:
    """Every occurrence replaced."""
    old, new = given.text("old"), given.text("new")
    length = len(text) + text.count(old) * (len(new) - len(old))
    return text.replace(old, new) if length <= LONGEST_TEXT else too_long(length)


def split(text: str, given: Arguments) -> list[str]:
    """The parts between the separators."""
    return text.split(given.text("separator"))


def pad_left(text: str, given: Arguments) -> str:
    """As long as asked for, by filling at the left."""
    return text.rjust(given.whole("length"), _fill(given))


def pad_right(text: str, given: Arguments) -> str:
    """As long as asked for, by filling at the right."""
    return text.ljust(given.whole("length"), _fill(given))


def _fill(given: Arguments) -> str:
    fill = given.text("fill")
    if len(fill) != 1:
        raise PipeFault("the fill is one character", 'Write one, such as "0".', f"it has {len(fill)}")
    return fill


def too_long(length: int) -> str:
    """Refuse a text that would not fit.

    Raises: PipeFault.
    """
    message = f"the text would have more than {LONGEST_TEXT} characters"
    raise PipeFault(message, "Use a command for texts of that size.", f"{length} of them")


_LENGTH: Final = Parameter("length", "whole", "Characters to come to; a longer text stays.", least=0, most=LONGEST_PAD)
_FILL: Final = Parameter("fill", "text", "Character to fill with.", " ", optional=True, may_be_empty=False)


def _plain(
    name: str,
    title: str,
    description: str,
    apply: Callable[[str, Arguments], str],
    examples: tuple[Example, ...],
    *parameters: Parameter,
) -> Transformation:
    return Transformation(name, title, "Text", description, "text", "text", apply, examples, parameters)


TEXT: Final = (
    _plain("lowercase", "Lowercase", "Makes every letter small.", lowercase, (Example("Net SALES", "net sales"),)),
    _plain("uppercase", "Uppercase", "Makes every letter large.", uppercase, (Example("Net sales", "NET SALES"),)),
    _plain(
        "capitalize",
        "Capitalize",
        "Makes the first letter large and the others small.",
        capitalize,
        (Example("net SALES", "Net sales"),),
    ),
    _plain(
        "titleize",
        "Titleize",
        "Makes the first letter of each word large and the others small.",
        titleize,
        (Example("net sales, NORTH", "Net Sales, North"),),
    ),
    _plain("trim", "Trim", "Takes blanks and line ends away at both ends.", trim, (Example("  a b\n", "a b"),)),
    _plain(
        "trim_prefix",
        "Trim prefix",
        "Takes blanks away at the beginning, or one given text if it stands there.",
        trim_prefix,
        (Example("  a ", "a "), Example("CC_100", "100", ("CC_",))),
        Parameter("text", "text", "Text to take away instead of blanks.", optional=True, may_be_empty=False),
    ),
    _plain(
        "trim_suffix",
        "Trim suffix",
        "Takes blanks away at the end, or one given text if it stands there.",
        trim_suffix,
        (Example(" a  ", " a"), Example("sales.csv", "sales", (".csv",))),
        Parameter("text", "text", "Text to take away instead of blanks.", optional=True, may_be_empty=False),
    ),
    _plain(
        "replace",
        "Replace",
        "Puts a new text in the place of every occurrence of an old one.",
        replace,
        (Example("2024-01-31", "2024/01/31", ("-", "/")), Example("a b", "ab", (" ", ""))),
        Parameter("old", "text", "Text to look for; case counts.", may_be_empty=False),
        Parameter("new", "text", "Text to put in its place; may be empty."),
    ),
    Transformation(
        "split",
        "Split",
        "Text",
        "Makes a list of the parts between separators.",
        "text",
        "list",
        split,
        (Example("North,South", ["North", "South"], (",",)),),
        (Parameter("separator", "text", "Text that stands between the parts.", may_be_empty=False),),
    ),
    _plain(
        "pad_left",
        "Pad left",
        "Fills a text up at the left until it is long enough.",
        pad_left,
        (Example("7", "  7", (3,)), Example(7, "007", (3, "0"))),
        _LENGTH,
        _FILL,
    ),
    _plain(
        "pad_right",
        "Pad right",
        "Fills a text up at the right until it is long enough.",
        pad_right,
        (Example("ab", "ab  ", (4,)), Example("ab", "ab..", (4, "."))),
        _LENGTH,
        _FILL,
    ),
)
