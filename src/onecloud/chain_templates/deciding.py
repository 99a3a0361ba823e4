"""Whether a template is sound, and what a chain made of it needs in its place; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from onecloud.chain_templates.making import NodeNeed, chain_of, node_needs, unused
from onecloud.chain_templates.model import Content, TemplateVariable
from onecloud.chains.check import Checked, Surroundings, check
from onecloud.chains.commands import CommandSpec
from onecloud.chains.document import parse_value
from onecloud.kernel.errors import Invalid, Problem
from onecloud.kernel.jsonvalue import Json
from onecloud.variables.rules import near

CHECK_NAME: Final = "Template"  # the chain of a template has no name of its own

# What becomes of a variable: the workspace's own is used, one is created there, or the new chain gets it.
How = Literal["use", "create", "set"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose for a variable; what is left out is proposed.

    `to` names a variable or file of the workspace; `create` makes the variable there. `value` is that of a new one.
    """

    to: str | None = None
    create: bool | None = None
    value: Json = None


@dataclass(frozen=True, slots=True)
class Place:
    """What the environment offers: the workspace's variables and files, and the connectors of its connections."""

    variables: Collection[str]
    resources: Collection[str]
    connections: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VariableNeed:
    """A variable of the template and what becomes of it; `value` is that of a new one."""

    variable: TemplateVariable
    how: How
    to: str
    value: Json


@dataclass(frozen=True, slots=True)
class ConnectionNeed:
    """A node that can have a connection; `choices` fit its command."""

    node: NodeNeed
    spec: CommandSpec
    choices: tuple[str, ...]
    chosen: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """What a chain of the template is to be. `problems` are faults of the choices; with any nothing is made."""

    variables: tuple[VariableNeed, ...]
    connections: tuple[ConnectionNeed, ...]
    document: Mapping[str, Json]
    problems: tuple[Problem, ...] = ()

    @property
    def new_variables(self) -> tuple[VariableNeed, ...]:
        """Those that the workspace gets."""
        return tuple(need for need in self.variables if need.how == "create")


def checked(content: Content, commands: Mapping[str, CommandSpec]) -> Checked:
    """What is wrong with a template: the check of its chain, in a place that offers just the template's variables.

    Connections are nobody's business yet. Source: product facts 2.20.
    """
    try:
        parsed = parse_value(chain_of(content, CHECK_NAME, {}, {}, {}))
    except Invalid as fault:  # a variable's name or value that no chain can have
        return Checked(tuple(_as_template(problem) for problem in fault.problems), ())
    found = check(
        parsed.definition,
        commands,
        Surroundings(
            variables=[v.name for v in content.variables if v.type == "workspace"],
            resources=[v.name for v in content.variables if v.type == "resource"],
        ),
    )
    connected = [
        Problem(f"chain.{where}", "A template's nodes have no connection.", "Remove it; it is chosen for each chain.")
        for where in (f"{need.where}.connection" for need in node_needs(content.chain) if need.has_connection)
    ]
    notes = [
        Problem("variables", f"Nothing uses the variable `{v.name}` ({v.type}).", "Remove it, or refer to it.")
        for v in unused(content)
    ]
    return Checked(
        (*connected, *(_as_template(p) for p in found.problems if not p.where.endswith(".connection"))),
        (*notes, *(_as_template(p) for p in found.notes)),
    )


def _as_template(problem: Problem) -> Problem:
    """The problem of the chain at its place in the template."""
    where = problem.where
    outside = where.startswith(("variables", "dynamic_variables"))
    return replace(problem, where="variables" if outside else f"chain.{where}")


@dataclass(slots=True)
class _Deciding:
    content: Content
    place: Place
    choices: Mapping[tuple[str, str], Choice]
    problems: list[Problem] = field(default_factory=list[Problem])
    created: set[str] = field(default_factory=set[str])

    def need(self, variable: TemplateVariable) -> VariableNeed:
        choice = self.choices.get(variable.key, Choice())
        where = f"variables.{variable.type}.{variable.name}"
        match variable.type:
            case "workspace":
                return self.workspace(variable, choice, where)
            case "resource":
                return self.resource(variable, choice, where)
            case _:
                return self.own(variable, choice, where)

    def workspace(self, variable: TemplateVariable, choice: Choice, where: str) -> VariableNeed:
        to, known = choice.to or variable.name, self.place.variables
        create = to not in known if choice.create is None else choice.create
        value = variable.value if choice.value is None else choice.value
        if create and to in self.created:
            self.tell(where, f"Two new variables would be named `{to}`.", "Choose another name for one of them.")
        if create:
            self.created.add(to)
        if create and to in known:
            self.tell(where, f"The workspace has a variable `{to}` already.", "Use it, or choose another name.")
        if not create and to not in known:
            self.tell(where, f"The workspace has no variable `{to}`.", f"{near(to, known)} Or create it.")
        if create and not isinstance(value, str):
            self.tell(where, f"The new variable `{to}` needs a value, a text.", "Give it, or choose one that is there.")
        if not create and choice.value is not None:
            self.tell(where, f"The value of `{to}` is the workspace's own.", "Leave the value out, or create another.")
        return VariableNeed(variable, "create" if create else "use", to, value if create else None)

    def resource(self, variable: TemplateVariable, choice: Choice, where: str) -> VariableNeed:
        to, known = choice.to or variable.name, self.place.resources
        if to not in known:
            self.tell(where, f"The workspace has no file `{to}`.", f"{near(to, known)} Or upload it first.")
        if choice.create or choice.value is not None:
            self.tell(where, "A file is chosen among those of the workspace.", "Upload it first, then choose it.")
        return VariableNeed(variable, "use", to, None)

    def own(self, variable: TemplateVariable, choice: Choice, where: str) -> VariableNeed:
        value = variable.value if choice.value is None else choice.value
        if choice.to not in {None, variable.name}:
            self.tell(where, f"The chain's own variable `{variable.name}` keeps its name.", "Leave `to` out.")
        if variable.type == "chain" and value is not None and not isinstance(value, str):
            self.tell(where, f"The value of `{variable.name}` must be text.", "Put it in quotes.")
        return VariableNeed(variable, "set", variable.name, value)

    def tell(self, where: str, message: str, mend: str) -> None:
        self.problems.append(Problem(where, message, mend))


def decide(
    content: Content,
    name: str,
    place: Place,
    choices: Mapping[tuple[str, str], Choice],
    connections: Mapping[str, str | None],
    commands: Mapping[str, CommandSpec],
) -> Made:
    """The chain that these choices make of the template, and what is wrong with them.

    A connection that is not chosen is the only fitting one, if there is just one. Source: product facts 2.20.
    """
    deciding = _Deciding(content, place, choices)
    variables = tuple(deciding.need(variable) for variable in content.variables)
    known = [f"{v.type}.{v.name}" for v in content.variables]
    for type_, called in choices:
        if f"{type_}.{called}" not in known:
            message = f"The template has no variable `{called}` of the type {type_}."
            deciding.tell(f"variables.{type_}.{called}", message, near(f"{type_}.{called}", known))
    needs = _connections(deciding, connections, commands)
    document = chain_of(
        content,
        name,
        {need.variable.key: need.to for need in variables if need.variable.type in {"workspace", "resource"}},
        {need.variable.key: need.value for need in variables if need.how == "set"},
        {need.node.key: need.chosen for need in needs if need.chosen is not None},
    )
    return Made(variables, needs, document, tuple(deciding.problems))


def _connections(
    deciding: _Deciding, chosen: Mapping[str, str | None], commands: Mapping[str, CommandSpec]
) -> tuple[ConnectionNeed, ...]:
    known = deciding.place.connections
    needs: dict[str, ConnectionNeed] = {}
    for node in node_needs(deciding.content.chain):
        spec = commands.get(node.command)
        if spec is None or not spec.takes_connection:
            continue
        fitting = tuple(name for name, connector in known.items() if connector == spec.connector)
        proposed = fitting[0] if len(fitting) == 1 and spec.needs_connection else None
        needs[node.key] = ConnectionNeed(node, spec, fitting, chosen.get(node.key, proposed))
    for key, name in chosen.items():
        where = f"connections.{key}"
        if key not in needs:
            deciding.tell(where, f"No node `{key}` of the template uses a connection.", near(key, needs))
        elif name is not None and name not in needs[key].choices:
            title = needs[key].spec.connector_title
            message = f"No connection `{name}` of {title} is enabled in this environment."
            deciding.tell(where, message, near(name, needs[key].choices))
    return tuple(needs.values())
