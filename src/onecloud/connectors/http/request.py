"""HTTP Request: one call of a web service.

Why it is repeatable: the methods that RFC 9110 9.2.2 calls idempotent are by their nature; POST and PATCH are when an
Idempotency-Key goes with them, which is the default. Without the key the engine must not send them a second time.
"""

from __future__ import annotations

from onecloud.connector import Command, Context
from onecloud.connectors.http.answer import excerpt, outputs_of
from onecloud.connectors.http.failures import EXIT_CODES, refused
from onecloud.connectors.http.send import ONCE, connection_of, secrets_of, sending, sends_key
from onecloud.connectors.http.shapes import RequestInputs, RequestOutputs
from onecloud.kernel.secret import redact


def may_repeat(inputs: RequestInputs) -> bool:
    """Whether a request that a crash cut off may be sent again."""
    if inputs.repeat_after_crash != "auto":
        return inputs.repeat_after_crash == "yes"
    return inputs.method not in ONCE or sends_key(inputs)


async def run(ctx: Context, inputs: RequestInputs) -> RequestOutputs:
    """Send the request and read the answer."""
    async with sending(ctx, inputs) as response:
        status = response.status_code
        if status >= 400 and status not in inputs.expected_status:
            said = redact(await excerpt(response), secrets_of(connection_of(ctx), inputs))
            raise refused(inputs.method, response.url, status, said)
        return await outputs_of(ctx, response, inputs)


COMMAND = Command(
    id="request",
    title="Request",
    description="Calls a web service with any method, and gives its answer as a value or as a file.",
    inputs=RequestInputs,
    outputs=RequestOutputs,
    run=run,
    exit_codes=EXIT_CODES,
    repeatable_when=may_repeat,
)
