"""References in a node's inputs: each must name something that is there when the node runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from onecloud.chains.check.model import Surroundings
from onecloud.chains.commands import CommandSpec
from onecloud.chains.graph import Shape
from onecloud.chains.model import Definition, Node
from onecloud.kernel.errors import Problem
from onecloud.variables.model import NODE_FACTS, Reference, TemplateFault
from onecloud.variables.rules import near, parse, texts


@dataclass(frozen=True, slots=True)
class Scopes:
    """What the references of one chain may name."""

    definition: Definition
    shape: Shape
    commands: Mapping[str, CommandSpec]
    surroundings: Surroundings

    def problems(self, node: Node) -> Iterator[Problem]:
        """The faults of the node's references. Source: product facts 2.9 and 2.15."""
        for place, text in texts(node.inputs):
            where = f"nodes.{node.key}.inputs.{place}"
            try:
                found = parse(text).references
            except TemplateFault as fault:
                yield Problem(where, f"At character {fault.position}: {fault.message}.", fault.mend)
                continue
            for reference in found:
                fault = self.fault(node, reference)
                if fault is not None:
                    yield Problem(where, *fault)

    def fault(self, node: Node, reference: Reference) -> tuple[str, str] | None:
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
            case "node":
                return self.node_fault(node, name, str(reference.path[1]))
            case "system":  # the language itself knows the system's names
                pass
        return None

    def node_fault(self, node: Node, key: str, output: str) -> tuple[str, str] | None:
        """The fault of `node.KEY.OUTPUT`, used in the inputs of `node`."""
        named = self.definition.node(key)
        if named is None:
            keys = [n.key for n in self.definition.nodes]
            return f"There is no node `{key}`.", near(key, keys)
        if key == node.key:
            return "A node cannot use its own outputs.", "Name a node that runs before it."
        if key not in self.shape.before(node.key):
            return (
                f"Node `{key}` does not run before `{node.key}`.",
                f"Link `{key}` to `{node.key}`, directly or through other nodes.",
            )
        spec = self.commands.get(named.command)
        if output in NODE_FACTS or spec is None:
            return None
        names = [*spec.output_names, *NODE_FACTS]
        if output not in names and not spec.any_outputs:
            return f"`{spec.id}` has no output `{output}`.", near(output, names)
        if key not in self.shape.finished_before(node.key):
            return (
                f"`{node.key}` runs only after `{key}` failed, and a failed node has no output `{output}`.",
                f"Use `node.{key}.message` or `node.{key}.exit_code`, or change the link's condition.",
            )
        return None
