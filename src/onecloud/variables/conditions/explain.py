"""A condition in words, without knowing its values; pure."""

from __future__ import annotations

from typing import Final

from onecloud.kernel.jsonvalue import dump
from onecloud.variables.conditions.model import OPERATORS, AllOf, Comparison, Condition, Other, parts_of

LONGEST_SHOWN: Final = 200


def explain(condition: Condition) -> str:
    """The condition as a clause: `${{ node.a.count }}` is greater than 5."""
    return _clause(condition, outermost=True)


def _clause(condition: Condition, *, outermost: bool) -> str:
    if isinstance(condition, Comparison):
        return comparison_words(condition)
    parts = parts_of(condition)
    if len(parts) == 1:
        return _clause(parts[0], outermost=outermost)
    word = " and " if isinstance(condition, AllOf) else " or "
    joined = word.join(_clause(part, outermost=False) for part in parts)
    return joined if outermost else f"({joined})"


def comparison_words(comparison: Comparison) -> str:
    """One comparison as a clause."""
    facts = OPERATORS[comparison.operator]
    words = f"{side_words(comparison.value)} {facts.words}"
    if facts.needs_other:
        words += f" {side_words(comparison.other)}"
    if comparison.compare_as != "auto":
        words += f" (as {comparison.compare_as})"
    return words if comparison.case_sensitive else f"{words} (upper or lower case)"


def side_words(side: Other) -> str:
    """One side: a template in backticks, a text in quotes, a number as it is."""
    if isinstance(side, str) and "${{" in side:
        return f"`{cut(side)}`"
    return dump(cut(side) if isinstance(side, str) else side)


def cut(text: str) -> str:
    """A long text with its middle told by its length."""
    if len(text) <= LONGEST_SHOWN:
        return text
    half = LONGEST_SHOWN // 2
    return f"{text[:half]} … ({len(text)} characters) … {text[-half:]}"
