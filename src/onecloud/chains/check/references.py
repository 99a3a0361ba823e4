"""References in a node's inputs: each must name something that is there when the node runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from onecloud.chains.check.model import Surroundings
from onecloud.chains.commands import CommandSpec
from onecloud.chains.graph import Shape
from onecloud.chains.model import Definition, Node
from onecloud.chains.templates import node_texts, notification_texts, output_texts, until_texts
from onecloud.kernel.errors import Problem
from onecloud.variables.model import LOOP_FACTS, NODE_FACTS, Reference, TemplateFault
from onecloud.variables.rules import near, parse


@dataclass(frozen=True, slots=True)
class Scopes:
    """What the references of one chain may name."""

    definition: Definition
    shape: Shape
    commands: Mapping[str, CommandSpec]
    surroundings: Surroundings

    def problems(self, node: Node) -> Iterator[Problem]:
        """The faults of the node's references. Source: product facts 2.9 and 2.15."""
        where = self.definition.place(node)
        for place, text in node_texts(node):
            yield from self._of_text(f"{where}.{place}", text, node)
        for place, text in until_texts(node):
            yield from self._of_text(f"{where}.{place}", text, node, after="pass")
        for place, text in notification_texts(node.notifications):
            yield from self._of_text(f"{where}.{place}", text, node, after="node")

    def output_problems(self) -> Iterator[Problem]:
        """The faults of the references in the chain's outputs and notifications, which are read at the run's end."""
        for where, text in output_texts(self.definition):
            yield from self._of_text(where, text, None)
        for where, text in notification_texts(self.definition.notifications):
            yield from self._of_text(where, text, None)

    def _of_text(
        self, where: str, text: str, node: Node | None, *, after: Literal["pass", "node"] | None = None
    ) -> Iterator[Problem]:
        try:
            found = parse(text).references
        except TemplateFault as fault:
            yield Problem(where, f"At character {fault.position}: {fault.message}.", fault.mend)
            return
        for reference in found:
            seen = None
            if node is not None and after is not None:
                seen = self._last_pass(node, reference) if after == "pass" else self._itself(node, reference)
            fault = (
                self.fault(node, reference)
                if seen is None
                else self._output_fault(seen, str(reference.path[1]), seen.group)
            )
            if fault is not None:
                yield Problem(where, *fault)

    def _last_pass(self, node: Node, reference: Reference) -> Node | None:
        """The node of whose last pass a repeat-until speaks: itself, or a member of the group that it is."""
        named = self.definition.node(reference.name) if reference.scope == "node" else None
        if named is not None and named.key == node.key:
            return replace(named, iterate=None)
        return named if named is not None and named.group == node.key else None

    def _itself(self, node: Node, reference: Reference) -> Node | None:
        """The node, when its notification speaks of what it has just done."""
        return node if reference.scope == "node" and reference.name == node.key else None

    def fault(self, node: Node | None, reference: Reference) -> tuple[str, str] | None:
        """Message and mend, or None when the reference is right."""
        name = reference.name
        match reference.scope:
            case "workspace":
                known = self.surroundings.variables
                if known is not None and name not in known:
                    return f"The workspace has no variable `{name}`.", near(name, known)
            case "chain":
                names = [v.name for v in self.definition.variables]
                if name not in names:
                    return f"The chain has no variable `{name}`.", near(name, names)
            case "input":
                names = [i.name for i in self.definition.inputs]
                if name not in names:
                    return f"The chain has no runtime input `{name}`.", near(name, names)
            case "dynamic":
                names = [v.name for v in self.definition.dynamic_variables]
                if name not in names:
                    return f"The chain has no dynamic variable `{name}`.", near(name, names)
            case "resource":
                return _resource_fault(self.surroundings.resources, reference)
            case "iteration":
                return _pass_fault(node, name, "The node", "Give it `iterate`.", reference)
            case "group":
                group = self.definition.node(node.group) if node and node.group else None
                return _pass_fault(group, name, "The group around the node", "Give the group `iterate`.", reference)
            case "node":
                return self.node_fault(node, name, str(reference.path[1]))
            case "system" | "trigger":  # the language itself knows the system's names
                return _trigger_fault(reference)
        return None

    def node_fault(self, node: Node | None, key: str, output: str) -> tuple[str, str] | None:
        """The fault of `node.KEY.OUTPUT`, used by `node` (None: by the chain's outputs, after all nodes)."""
        named = self.definition.node(key)
        if named is None:
            keys = [n.key for n in self.definition.nodes]
            return f"There is no node `{key}`.", near(key, keys)
        if node is None:
            return self._output_fault(named, output, None)
        if key == node.key:
            return "A node cannot use its own outputs.", "Name a node that runs before it."
        if key not in self.shape.before(node.key):
            return (
                f"Node `{key}` does not run before `{node.key}`.",
                f"Link `{key}` to `{node.key}`, directly or through other nodes.",
            )
        fault = self._output_fault(named, output, node.group)
        if fault is not None:
            return fault
        # A loop that failed still has what its passes gave.
        always = output in NODE_FACTS or self._repeats(named, node.group)
        if not always and key not in self.shape.finished_before(node.key):
            return (
                f"`{node.key}` runs only after `{key}` failed, and a failed node has no output `{output}`.",
                f"Use `node.{key}.message` or `node.{key}.exit_code`, or change the link's condition.",
            )
        return None

    def _repeats(self, named: Node, seen_from: str | None) -> bool:
        """Whether the node has several results as seen from a group: from outside a repeating one its members do."""
        group = self.definition.node(named.group) if named.group and named.group != seen_from else None
        return named.iterate is not None or (group is not None and group.iterate is not None)

    def _output_fault(self, named: Node, output: str, seen_from: str | None) -> tuple[str, str] | None:
        """The fault of the name of an output; a group has only the facts that every node has.

        `seen_from` is the group that the reference stands in.
        """
        facts = [*NODE_FACTS, *(LOOP_FACTS if self._repeats(named, seen_from) else ())]
        spec = self.commands.get(named.command)
        if output in facts or (spec is None and not named.is_group):
            return None
        names = [*(spec.output_names if spec else ()), *(rule.name for rule in named.dynamic_outputs), *facts]
        if output in names or (spec is not None and spec.any_outputs):
            return None
        title = f"`{spec.id}`" if spec else f"The group `{named.key}`"
        return f"{title} has no output `{output}`.", near(output, names)


def _trigger_fault(reference: Reference) -> tuple[str, str] | None:
    """The fault of what only triggers know."""
    if reference.scope != "trigger":
        return None
    return f"`{reference}` is known to triggers only.", "Give the chain a runtime input, which its trigger fills."


def _resource_fault(known: Collection[str] | None, reference: Reference) -> tuple[str, str] | None:
    """The fault of the name of a file. Source: product facts 2.17."""
    if known is None or reference.name in known:
        return None
    whole = ".".join(str(step) for step in reference.path)
    quoted = f'Write `resource["{whole}"]`: a name with a dot needs quotes.'
    return f"The workspace has no resource `{reference.name}`.", quoted if whole in known else near(whole, known)


def _pass_fault(
    repeated: Node | None, fact: str, title: str, mend: str, reference: Reference
) -> tuple[str, str] | None:
    """The fault of a fact of a pass of the node or group that repeats. Source: product facts 2.10."""
    if repeated is None or repeated.iterate is None:
        where = "There is nothing" if repeated is None else f"{title} does not repeat, so there is nothing"
        return f"{where} that `{reference}` could mean here.", mend
    if fact in {"last", "total"} and repeated.iterate.until is not None:
        return f"`{reference}` is not known: nobody knows when `until` comes true.", "Leave it out."
    return None
