"""`onecloud admin enable-api`: the same action as the page's button, for scripts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


async def enable_api(
    *,
    email: str,
    data: Path | None = None,
    days: int | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Enable API access for an administrator and print the tokens: the only time that they are shown.

    Parameters
    ----------
    email: the administrator's email.
    data: the server's data folder.
    days: days that access tokens live; the server's default when left out.
    as_json: print one JSON object instead of lines.
    """
    import json

    from onecloud.access.actions import principal_of, user_by_email
    from onecloud.cli.ground import open_ground
    from onecloud.kernel.errors import Conflict, OneCloudError
    from onecloud.tokens.actions import enable
    from onecloud.tokens.policy import policy_of

    try:
        async with open_ground(data) as ground, ground.database.transaction() as db:
            user = await user_by_email(db, email)
            caller = await principal_of(db, user.id, "cli")
            if caller is None:
                raise Conflict("user.disabled", f"{user.email} is disabled; enable the user first.")
            issued = await enable(db, ground.keys, policy_of(ground.settings), caller, days)
    except OneCloudError as error:
        print(error.message, file=sys.stderr)
        return 1
    shown = {
        "client_id": issued.client_id,
        "access_token": issued.pair.access.reveal(),
        "refresh_token": issued.pair.refresh.reveal(),
        "expires_in": issued.expires_in_s,
    }
    if as_json:
        print(json.dumps(shown))
    else:
        print("\n".join(f"{name}: {value}" for name, value in shown.items()))
        print("Store the tokens now: they are not shown again.", file=sys.stderr)
    return 0
