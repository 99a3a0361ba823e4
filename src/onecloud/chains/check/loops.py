"""Iterators: exactly one kind of passes, and only where something can repeat. Source: product facts 2.10."""

from __future__ import annotations

from collections.abc import Iterator

from onecloud.chains.model import Node
from onecloud.kernel.errors import Problem

KINDS = "over, rows or until"


def loop_problems(node: Node, where: str) -> Iterator[Problem]:
    """The faults of a node's iterator."""
    loop = node.iterate
    if loop is None:
        return
    if node.is_event:
        mend = "Put the event into a group and repeat the group."
        yield Problem(f"{where}.iterate", "An event does not repeat by itself.", mend)
    given = [name for name in ("over", "rows", "until") if getattr(loop, name) is not None]
    if len(given) != 1:
        what = "none" if not given else " and ".join(given)
        yield Problem(f"{where}.iterate", f"An iterator has exactly one of {KINDS}, not {what}.", "Keep one.")
    if loop.until is not None and loop.parallel > 1:
        message = "Passes that repeat until a condition is true follow each other."
        yield Problem(f"{where}.iterate.parallel", message, "Remove `parallel`.")
    if isinstance(loop.over, str) and "${{" not in loop.over:
        message = "A text here must refer to a list."
        yield Problem(f"{where}.iterate.over", message, "Write `${{ node.KEY.OUTPUT }}`, or a list such as [a, b].")
    if loop.rows is not None and "${{" not in loop.rows:
        yield Problem(f"{where}.iterate.rows", "This must refer to a file.", "Write `${{ node.KEY.file }}`.")
