"""`onecloud trigger`: the triggers of chains. Works on the data folder, also beside a running server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from cyclopts import App, Parameter

from onecloud.cli.resource import refusable
from onecloud.kernel.jsonvalue import Json, dump, parse

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from onecloud.triggers.model import FireRecord, Trigger, TriggerDocument

app = App(name="trigger", help="Triggers of chains: list, create, enable, disable, and what became of each time.")

OK: Final = 0
USAGE: Final = 2
MOST: Final = 200

Name: TypeAlias = Annotated[str, Parameter(help="Name of the trigger.")]
Workspace: TypeAlias = Annotated[str, Parameter(help="Name of the workspace.")]
Environment: TypeAlias = Annotated[str, Parameter(help="Name of the environment.")]
Chain: TypeAlias = Annotated[str, Parameter(help="Name of the chain.")]
Data: TypeAlias = Annotated[Path | None, Parameter(help="Data folder of the server; default ONECLOUD_DATA.")]
AsJson: TypeAlias = Annotated[bool, Parameter(help="Print the result as JSON.", negative="")]


@app.command
def create(
    file: Annotated[
        str, Parameter(help="YAML or JSON file of the trigger; - reads standard input.", allow_leading_hyphen=True)
    ],
    /,
    *,
    workspace: Workspace,
    environment: Environment,
    chain: Chain,
    disabled: Annotated[bool, Parameter(help="Keep it, but do not let it start runs yet.", negative="")] = False,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Give a chain a trigger. A webhook's address and signing secret are printed this once: nobody can read them again.

    Exit status: 0 done, 1 refused, 2 wrong usage.
    """

    async def work() -> int:
        from onecloud.cli.ground import open_ground
        from onecloud.triggers import actions

        document = document_of(text)
        async with open_ground(data) as ground, ground.database.transaction() as db:
            chain_id = await _chain(db, workspace, environment, chain)
            saved = await actions.add(db, ground, None, chain_id, document, enabled=not disabled)
            base = ground.settings.public_url.rstrip("/")
        address = None if saved.address is None else f"{base}/hooks/{saved.address}"
        if json:
            secrets: dict[str, Json] = {"address": address, "signing_secret": saved.signing_secret}
            print(dump({**as_json(saved.trigger), **secrets}))
            return OK
        print(f"{chain} has the trigger {document.name} (trigger {saved.trigger.id}).")
        if address is not None:
            print(f"Its address, shown only now: {address}")
        if saved.signing_secret is not None:
            print(f"Its signing secret, shown only now: {saved.signing_secret}")
        return OK

    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        print(f"onecloud: {file} cannot be read: {error}.", file=sys.stderr)
        return USAGE
    return refusable(work, as_json=json)


@app.command(name="list")
def list_triggers(
    *, workspace: Workspace, environment: Environment, chain: Chain, data: Data = None, json: AsJson = False
) -> int:
    """List the triggers of a chain, what was last, and why one will not start a run."""

    async def work() -> int:
        from onecloud.cli.ground import open_ground
        from onecloud.triggers import actions

        async with open_ground(data) as ground, ground.database.reading() as db:
            found = await actions.triggers_of(db, None, await _chain(db, workspace, environment, chain))
        if json:
            shown: list[Json] = [
                {
                    **as_json(one.trigger),
                    "last_fire": None if one.last is None else fire_json(one.last),
                    "hindrances": [{"code": h.code, "message": h.message} for h in one.hindrances],
                }
                for one in found
            ]
            print(dump(shown))
            return OK
        for one in found:
            trigger = one.trigger
            state = "enabled" if trigger.enabled else "disabled"
            print(f"{trigger.name}: {trigger.document.source.kind}, {state} (trigger {trigger.id})")
            if one.last is not None:
                print(f"    last: {fire_line(one.last)}")
            for hindrance in one.hindrances:
                print(f"    {hindrance.message}")
        if not found:
            print(f"{chain} has no triggers; give it one with `onecloud trigger create FILE`.")
        return OK

    return refusable(work, as_json=json)


@app.command
def enable(
    name: Name,
    /,
    *,
    workspace: Workspace,
    environment: Environment,
    chain: Chain,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Let a trigger start runs."""
    return _switch(name, (workspace, environment, chain), data, enabled=True, json=json)


@app.command
def disable(
    name: Name,
    /,
    *,
    workspace: Workspace,
    environment: Environment,
    chain: Chain,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Keep a trigger from starting runs, until it is enabled; runs under way go on."""
    return _switch(name, (workspace, environment, chain), data, enabled=False, json=json)


@app.command
def fires(
    name: Name,
    /,
    *,
    workspace: Workspace,
    environment: Environment,
    chain: Chain,
    count: Annotated[int, Parameter(help="How many of the newest.")] = 20,
    data: Data = None,
    json: AsJson = False,
) -> int:
    """Show what became of each time that a trigger saw something, newest first."""
    if not 1 <= count <= MOST:
        print(f"onecloud: --count is {count}; give 1 to {MOST}.", file=sys.stderr)
        return USAGE

    async def work() -> int:
        from onecloud.cli.ground import open_ground
        from onecloud.triggers import actions

        async with open_ground(data) as ground, ground.database.reading() as db:
            trigger = await actions.named(db, None, await _chain(db, workspace, environment, chain), name)
            found = await actions.history_of(db, None, trigger.id, None, count)
        if json:
            print(dump([fire_json(one) for one in found]))
            return OK
        for one in found:
            print(fire_line(one))
        if not found:
            print(f"{name} has seen nothing yet.")
        return OK

    return refusable(work, as_json=json)


def _switch(name: str, place: tuple[str, str, str], data: Path | None, *, enabled: bool, json: bool) -> int:
    async def work() -> int:
        from onecloud.cli.ground import open_ground
        from onecloud.triggers import actions

        async with open_ground(data) as ground, ground.database.transaction() as db:
            trigger = await actions.named(db, None, await _chain(db, *place), name)
            trigger = await actions.switch(db, None, trigger.id, enabled=enabled)
        state = "enabled" if trigger.enabled else "disabled"
        print(dump(as_json(trigger)) if json else f"{name} is {state}.")
        return OK

    return refusable(work, as_json=json)


async def _chain(db: AsyncSession, workspace: str, environment: str, chain: str) -> int:
    from onecloud.chains import actions as chains
    from onecloud.workspaces import actions as workspaces

    place = await workspaces.find_environment(db, workspace, environment)
    return (await chains.find_chain(db, place.id, chain)).id


def document_of(text: str) -> TriggerDocument:
    """The trigger that a YAML or JSON text says.

    Raises: Invalid with every problem.
    """
    from pydantic import ValidationError

    from onecloud.chains.yamltext import Unreadable, read
    from onecloud.kernel.errors import Invalid, Problem
    from onecloud.triggers.model import TriggerDocument

    try:
        value = read(text).value
    except Unreadable as fault:
        raise Invalid("trigger.invalid", fault.problem.sentence(), problems=(fault.problem,)) from None
    try:
        return TriggerDocument.model_validate(value)
    except ValidationError as fault:
        problems = tuple(
            Problem(".".join(str(step) for step in error["loc"]) or "file", f"{error['msg']}.")
            for error in fault.errors(include_url=False, include_input=False, include_context=False)
        )
        raise Invalid("trigger.invalid", problems[0].sentence(), problems=problems) from None


def as_json(trigger: Trigger) -> dict[str, Json]:
    """A trigger as programs read it."""
    return {
        "id": str(trigger.id),
        "chain_id": str(trigger.chain_id),
        "enabled": trigger.enabled,
        "trigger": parse(trigger.document.model_dump_json()),
    }


def fire_json(record: FireRecord) -> dict[str, Json]:
    """What became of a time, as programs read it."""
    return {
        "fired_at": record.fired_at.isoformat(),
        "about": record.about,
        "run_id": None if record.run_id is None else str(record.run_id),
        "reason": record.reason,
        "detail": record.detail,
    }


def fire_line(record: FireRecord) -> str:
    """What became of a time, in a line."""
    about = f" {record.about}:" if record.about else ""
    came = f"run {record.run_id}" if record.run_id is not None else f"{record.detail} ({record.reason})"
    return f"{record.fired_at:%Y-%m-%d %H:%M:%S} UTC{about} {came}"
