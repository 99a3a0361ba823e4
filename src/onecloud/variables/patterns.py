"""Regular expressions that people write, held to bounds so that none can stop or fill the server; pure.

They are those of the package `regex`: Python's, with a time limit while they search. A pattern whose counts multiply
without end, or that calls itself, is refused before it is compiled. Source: docs/decisions.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, TypeAlias, TypeVar

import regex

T = TypeVar("T")

SEARCH_S: Final = 2.0
LONGEST: Final = 1_000
DEEPEST: Final = 50
# What {n,m} may multiply up to, over all nested groups; the compiler unrolls them.
MOST_REPEATS: Final = 20_000
FLAGS: Final = frozenset("imsau")
COUNT: Final = re.compile(r"\{(\d*)(?:,(\d*))?\}", re.ASCII)
CALL: Final = re.compile(r"R|[+-]?\d|&|P[>&]", re.ASCII)
INLINE: Final = re.compile(r"([A-Za-z0-9]*)(?:-([A-Za-z]*))?[:)]")

Compiled: TypeAlias = regex.Pattern[str]
Match: TypeAlias = regex.Match[str]


class PatternFault(ValueError):
    """A pattern that cannot be read or may not be used, or a search that took too long; `mend` says what to do."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(f"{message}. {mend}")
        self.message = message
        self.mend = mend


@lru_cache(512)
def compiled(pattern: str, *, case_sensitive: bool = True) -> Compiled:
    """The pattern ready for searching.

    Raises: PatternFault naming the character where the fault is.
    """
    if len(pattern) > LONGEST:
        raise PatternFault(f"the pattern has {len(pattern)} characters, the limit is {LONGEST}", "Shorten it.")
    _check(pattern)
    try:
        return regex.compile(pattern, regex.VERSION0 | (0 if case_sensitive else regex.IGNORECASE))
    except regex.error as error:
        message = f"the pattern cannot be read: {error}"
        raise PatternFault(message, "Write a \\ before a character that stands for itself.") from None


class Budget:
    """Seconds that a number of searches may take together, and each of them at most."""

    __slots__ = ("_each", "_left")

    def __init__(self, seconds: float, each: float = SEARCH_S) -> None:
        self._left = seconds
        self._each = each

    def spend(self, search: Callable[[float], T]) -> T:
        """What the search gives, which is told how long it may take.

        Raises: PatternFault when it took longer, or nothing is left.
        """
        if self._left <= 0:
            raise _too_slow()
        began = time.monotonic()
        try:
            return search(min(self._left, self._each))
        except TimeoutError:
            raise _too_slow() from None
        finally:
            self._left -= time.monotonic() - began


def found_in(pattern: Compiled, text: str, budget: Budget) -> bool:
    """Whether the pattern matches anywhere in the text.

    Raises: PatternFault when it takes too long.
    """
    return budget.spend(lambda seconds: pattern.search(text, timeout=seconds, concurrent=True)) is not None


def matches_in(pattern: Compiled, text: str, budget: Budget) -> Iterator[Match]:
    """The matches in the text, left to right.

    Raises: PatternFault when finding one takes too long.
    """
    found = budget.spend(lambda seconds: iter(pattern.finditer(text, timeout=seconds, concurrent=True)))
    while (match := budget.spend(lambda _: next(found, None))) is not None:
        yield match


def _too_slow() -> PatternFault:
    mend = "Make it simpler: no repeat within a repeat, such as (a+)+, and begin it with something fixed."
    return PatternFault("searching for the pattern took too long and was ended", mend)


def _check(pattern: str) -> None:
    """Refuse what the compiler would unroll without end, and what the time limit cannot hold."""
    sizes = [0]  # of each open group, the number of its atoms with their counts multiplied
    last = 0
    at = 0
    while at < len(pattern):
        mark = pattern[at]
        if mark == "(":
            end = _opening(pattern, at)
            if end is not None:  # a comment or flags: no group
                at, last = end, 0
                continue
            sizes.append(0)
            if len(sizes) > DEEPEST:
                raise PatternFault(f"the pattern nests deeper than {DEEPEST} groups", "Take some brackets out.")
            last = 0
        elif mark == ")" and len(sizes) > 1:
            last = sizes.pop() + 1
            sizes[-1] += last
        elif mark == "{" and (count := COUNT.match(pattern, at)):
            times = max(int(number) for number in (count[1] or "0", count[2] or "0"))
            sizes[-1] += last * max(times - 1, 0)
            at = count.end()
            if max(sizes) > MOST_REPEATS:
                message = f"the counts at character {at} multiply up to more than {MOST_REPEATS}"
                raise PatternFault(message, "Use * or + in place of a large count.")
            continue
        else:
            at = _atom_end(pattern, at) - 1
            last = 1
            sizes[-1] += 1
        at += 1


def _atom_end(pattern: str, at: int) -> int:
    """Where the character, escape or class at this place ends."""
    if pattern[at] == "\\":
        return at + 2
    if pattern[at] != "[":
        return at + 1
    end = at + 1
    if pattern[end : end + 1] == "^":
        end += 1
    if pattern[end : end + 1] == "]":
        end += 1
    while end < len(pattern) and pattern[end] != "]":
        end += 2 if pattern[end] == "\\" else 1
    return end + 1


def _opening(pattern: str, at: int) -> int | None:
    """The end of a comment or of flags for the rest; None when a group begins."""
    if not pattern.startswith("(?", at):
        return None
    inside = at + 2
    if pattern.startswith("#", inside):
        end = pattern.find(")", inside)
        return len(pattern) if end < 0 else end + 1
    if CALL.match(pattern, inside):
        raise PatternFault(f"the pattern calls itself at character {at + 1}", "Write that part out.")
    flags = INLINE.match(pattern, inside)
    if flags is None:
        return None
    unknown = [flag for flag in flags[1] + (flags[2] or "") if flag not in FLAGS]
    if unknown:
        message = f"the flag `{unknown[0]}` at character {at + 1} is not supported"
        raise PatternFault(message, "There are i, m, s, a and u.")
    return flags.end() if flags[0].endswith(")") else None
