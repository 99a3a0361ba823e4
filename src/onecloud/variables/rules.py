"""Finding and replacing references in a value of any depth; pure.

Keys of objects are literal; every text below is a template (see `language.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from onecloud.connector.context import FileRef
from onecloud.kernel.errors import Problem
from onecloud.kernel.jsonvalue import Json, dump
from onecloud.kernel.jsonvalue import parse as parse_json
from onecloud.kernel.secret import Secret
from onecloud.variables.language import near, parse
from onecloud.variables.model import (
    KINDS,
    PLAIN_NAME,
    Known,
    Missing,
    Piped,
    Reference,
    Resolved,
    TemplateFault,
    Text,
    Unresolved,
)
from onecloud.variables.piping import holds_secret, piped_value
from onecloud.variables.steps import NoStep, one_step
from onecloud.variables.transform import number_text

__all__ = [
    "faults",
    "holds_secret",
    "is_file",
    "look_up",
    "near",
    "number_text",
    "parse",
    "references",
    "resolve",
    "shown",
    "texts",
]

Path: TypeAlias = tuple[str | int, ...]
FILE_FACTS: Final = ("name", "size_bytes", "media_type")
OUTSIDE: Final = {
    "iteration": ("this node has no iterator of its own", "Give the node an iterator, or use `group.…` in a group."),
    "group": ("this node is in no group that iterates", "Give the group an iterator, or use `iteration.…`."),
}


def texts(value: Json, at: Path = ()) -> Iterator[tuple[str, str]]:
    """Every text in the value with its place, such as `rows[0].name` ("" for the value itself)."""
    if isinstance(value, str):
        yield shown(at), value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item, (*at, key))
    elif isinstance(value, Sequence):
        for index, item in enumerate(value):
            yield from texts(item, (*at, index))


def references(value: Json) -> list[tuple[str, Reference]]:
    """Every reference in the value with the place of its text.

    Raises: TemplateFault (with `where`) for the first text that cannot be read; `faults` tells all of them.
    """
    found: list[tuple[str, Reference]] = []
    for where, text in texts(value):
        try:
            found += [(where, reference) for reference in parse(text).references]
        except TemplateFault as fault:
            raise TemplateFault(fault.position, fault.message, fault.mend, where) from None
    return found


def faults(value: Json) -> list[Problem]:
    """A problem for every text in the value that cannot be read; `where` is its place in the value."""
    problems: list[Problem] = []
    for where, text in texts(value):
        try:
            parse(text)
        except TemplateFault as fault:
            problems.append(Problem(where, f"at character {fault.position}: {fault.message}.", fault.mend))
    return problems


def resolve(value: Json, lookup: Callable[[Reference], Resolved]) -> Resolved:
    """The value with every reference replaced, after its transformations.

    A text that is exactly one reference becomes the value itself (number, list, object, file, secret). Mixed text
    is joined: numbers in plain digits, booleans `true`/`false`, null as nothing, lists and objects as compact JSON.
    Text that took in a Secret is a Secret.

    Raises: TemplateFault; Unresolved for a missing name, a value that a transformation cannot work on, or a file
    within text; both with `where`.
    """
    return _resolve(value, lookup, ())


def _resolve(value: Json, lookup: Callable[[Reference], Resolved], at: Path) -> Resolved:
    if isinstance(value, str):
        if "${{" not in value:
            return value
        try:
            return _resolve_text(value, lookup)
        except TemplateFault as fault:
            raise TemplateFault(fault.position, fault.message, fault.mend, shown(at)) from None
        except Unresolved as error:
            raise error.at(shown(at)) from None
    if isinstance(value, Mapping):
        return {key: _resolve(item, lookup, (*at, key)) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_resolve(item, lookup, (*at, index)) for index, item in enumerate(value)]
    return value


def _resolve_text(text: str, lookup: Callable[[Reference], Resolved]) -> Resolved:
    template = parse(text)
    if template.single is not None:
        return _value(template.single, lookup)
    parts: list[str] = []
    secret = False
    for piece in template.pieces:
        if isinstance(piece, Text):
            parts.append(piece.text)
            continue
        value = _value(piece, lookup)
        secret = secret or holds_secret(value)
        parts.append(as_text(value, piece.reference if isinstance(piece, Piped) else piece))
    joined = "".join(parts)
    return Secret(joined) if secret else joined


def _value(piece: Reference | Piped, lookup: Callable[[Reference], Resolved]) -> Resolved:
    return piped_value(piece, lookup) if isinstance(piece, Piped) else lookup(piece)


def as_text(value: Resolved, reference: Reference) -> str:
    """The value inside text; a secret is revealed, so the caller makes the whole text a Secret.

    Raises: Unresolved when the value is or holds a file.
    """
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float):
        return number_text(value)
    return dump(_plain(value, reference))


def look_up(known: Known, reference: Reference) -> Resolved:
    """The value of a reference among the values a run knows; steps behind the name lead into JSON.

    Text that holds JSON may be stepped into as well. Raises: Unresolved listing the near names.
    """
    if reference.scope != "node":
        names: Mapping[str, Resolved] = getattr(known, reference.scope)
        if reference.name not in names:
            if reference.scope in OUTSIDE:
                raise _no_pass(names, reference)
            mend = near(reference.name, names.keys())
            raise Unresolved(reference, f"there is no {KINDS[reference.scope]} `{reference.name}`", mend)
        return step_into(names[reference.name], reference.path[1:], reference)
    outputs = known.node.get(reference.name)
    if outputs is None:
        mend = near(reference.name, known.node.keys())
        raise Unresolved(reference, f"node `{reference.name}` has no result before this node", mend)
    output = str(reference.path[1])
    if output not in outputs:
        raise Unresolved(reference, f"node `{reference.name}` has no output `{output}`", near(output, outputs.keys()))
    return step_into(outputs[output], reference.path[2:], reference)


def _no_pass(names: Mapping[str, Resolved], reference: Reference) -> Unresolved:
    """Why a fact of a pass is not there: no iterator at all, or one that cannot know it."""
    if not names:
        message, mend = OUTSIDE[reference.scope]
        return Unresolved(reference, f"there is no `{reference}`: {message}", mend)
    message = f"there is no `{reference}`: a repeat until does not know beforehand when it ends"
    return Unresolved(reference, message, "Use a list iterator, or leave it out.")


def step_into(value: Resolved, steps: Path, reference: Reference) -> Resolved:
    """What is found in the value by walking the steps.

    Raises: Unresolved naming the step that leads nowhere.
    """
    for index, step in enumerate(steps):
        if isinstance(value, Secret):
            try:
                return Secret(as_text(step_into(value.reveal(), steps[index:], reference), reference))
            except Unresolved as fault:  # its sentence could tell what the secret holds
                message = f"`{reference}` leads nowhere in the secret value"
                raise type(fault)(reference, message, "Check its path.") from None
        try:
            value = one_step(_opened(value, reference), step)
        except NoStep as fault:
            kind = Missing if fault.missing else Unresolved
            raise kind(reference, f"`{reference}`: {fault.message}", fault.mend) from None
    return value


def _opened(value: Resolved, reference: Reference) -> Resolved:
    """The value as something that has parts: text as the JSON it holds, a file as its facts."""
    if isinstance(value, FileRef):
        return {fact: getattr(value, fact) for fact in FILE_FACTS}
    if not isinstance(value, str):
        return value
    try:
        return parse_json(value)
    except ValueError:
        raise Unresolved(reference, f"`{reference}`: the value is text and not JSON", "Use it whole.") from None


def shown(path: Path) -> str:
    """A place in a value as a person writes it: `rows[0].name`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif PLAIN_NAME.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{dump(step)}]"
    return text


def _plain(value: Resolved, reference: Reference) -> Json:
    """The value as JSON with secrets revealed; refuses files."""
    if isinstance(value, FileRef) or is_file(value):
        mend = "Let the reference stand alone in its field, without text around it."
        raise Unresolved(reference, f"`{reference}` is a file and cannot be part of a text", mend)
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {key: _plain(item, reference) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item, reference) for item in value]
    return value


def is_file(value: Resolved) -> bool:
    """Whether the value is a file, also as the object that a result's row keeps of it."""
    if isinstance(value, FileRef):
        return True
    return isinstance(value, Mapping) and value.get("kind") == "file" and "blob" in value and "size_bytes" in value
