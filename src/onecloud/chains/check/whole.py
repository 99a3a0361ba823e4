"""The check of a whole definition: settings of the chain, its shape, and each node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from onecloud.chains.check.groups import group_problems, link_problems
from onecloud.chains.check.inputs import input_problems
from onecloud.chains.check.loops import loop_problems
from onecloud.chains.check.model import Checked, Surroundings
from onecloud.chains.check.notifications import notification_notes, notification_problems
from onecloud.chains.check.references import Scopes
from onecloud.chains.check.schedules import schedules_problems
from onecloud.chains.commands import CommandSpec
from onecloud.chains.graph import Shape, circles, shape_of
from onecloud.chains.model import MAX_VARIABLES, Definition, Node, RuntimeInput, When
from onecloud.chains.rules import NotThatType, coerce
from onecloud.kernel.errors import Problem
from onecloud.variables.rules import near


def check(
    definition: Definition, commands: Mapping[str, CommandSpec], surroundings: Surroundings | None = None
) -> Checked:
    """Every fault of the definition. Source: product facts 2.5-2.9, 2.14, 2.15 and 2.18."""
    surroundings = surroundings or Surroundings()
    shape = shape_of(definition)
    scopes = Scopes(definition, shape, commands, surroundings)
    problems = [*_chain(definition), *_start(definition), *_links(definition)]
    notes = list(_variable_notes(definition))
    # Without a start everything would only be a note; then tell all of it.
    blocking = shape.connected or frozenset(n.key for n in definition.nodes)
    for circle in circles([li for li in shape.links if li.target != definition.start]):
        told = problems if circle[0] in blocking else notes
        path = " → ".join((*circle, circle[0]))
        told.append(Problem("links", f"The links go in a circle: {path}.", "Remove one of them; a node runs once."))
    for node in definition.nodes:
        told = problems if node.key in blocking else notes
        where = definition.place(node)
        if node.is_group:
            told += group_problems(definition, node)
        else:
            told += _node(node, commands.get(node.command), commands, surroundings, where)
        told += loop_problems(node, where)
        told += notification_problems(node.notifications, f"{where}.notifications")
        told += scopes.problems(node)
        if node.key not in blocking:
            root = definition.start if node.group is None else node.group
            mend = f"Link `{root}` to it, directly or through other nodes, or remove it."
            notes.append(Problem(where, "The start does not reach this node; it never runs.", mend))
    problems += notification_problems(definition.notifications, "notifications")
    problems += scopes.output_problems()
    notes += notification_notes(definition, surroundings.refusals)
    problems += schedules_problems(definition, surroundings)
    notes += _dead_links(definition, shape, commands)
    return Checked(tuple(dict.fromkeys(problems)), tuple(dict.fromkeys(notes)))


def _chain(definition: Definition) -> Iterator[Problem]:
    if len(definition.variables) > MAX_VARIABLES:
        message = f"The chain has {len(definition.variables)} variables; the limit is {MAX_VARIABLES}."
        yield Problem("variables", message, "Move some to the workspace, or put several values into one JSON text.")
    yield from _twice("inputs", [i.name for i in definition.inputs])
    yield from _twice("variables", [v.name for v in definition.variables])
    yield from _twice("dynamic_variables", [v.name for v in definition.dynamic_variables])
    yield from _twice("outputs", [o.name for o in definition.outputs])
    for index, asked in enumerate(definition.inputs):
        yield from _input(asked, f"inputs[{index}]")


def _twice(where: str, names: list[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Problem(f"{where}[{index}].name", f"The name `{name}` is used twice.", "Rename one of them.")
        seen.add(name)


def _input(asked: RuntimeInput, where: str) -> Iterator[Problem]:
    if asked.type == "dropdown" and not asked.options:
        yield Problem(f"{where}.options", "A dropdown needs options.", "List them: `options: [North, South]`.")
    if asked.type != "dropdown" and asked.options:
        yield Problem(
            f"{where}.options", f"Only a dropdown has options, this is a {asked.type}.", "Use type: dropdown."
        )
    if len(set(asked.options)) < len(asked.options):
        yield Problem(f"{where}.options", "An option is listed twice.", "Remove the second.")
    if asked.default is not None and (asked.type != "dropdown" or asked.options):
        try:
            coerce(asked, asked.default)
        except NotThatType as fault:
            yield Problem(f"{where}.default", str(fault), f"The default must fit the type {asked.type}.")


def _start(definition: Definition) -> Iterator[Problem]:
    keys = [n.key for n in definition.nodes if n.group is None]
    if not definition.start:
        mend = "Name the node that runs first." if keys else "Add a node and name it here."
        yield Problem("start", "The chain has no start.", mend)
    elif definition.start not in keys:
        yield Problem("start", f"There is no node `{definition.start}`.", near(definition.start, keys))
    for key, count in Counter(n.key for n in definition.nodes).items():
        if count > 1:
            yield Problem(f"nodes.{key}", f"The key `{key}` is used {count} times.", "Give each node its own key.")


def _links(definition: Definition) -> Iterator[Problem]:
    keys = [n.key for n in definition.nodes if n.group is None]
    yield from link_problems(definition.links, keys, "links")
    for index, link in enumerate(definition.links):
        if link.target == definition.start:
            message = f"A link leads back to the start, `{link.target}`."
            yield Problem(f"links[{index}].to", message, "Remove it, or choose another start.")


def _node(
    node: Node, spec: CommandSpec | None, commands: Mapping[str, CommandSpec], surroundings: Surroundings, where: str
) -> Iterator[Problem]:
    if not node.command:
        yield Problem(where, "A node needs a command or a group.", "Add `command: connector.command`.")
        return
    if spec is None:
        mend = near(node.command, _candidates(node.command, commands))
        yield Problem(f"{where}.command", f"There is no command `{node.command}`.", mend)
        return
    yield from input_problems(spec, node.inputs, f"{where}.inputs")
    yield from _connection(node, spec, surroundings, f"{where}.connection")
    means = {e.code: e.means for e in spec.exit_codes}
    for index, code in enumerate(node.ignore_exit_codes):
        place = f"{where}.ignore_exit_codes[{index}]"
        listed = ", ".join(f"{e.code} ({e.label})" for e in spec.exit_codes if e.means != "success") or "none"
        if code not in means:
            yield Problem(place, f"`{spec.id}` has no exit code {code}.", f"Those that can be ignored: {listed}.")
        elif means[code] == "success":
            yield Problem(place, f"Exit code {code} is a success already.", f"Those that can be ignored: {listed}.")


def _candidates(command: str, commands: Mapping[str, CommandSpec]) -> list[str]:
    """The commands of the same connector when it exists, else all."""
    connector = command.partition(".")[0]
    return [c for c in commands if c.partition(".")[0] == connector] or list(commands)


def _connection(node: Node, spec: CommandSpec, surroundings: Surroundings, where: str) -> Iterator[Problem]:
    known = surroundings.connections
    fitting = [] if known is None else [name for name, connector in known.items() if connector == spec.connector]
    if node.connection is None:
        if spec.needs_connection:
            mend = "Add `connection: NAME`." if known is None else near("", fitting)
            yield Problem(where, f"`{spec.id}` needs a connection of {spec.connector_title}.", mend)
    elif not spec.takes_connection:
        yield Problem(where, f"`{spec.id}` uses no connection.", "Remove the field.")
    elif known is not None and node.connection not in known:
        message = f"No connection `{node.connection}` is enabled in this environment."
        yield Problem(where, message, near(node.connection, fitting))
    elif known is not None and known[node.connection] != spec.connector:
        message = f"`{node.connection}` is a connection of `{known[node.connection]}`, not of `{spec.connector}`."
        yield Problem(where, message, near(node.connection, fitting))


def _variable_notes(definition: Definition) -> Iterator[Problem]:
    for index, variable in enumerate(definition.variables):
        if not variable.encrypted and "${{" in variable.value:
            message = f"References are not replaced in the value of the variable `{variable.name}`."
            yield Problem(f"variables[{index}].value", message, "Use the reference in the node's input itself.")


def _dead_links(definition: Definition, shape: Shape, commands: Mapping[str, CommandSpec]) -> Iterator[Problem]:
    for index, link in enumerate(definition.links):
        node = definition.node(link.source)
        spec = commands.get(node.command) if node else None
        if link.when is not When.WARNING or spec is None or link.source not in shape.connected:
            continue
        if not any(e.means == "warning" for e in spec.exit_codes):
            message = f"This link is never followed: `{spec.id}` knows no warning."
            yield Problem(f"links[{index}].when", message, "Use success, failure or any.")
