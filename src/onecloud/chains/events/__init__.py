"""The chain events, named one by one. They are declared as commands are and carried out by the engine in `runs/`."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from onecloud.chains.events.approval import APPROVAL
from onecloud.chains.events.flow import CONDITIONAL, DELAY, SET_RESULT
from onecloud.chains.events.spec import EventSpec
from onecloud.chains.events.upload import UPLOAD
from onecloud.chains.events.values import RUN_CHAIN, SET_VARIABLES

EVENTS: Final = MappingProxyType(
    {spec.id: spec for spec in (APPROVAL, CONDITIONAL, DELAY, RUN_CHAIN, SET_RESULT, SET_VARIABLES, UPLOAD)}
)

__all__ = ["EVENTS", "EventSpec"]
