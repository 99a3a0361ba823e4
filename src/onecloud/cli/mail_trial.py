"""`onecloud admin test-mail`: the same test as the page's button, from a shell."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


async def try_mail(
    *,
    to: Annotated[str, Parameter(help="Address that the mail goes to.")],
    data: Annotated[Path | None, Parameter(help="Data folder of the server; default ONECLOUD_DATA.")] = None,
) -> int:
    """Send a test mail with the settings of this shell. Exit status: 0 the mail server took it, 1 it did not."""
    from onecloud.cli.ground import open_ground
    from onecloud.kernel.errors import OneCloudError
    from onecloud.kernel.principal import Principal
    from onecloud.notify.actions import send_test_mail

    operator = Principal(user_id=0, email="", name="the command line", is_admin=True, via="cli")
    try:
        async with open_ground(data) as ground:
            server = await send_test_mail(ground, operator, to, datetime.now(UTC))
    except OneCloudError as error:
        print(f"onecloud: {error.message}", file=sys.stderr)
        return 1
    print(f"{server[:1].upper()}{server[1:]} took the mail to {to}.")
    return 0
