"""What a case of the conformance suite is: how to run one command for real."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import BaseModel

from onecloud.connector.testing import FakeContext
from tests.connectors.server import Service

Prepare: TypeAlias = Callable[[FakeContext, Service], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """`works` and `long` prepare the world and give the inputs.

    `repeatable` says what the manifest must say for the inputs of `works`; `same_outputs` is False where a second
    run rightly tells another story (there is nothing left to delete).
    """

    works: Prepare
    long: Prepare | None = None
    repeatable: bool = True
    same_outputs: bool = True
    connection: Callable[[], BaseModel] | None = None
