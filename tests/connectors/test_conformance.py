"""What every registered command must keep, run over all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from onecloud.connector import Command, Connector
from onecloud.connector.testing import FakeContext, check_cancel, check_connector, check_repeatable, run_command
from onecloud.connectors import find_command, registry
from tests.connectors.case import Case
from tests.connectors.cases import CASES
from tests.connectors.server import Service

ALL = sorted(f"{connector.id}.{command.id}" for connector in registry().values() for command in connector.commands)


def command_of(name: str) -> Command[Any]:
    command = find_command(name)
    assert command is not None
    return command


def case_of(name: str) -> Case:
    assert name in CASES, f"{name} has no case in tests/connectors/cases.py: write one"
    return CASES[name]


def context_of(case: Case, folder: Path) -> FakeContext:
    return FakeContext(folder, case.connection() if case.connection else None)


@pytest.mark.parametrize("connector", registry().values(), ids=list(registry()))
def test_a_manifest_describes_every_field_and_its_schemas_hold(connector: Connector) -> None:
    check_connector(connector)


@pytest.mark.parametrize("name", ALL)
async def test_a_command_works_and_shows_no_secret(name: str, tmp_path: Path, service: Service) -> None:
    command, case = command_of(name), case_of(name)
    ctx = context_of(case, tmp_path)
    ended = await run_command(command, ctx, case.works(ctx, service))
    assert ended.means == "success", ended.message
    assert command.outputs.model_validate_json(ended.outputs.model_dump_json()) == ended.outputs


@pytest.mark.parametrize("name", ALL)
async def test_a_command_that_may_run_again_comes_to_the_same(name: str, tmp_path: Path, service: Service) -> None:
    command, case = command_of(name), case_of(name)
    ctx = context_of(case, tmp_path)
    inputs = case.works(ctx, service)
    assert command.may_run_again(command.inputs.model_validate(inputs)) == case.repeatable
    if case.repeatable:
        await check_repeatable(command, ctx, inputs, same_outputs=case.same_outputs)


@pytest.mark.parametrize("name", [name for name in ALL if name not in CASES or CASES[name].long])
async def test_a_cancelled_command_ends_within_two_seconds(name: str, tmp_path: Path, service: Service) -> None:
    case = case_of(name)
    ctx = context_of(case, tmp_path)
    assert case.long is not None
    await check_cancel(command_of(name), ctx, case.long(ctx, service))


def test_there_is_no_case_for_a_command_that_is_gone() -> None:
    assert set(CASES) <= set(ALL)
