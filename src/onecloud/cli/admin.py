"""`onecloud admin`: people from a shell, on the data folder, also beside a running server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from cyclopts import App, Parameter

from onecloud.kernel.errors import OneCloudError
from onecloud.kernel.jsonvalue import Json, dump

if TYPE_CHECKING:
    from onecloud.access.model import User
    from onecloud.kernel.principal import Principal

app = App(
    name="admin",
    help="People, groups and their rights, and mail: create, users, group, disable, reset-link, enable-api, test-mail.",
)

OK: Final = 0
REFUSED: Final = 1
USAGE: Final = 2

Email: TypeAlias = Annotated[str, Parameter(help="Email of the person.")]
Data: TypeAlias = Annotated[Path | None, Parameter(help="Data folder of the server; default ONECLOUD_DATA.")]
AsJson: TypeAlias = Annotated[bool, Parameter(help="Print the result as JSON.", negative="")]


@app.command
def create(
    *,
    email: Email,
    password_stdin: Annotated[bool, Parameter(help="Read the password from standard input.", negative="")] = False,
    data: Data = None,
    first_name: Annotated[str, Parameter(help="First name.")] = "",
    last_name: Annotated[str, Parameter(help="Last name.")] = "",
    json: AsJson = False,
) -> int:
    """Create an administrator. The password comes from standard input, never from an argument that others can see."""
    if not password_stdin:
        return _usage("give the password on standard input: echo … | onecloud admin create --password-stdin …")
    try:
        # One line end belongs to the shell that piped it; everything else belongs to the password.
        password = sys.stdin.buffer.read().decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        return _usage("the password on standard input is not UTF-8 text")

    async def work() -> int:
        from onecloud.access import actions
        from onecloud.cli.ground import open_ground

        async with open_ground(data) as ground, ground.database.transaction() as db:
            user = await actions.create_admin(db, email, password, first_name, last_name, _shell())
        _show(user, f"Administrator {user.email} is created (user {user.id}).", as_json=json)
        return OK

    return _finish(work())


@app.command
def reset_link(*, email: Email, data: Data = None, json: AsJson = False) -> int:
    """Print a link that lets a person set a new password once, within 24 hours; it also unlocks."""

    async def work() -> int:
        from onecloud.access import actions
        from onecloud.cli.ground import open_ground

        async with open_ground(data) as ground:
            async with ground.database.transaction() as db:
                user = await actions.user_by_email(db, email)
                path, expires_at = await actions.create_reset_link(db, ground.keys, user.id, _shell())
            address = ground.settings.public_url.rstrip("/")
        if json:
            print(
                dump({"path": path, "url": address + path if address else None, "expires_at": expires_at.isoformat()})
            )
        else:
            print(address + path if address else path)
            note = "" if address else "Open it at the server's address (ONECLOUD_PUBLIC_URL is not set). "
            print(f"{note}It works once, until {expires_at:%Y-%m-%d %H:%M} UTC.", file=sys.stderr)
        return OK

    return _finish(work())


@app.command
def disable(*, email: Email, data: Data = None, json: AsJson = False) -> int:
    """Disable a person: sessions, reset links and API tokens are dead at once and stay dead."""
    return _finish(_set_disabled(email, data, disabled=True, as_json=json))


@app.command
def enable(*, email: Email, data: Data = None, json: AsJson = False) -> int:
    """Enable a disabled person again; they sign in anew."""
    return _finish(_set_disabled(email, data, disabled=False, as_json=json))


@app.command
def users(*, data: Data = None, json: AsJson = False) -> int:
    """List the people."""

    async def work() -> int:
        from onecloud.access import actions
        from onecloud.activity.rules import PAGE_MOST
        from onecloud.cli.ground import open_ground

        found: list[User] = []
        async with open_ground(data) as ground, ground.database.reading() as db:
            page, cursor = await actions.list_users(db, None, PAGE_MOST)
            found += page
            while cursor is not None:
                page, cursor = await actions.list_users(db, cursor, PAGE_MOST)
                found += page
        if json:
            print(dump([_as_json(user) for user in found]))
        for user in () if json else found:
            marks = [
                mark
                for mark, holds in (
                    ("administrator", user.is_admin),
                    ("disabled", user.disabled),
                    ("locked", user.locked),
                )
                if holds
            ]
            print(f"{user.id}\t{user.email}\t{', '.join(marks)}")
        return OK

    return _finish(work())


async def _set_disabled(email: str, data: Path | None, *, disabled: bool, as_json: bool) -> int:
    from onecloud.access import actions
    from onecloud.cli.ground import open_ground

    async with open_ground(data) as ground, ground.database.transaction() as db:
        user = await actions.user_by_email(db, email)
        user = await actions.set_disabled(db, _shell(), user.id, disabled=disabled)
    _show(user, f"{user.email} is {'disabled' if disabled else 'enabled'}.", as_json=as_json)
    return OK


def _shell() -> Principal:
    """Nobody in particular: whoever may write the data folder."""
    from onecloud.kernel.principal import Principal

    return Principal(user_id=0, email="", name="command line", is_admin=True, via="cli")


def _show(user: User, sentence: str, *, as_json: bool) -> None:
    print(dump(_as_json(user)) if as_json else sentence)


def _as_json(user: User) -> dict[str, Json]:
    return {
        "id": str(user.id),
        "email": user.email,
        "first_name": user.first_name or None,
        "last_name": user.last_name or None,
        "is_admin": user.is_admin,
        "disabled": user.disabled,
        "locked": user.locked,
        "last_sign_in_at": user.last_sign_in_at.isoformat() if user.last_sign_in_at else None,
        "created_at": user.created_at.isoformat(),
    }


def _usage(sentence: str) -> int:
    print(f"onecloud: {sentence}", file=sys.stderr)
    return USAGE


def _finish(work: Coroutine[None, None, int]) -> int:
    """Run a command; a refusal is one sentence on standard error and exit status 1."""
    try:
        return asyncio.run(work)
    except OneCloudError as error:
        print(f"onecloud: {error.message}", file=sys.stderr)
        return REFUSED
