"""Every text of a chain in which references are replaced, with its place in the document; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from onecloud.chains.model import Definition, Node
from onecloud.chains.parts.notification import NotificationSpec
from onecloud.kernel.jsonvalue import Json
from onecloud.variables import conditions
from onecloud.variables.rules import texts


def node_texts(node: Node) -> Iterator[tuple[str, str]]:
    """The texts of a node, each with its place within the node, such as `inputs.rows[0]`."""
    yield from _below("inputs", node.inputs)
    if node.iterate is not None:
        yield from _below("iterate.over", cast(Json, node.iterate.over))
        yield from _below("iterate.rows", node.iterate.rows)
    if node.skip_if is not None:
        for place, text in conditions.texts(node.skip_if):
            yield f"skip_if{'.' if place else ''}{place}", text


def until_texts(node: Node) -> Iterator[tuple[str, str]]:
    """The texts of a repeat-until's condition: it sees what the node itself, or its members, gave in the last pass."""
    if node.iterate is not None and node.iterate.until is not None:
        for place, text in conditions.texts(node.iterate.until):
            yield f"iterate.until{'.' if place else ''}{place}", text


def output_texts(definition: Definition) -> Iterator[tuple[str, str]]:
    """The texts of the chain's outputs, each with its place in the document."""
    for index, output in enumerate(definition.outputs):
        yield from _below(f"outputs[{index}].value", output.value)


def notification_texts(specs: Sequence[NotificationSpec]) -> Iterator[tuple[str, str]]:
    """The texts of notifications, each with its place, such as `notifications[0].email.to[1]`."""
    for index, spec in enumerate(specs):
        place = f"notifications[{index}]"
        if spec.email is not None:
            yield from _below(f"{place}.email.to", spec.email.to)
            yield from _below(f"{place}.email.subject", spec.email.subject)
            yield from _below(f"{place}.email.text", spec.email.text)
            yield from _below(f"{place}.email.attach", spec.email.attach)
        yield from _below(f"{place}.apprise", spec.apprise)
        yield from _below(f"{place}.apprise_text", spec.apprise_text)


def _below(root: str, value: Json) -> Iterator[tuple[str, str]]:
    for place, text in texts(value):
        yield f"{root}{'' if not place or place.startswith('[') else '.'}{place}", text
