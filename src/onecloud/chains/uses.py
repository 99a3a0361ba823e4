"""Which files of the workspace a chain refers to; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator

from onecloud.chains.codec import encode
from onecloud.chains.model import Definition
from onecloud.variables.language import parse
from onecloud.variables.model import Reference, TemplateFault
from onecloud.variables.rules import texts


def resources_of(definition: Definition) -> frozenset[str]:
    """The names of the files that the chain refers to. Source: product facts 2.17."""
    return frozenset(reference.name for reference in _references(encode(definition)) if reference.scope == "resource")


def used_by(definition: Definition) -> frozenset[str]:
    """The names of the files that the chain needs: those that it refers to, and the calendars of its schedules."""
    calendars = (schedule.calendar for schedule in definition.schedules)
    return resources_of(definition) | frozenset(name for name in calendars if name is not None)


def _references(stored: str) -> Iterator[Reference]:
    """Every reference to a file anywhere in the chain, in whichever part; a text that cannot be read has none."""
    if "resource" not in stored:
        return
    for _, text in texts(json.loads(stored)):
        if "${{" in text and "resource" in text:
            try:
                yield from parse(text).references
            except TemplateFault:
                continue
