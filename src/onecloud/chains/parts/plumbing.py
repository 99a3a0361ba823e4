"""Parts as stored JSON and back, by their dataclasses alone: nothing about a part is said twice; pure."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, Optional

from pydantic import TypeAdapter

from onecloud.chains.parts.iterate import Iterate
from onecloud.chains.parts.notification import NotificationSpec
from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.chains.parts.values import ChainOutput, DynamicVariable
from onecloud.kernel.jsonvalue import dump
from onecloud.variables.conditions import Condition
from onecloud.variables.extract import DynamicOutput

# Fields of Definition and of Node that hold parts: a new one needs this line, its field in `model.py` and its field
# in `fields.py`.
OF_CHAIN: Final[dict[str, Any]] = {
    "dynamic_variables": tuple[DynamicVariable, ...],
    "outputs": tuple[ChainOutput, ...],
    "schedules": tuple[ScheduleSpec, ...],
    "notifications": tuple[NotificationSpec, ...],
}
OF_NODE: Final[dict[str, Any]] = {
    "iterate": Iterate | None,
    "skip_if": Optional[Condition],  # noqa: UP045 - an Annotated union takes no | at run time
    "dynamic_outputs": tuple[DynamicOutput, ...],
    "notifications": tuple[NotificationSpec, ...],
}


@cache
def adapter(name: str, *, of_node: bool) -> TypeAdapter[Any]:
    """What reads and writes the parts of one field."""
    return TypeAdapter((OF_NODE if of_node else OF_CHAIN)[name])


def dumped(holder: object, *, of_node: bool) -> dict[str, Any]:
    """The parts of a Definition or a Node as JSON values by field; fields without any are left out."""
    return {
        name: adapter(name, of_node=of_node).dump_python(
            getattr(holder, name), mode="json", exclude_defaults=True, by_alias=True
        )
        for name in (OF_NODE if of_node else OF_CHAIN)
        if getattr(holder, name)
    }


def loaded(stored: dict[str, Any], *, of_node: bool) -> dict[str, Any]:
    """The parts of a stored Definition or Node by field; those that are not there are left to their defaults."""
    return {
        name: adapter(name, of_node=of_node).validate_json(dump(stored[name]), by_alias=True)
        for name in (OF_NODE if of_node else OF_CHAIN)
        if name in stored
    }
