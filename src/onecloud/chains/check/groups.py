"""Groups: what may be inside, what a group itself may have, and its links. Source: product facts 2.11."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from onecloud.chains.graph import circles
from onecloud.chains.model import Definition, Link, Node, When
from onecloud.kernel.errors import Problem
from onecloud.variables.rules import near


def group_problems(definition: Definition, group: Node) -> Iterator[Problem]:
    """The faults of one group."""
    where = definition.place(group)
    if group.command:
        yield Problem(f"{where}.command", "A group has no command.", "Remove `command`, or `group`.")
    if group.group is not None:
        yield Problem(where, "A group cannot be inside a group.", f"Move `{group.key}` beside `{group.group}`.")
    told = {
        "inputs": bool(group.inputs),
        "connection": group.connection is not None,
        "timeout_s": group.timeout_s is not None,
        "retries": group.retries > 0,
        "ignore_exit_codes": bool(group.ignore_exit_codes),
    }
    for field, given in told.items():
        if given:
            yield Problem(f"{where}.{field}", f"A group has no `{field}`.", "Set it on the members.")
    members = [m.key for m in definition.members(group.key)]
    if not members:
        yield Problem(f"{where}.group.nodes", "The group has no members.", "Add one, or remove the group.")
    elif not group.starts:
        yield Problem(f"{where}.group.start", "The group has no start.", "Name the members that start with it.")
    for index, key in enumerate(group.starts or ()):
        if key not in members:
            message = f"The group has no member `{key}`."
            yield Problem(f"{where}.group.start[{index}]", message, near(key, members))
    yield from link_problems(group.links, members, f"{where}.group.links")
    for index, link in enumerate(group.links):
        if link.target in (group.starts or ()):
            message = f"A link leads to `{link.target}`, which starts with the group."
            yield Problem(f"{where}.group.links[{index}].to", message, "Remove the link, or take it out of `start`.")
    for circle in circles(group.links):
        path = " → ".join((*circle, circle[0]))
        mend = "Remove one of them; `iterate` repeats a group."
        yield Problem(f"{where}.group.links", f"The links go in a circle: {path}.", mend)


def link_problems(links: Sequence[Link], keys: Collection[str], where: str) -> Iterator[Problem]:
    """Links whose ends are not among `keys`, or that are given twice."""
    seen: set[tuple[str, str, When]] = set()
    for index, link in enumerate(links):
        for side, key in (("from", link.source), ("to", link.target)):
            if key not in keys:
                yield Problem(f"{where}[{index}].{side}", f"There is no node `{key}`.", near(key, keys))
        this = (link.source, link.target, link.when)
        if this in seen:
            message = f"The link from `{link.source}` to `{link.target}` on {link.when} is given twice."
            yield Problem(f"{where}[{index}]", message, "Remove one.")
        seen.add(this)
