"""A value on its way through the transformations behind its reference; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from onecloud.connector.context import FileRef
from onecloud.kernel.secret import Secret
from onecloud.variables.model import Missing, Pipe, Piped, Reference, Resolved, Unresolved
from onecloud.variables.transform import CATALOG, PipeFault, Value, applied, settled
from onecloud.variables.transform.kinds import dumped

DEFAULT = "default"


def piped_value(piped: Piped, lookup: Callable[[Reference], Resolved]) -> Resolved:
    """The value of the reference after all of its transformations.

    Whatever a secret went into, as the value or as an argument, is a Secret: its text, whatever its type was.

    Raises: Unresolved naming the transformation, what it was given and the mend; never a secret's value.
    """
    try:
        value = lookup(piped.reference)
    except Missing:
        if piped.pipes[0].name != DEFAULT:
            raise
        value = None
    secret = holds_secret(value)
    plain = revealed(value)
    for pipe in piped.pipes:
        arguments: list[Value] = []
        for argument in pipe.arguments:
            given = lookup(argument) if isinstance(argument, Reference) else argument
            secret = secret or holds_secret(given)
            arguments.append(revealed(given))
        try:
            plain = applied(CATALOG[pipe.name], plain, arguments)
        except PipeFault as fault:
            raise _unresolved(piped, pipe, fault, secret=secret) from None
    try:
        result = settled(plain)
    except PipeFault as fault:
        raise _unresolved(piped, piped.pipes[-1], fault, secret=secret) from None
    return Secret(_text(result)) if secret else result


def _unresolved(piped: Piped, pipe: Pipe, fault: PipeFault, *, secret: bool) -> Unresolved:
    detail = f" ({fault.detail})" if fault.detail and not secret else ""
    message = f"`{piped.reference}`: `{pipe.name}`: {fault.message}{detail}"
    return Unresolved(piped.reference, message, fault.mend, span=(pipe.start, pipe.end))


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else dumped(settled(value))


def holds_secret(value: Resolved) -> bool:
    """Whether the value is or holds a Secret."""
    if isinstance(value, Mapping):
        return any(holds_secret(item) for item in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(holds_secret(item) for item in value)
    return isinstance(value, Secret)


def revealed(value: Resolved) -> Value:
    """The value with secrets revealed and files as the objects that are stored of them."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, FileRef):
        return value.model_dump()
    if isinstance(value, Mapping):
        return {key: revealed(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [revealed(item) for item in value]
    return value
