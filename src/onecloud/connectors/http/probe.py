"""The test of a connection: does the server answer, and does it accept the sign-in?"""

from __future__ import annotations

from onecloud.connector import CommandFailed, Context
from onecloud.connectors.http.failures import SERVER_ERROR, SIGN_IN, refused
from onecloud.connectors.http.send import connection_of, sending
from onecloud.connectors.http.shapes import RequestInputs


async def run(ctx: Context) -> None:
    """Ask the base URL for itself; any answer but a refused sign-in and a broken server will do.

    Raises: CommandFailed when the server cannot be reached, fails, or refuses the sign-in.
    """
    if not connection_of(ctx).base_url:
        raise CommandFailed(1, "There is nothing to test: the connection has no base URL.", retryable=False)
    async with sending(ctx, RequestInputs(read_timeout_s=10)) as response:
        failed = refused("GET", response.url, response.status_code, "")
        if response.status_code >= 400 and failed.exit_code in {SIGN_IN.code, SERVER_ERROR.code}:
            raise failed
