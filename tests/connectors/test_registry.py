"""The registry, and the checks that guard it: each must bite."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from pydantic import BaseModel, Field, SecretStr

from onecloud.connector import Command, CommandFailed, Connector, Context, Inputs, Outputs, Warned
from onecloud.connector.testing import FakeContext, check_cancel, check_connector, check_repeatable, run_command
from onecloud.connectors import collect, find_command, registry


class In(Inputs):
    """Inputs of a command made for these tests."""

    password: SecretStr = Field(default=SecretStr("hunter2!"), description="A secret.")


class Out(Outputs):
    """Outputs of a command made for these tests."""

    count: int = Field(default=0, description="A number.")


async def _works(_ctx: Context, _inputs: In) -> Out:
    return Out()


SOUND = Command("act", "Act", "Does something.", In, Out, _works)
CONNECTOR = Connector("sound", "Sound", "A connector without a fault.", (SOUND,))


def test_connectors_are_listed_by_id_and_sorted() -> None:
    assert list(registry()) == sorted(registry())
    assert {"files", "http", "json"} <= set(registry())


def test_a_command_is_found_by_its_whole_name() -> None:
    command = find_command("files.create")
    assert command is not None
    assert command.title == "Create File"
    assert [find_command(name) for name in ("files", "files.", "files.fly", "nothing.create", "")] == [None] * 5


def test_two_connectors_of_one_id_are_refused_by_both_names() -> None:
    other = replace(CONNECTOR, title="Other")
    with pytest.raises(ValueError, match=r"'sound': 'Sound' .* and 'Other'"):
        collect([CONNECTOR, other])


def test_a_sound_connector_passes() -> None:
    check_connector(CONNECTOR)


class Nameless(Inputs):
    """A field without a description."""

    field: str = "x"


class Open(Inputs):
    """A secret in the open."""

    password: str = Field(default="", description="A secret.")


class Strict(Inputs):
    """A field whose schema promises more than the model takes."""

    number: str = Field(pattern="^[0-9]{5}$", description="Five digits.")


@pytest.mark.parametrize(
    ("faulty", "fault"),
    [
        (replace(CONNECTOR, id="Bad-Id"), "no id"),
        (replace(CONNECTOR, commands=()), "no command"),
        (replace(CONNECTOR, commands=(SOUND, SOUND)), "two commands"),
        (replace(CONNECTOR, commands=(replace(SOUND, needs_connection=True),)), "no properties"),
        (replace(CONNECTOR, commands=(replace(SOUND, exit_codes=()),)), "exit code 0"),
        (replace(CONNECTOR, commands=(replace(SOUND, inputs=Nameless),)), "inputs.field: has no description"),
        (replace(CONNECTOR, commands=(replace(SOUND, inputs=Open),)), "not a SecretStr"),
        (replace(CONNECTOR, commands=(replace(SOUND, inputs=Strict),)), "is refused"),
    ],
)
def test_a_faulty_manifest_is_found(faulty: Connector, fault: str) -> None:
    with pytest.raises(AssertionError, match=fault):
        check_connector(faulty)


async def test_an_undeclared_exit_code_is_found(ctx: FakeContext) -> None:
    async def fails(_ctx: Context, _inputs: In) -> Out:
        raise CommandFailed(7, "no")

    async def warns(_ctx: Context, _inputs: In) -> Warned:
        return Warned(Out(), 1, "declared as an error")

    with pytest.raises(AssertionError, match="exit code 7"):
        await run_command(replace(SOUND, run=fails), ctx, {})
    with pytest.raises(AssertionError, match="declared as error"):
        await run_command(replace(SOUND, run=warns), ctx, {})


async def test_a_secret_in_log_or_message_is_found(ctx: FakeContext) -> None:
    async def logs(ctx: Context, inputs: In) -> Out:
        ctx.log(f"signing in with {inputs.password.get_secret_value()}")
        return Out()

    async def says(_ctx: Context, inputs: In) -> Out:
        raise CommandFailed(1, f"{inputs.password.get_secret_value()} is wrong")

    with pytest.raises(AssertionError, match="to its log"):
        await run_command(replace(SOUND, run=logs), ctx, {"password": "s3cret"})
    ctx.lines.clear()
    with pytest.raises(AssertionError, match="into its message"):
        await run_command(replace(SOUND, run=says), ctx, {"password": "s3cret"})


async def test_a_command_that_swallows_its_cancel_is_found(ctx: FakeContext) -> None:
    async def swallows(_ctx: Context, _inputs: In) -> Out:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return Out()
        return Out()

    with pytest.raises(AssertionError, match="swallowed"):
        await check_cancel(replace(SOUND, run=swallows), ctx, {})
    with pytest.raises(AssertionError, match="before it could be cancelled"):
        await check_cancel(SOUND, ctx, {})


async def test_a_false_claim_to_be_repeatable_is_found(ctx: FakeContext) -> None:
    async def appends(ctx: Context, _inputs: In) -> Out:
        with ctx.folder_path("log.txt").open("a") as file:
            file.write("again\n")
        return Out()

    with pytest.raises(AssertionError, match="other files"):
        await check_repeatable(replace(SOUND, run=appends), ctx, {})
    with pytest.raises(AssertionError, match="may not run again"):
        await check_repeatable(replace(SOUND, repeatable=False), ctx, {})


def test_a_wrong_input_is_not_repeated_in_the_error() -> None:
    class Number(Inputs):
        count: int

    with pytest.raises(ValueError, match="count") as caught:
        Number.model_validate({"count": "s3cret"})
    assert "s3cret" not in str(caught.value)
    assert issubclass(Number, BaseModel)
