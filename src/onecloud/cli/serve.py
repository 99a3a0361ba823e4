"""`onecloud serve`: migrate, start the engine, serve, and stop gracefully."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

if TYPE_CHECKING:
    from uvicorn import Server

FLUSH_S: Final = 5.0  # how old a "last used" may be on the page
FORGET_EVERY: Final = 12  # turns: once a minute, the sealed pairs that nobody may ask for again


def serve(
    *,
    host: Annotated[str, Parameter(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="Port to listen on.")] = 8000,
    data: Annotated[Path | None, Parameter(help="Folder for databases, files and the key; created.")] = None,
) -> int:
    """Start the server with its web app, API and engine."""
    import uvloop

    return uvloop.run(run_server(host, port, data))


async def run_server(host: str, port: int, data: Path | None) -> int:
    """Serve until SIGINT or SIGTERM; gives the exit status."""
    import structlog
    import uvicorn
    from fastapi import FastAPI
    from sqlalchemy.exc import SQLAlchemyError

    from onecloud.access import actions as access
    from onecloud.api.app import create_app
    from onecloud.approvals.due import minding_due
    from onecloud.cli.ground import open_ground, settings_for
    from onecloud.infra.blobs import Blobs
    from onecloud.infra.durable import Journals
    from onecloud.infra.logs import configure_logs
    from onecloud.kernel.errors import OneCloudError
    from onecloud.notify.actions import send_digests, send_summaries
    from onecloud.notify.sender import sending
    from onecloud.retention.keeping import retaining
    from onecloud.runs.answers import Answers
    from onecloud.runs.changes import Changes
    from onecloud.runs.store import ended_between
    from onecloud.schedules.dispatcher import dispatching
    from onecloud.schedules.parts import workspace_calendars
    from onecloud.tokens import actions as tokens
    from onecloud.tokens.last_used import LastUsed
    from onecloud.triggers.dispatcher import dispatching as dispatching_triggers
    from onecloud.worker.embedded import embedded_engine

    configure_logs(settings_for(data))
    log = structlog.get_logger()
    try:
        async with contextlib.AsyncExitStack() as stack:
            ground = await stack.enter_async_context(open_ground(data))
            ground.settings.files_folder.mkdir(parents=True, exist_ok=True)
            blobs, changes, last_used = Blobs(ground.settings.blobs_folder), Changes(), LastUsed()
            engine = await stack.enter_async_context(embedded_engine(ground, blobs, changes))
            chores = [partial(send_digests, ground), partial(send_summaries, ground, ended_between)]
            await stack.enter_async_context(sending(ground, blobs, chores))
            await stack.enter_async_context(minding_due(ground, Answers(engine)))

            async def flush() -> None:
                if not last_used.is_empty:
                    async with ground.database.transaction() as db:
                        await last_used.flush(db)

            async def keep_house() -> None:
                for turn in itertools.count(1):
                    await asyncio.sleep(FLUSH_S)
                    try:
                        await flush()
                        if turn % FORGET_EVERY == 0:
                            async with ground.database.transaction() as db:
                                await tokens.forget_retries(db)
                    except SQLAlchemyError as error:  # kept by LastUsed, and tried again
                        log.warning("last_used.not_written", reason=str(error))

            flushing = asyncio.create_task(keep_house())
            app: FastAPI = create_app(ground, signals=engine, changes=changes, blobs=blobs, last_used=last_used)
            config = uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=5,
                lifespan="off",
                proxy_headers=bool(ground.settings.trusted_proxies),
                forwarded_allow_ips=ground.settings.trusted_proxies or None,
            )
            server = uvicorn.Server(config)
            # The library would end the process by the same signal once more, before the engine is closed.
            setattr(server, "capture_signals", contextlib.nullcontext)  # noqa: B010 - not an attribute it types
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, ask_to_stop, server)
            async with ground.database.transaction() as db:
                link = await access.setup_link(db, ground.keys)
            address = ground.settings.public_url.rstrip("/") or f"http://{host}:{port}"
            serving = asyncio.create_task(server.serve())
            while not server.started and not serving.done():
                await asyncio.sleep(0.01)
            if server.started:
                # What start-up made stays for good: the collector need not walk through it again and again, which
                # would stop every request for up to a tenth of a second.
                gc.collect()
                gc.freeze()
                log.info("server.ready", address=address, pid=os.getpid())
                # Only now: taking over very many schedules that were just published keeps this thread busy.
                await stack.enter_async_context(dispatching(ground, engine, workspace_calendars(blobs)))
                await stack.enter_async_context(dispatching_triggers(ground, engine))
                journals = stack.enter_context(contextlib.closing(Journals(ground.settings)))
                await stack.enter_async_context(retaining(ground, blobs, journals.forget))
                if link is not None:
                    welcome(address + link)
            await serving
            flushing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await flushing
            await flush()
            gc.unfreeze()  # else libraries in C would report, as the process ends, what is never freed
            log.info("server.stopped")
            return 0 if server.started else 1
    except OneCloudError as error:
        print(f"onecloud: {error.message}", file=sys.stderr)
        return 1


def ask_to_stop(server: Server) -> None:
    """First signal: finish what is under way. Second: do not wait for open connections."""
    server.force_exit = server.should_exit
    server.should_exit = True


def welcome(link: str) -> None:
    """Show the one-time setup link on the console; it is never written to the log."""
    print(
        "\n  This server has no administrator yet. Open this link once to create the first one:\n"
        f"\n    {link}\n"
        "\n  It works until it is used, for 7 days, or until the next start.\n",
        flush=True,
    )
