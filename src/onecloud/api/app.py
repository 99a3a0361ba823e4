"""The application: every room's routes, the frame around them, and the web app."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp

from onecloud import __version__
from onecloud.access.guard import public
from onecloud.access.routes import router as access_routes
from onecloud.api import errors, ui
from onecloud.api.frame import Frame
from onecloud.api.openapi import describe
from onecloud.api.v1.chains import router as v1_chains_routes
from onecloud.api.v1.execute import router as execute_routes
from onecloud.api.v1.metadata import router as metadata_routes
from onecloud.api.v1.security import router as security_routes
from onecloud.approvals.parts import AskParts
from onecloud.approvals.routes import router as approvals_routes
from onecloud.approvals.uploads.routes import router as uploads_routes
from onecloud.chain_templates.routes import router as templates_routes
from onecloud.chains.resource_routes import router as chain_resources_routes
from onecloud.chains.routes import router as chains_routes
from onecloud.infra.blobs import Blobs
from onecloud.infra.http import Ground, GroundPart
from onecloud.notify.routes import router as notify_routes
from onecloud.people.routes import router as people_routes
from onecloud.resources.routes import router as resources_routes
from onecloud.retention.routes import router as retention_routes
from onecloud.runs.actions import Signals
from onecloud.runs.answers import Answers
from onecloud.runs.chain_deletion import router as chain_deletion_routes
from onecloud.runs.changes import Changes
from onecloud.runs.parts import RunParts
from onecloud.runs.routes import router as runs_routes
from onecloud.schedules.routes import router as schedules_routes
from onecloud.tokens.last_used import LastUsed
from onecloud.tokens.routes import router as tokens_routes
from onecloud.triggers.hook_routes import router as hook_routes
from onecloud.triggers.routes import router as triggers_routes
from onecloud.variables.routes import router as language_routes
from onecloud.workspaces.routes import router as workspaces_routes


def create_app(
    ground: Ground,
    *,
    signals: Signals | None = None,
    changes: Changes | None = None,
    blobs: Blobs | None = None,
    last_used: LastUsed | None = None,
) -> FastAPI:
    """The whole HTTP surface over a ground. Without `signals` runs are stored and wait for an engine."""
    app = FastAPI(
        title="OneCloud API",
        version=__version__,
        openapi_url=None,  # served below, as a route that says it is public
        docs_url=None,  # the usual page loads scripts from elsewhere, which our content policy forbids
        redoc_url=None,
        generate_unique_id_function=operation_id,
    )
    app.state.ground = ground
    app.state.blobs = blobs or Blobs(ground.settings.blobs_folder)
    app.state.runs = RunParts(blobs=app.state.blobs, changes=changes or Changes(), signals=signals)
    app.state.asks = AskParts(blobs=app.state.blobs, settled=Answers(signals))
    errors.install(app)
    # What programs and pages poll comes first: routes are tried in this order.
    for router in (
        metadata_routes,
        execute_routes,
        runs_routes,
        v1_chains_routes,
        security_routes,
        access_routes,
        people_routes,
        tokens_routes,
        workspaces_routes,
        resources_routes,
        chains_routes,
        chain_resources_routes,
        chain_deletion_routes,
        templates_routes,
        approvals_routes,
        uploads_routes,
        schedules_routes,
        triggers_routes,
        hook_routes,
        retention_routes,
        notify_routes,
        language_routes,
    ):
        app.include_router(router)
    app.add_api_route("/healthz", healthz, methods=["GET"], include_in_schema=False)
    app.add_api_route("/readyz", readyz, methods=["GET"], include_in_schema=False)
    app.add_api_route("/api/openapi.json", openapi_document, methods=["GET"], include_in_schema=False)
    app.include_router(ui.router)
    describe(app)
    noted = last_used or LastUsed()
    app.state.last_used = noted

    def framed(inner: ASGIApp) -> ASGIApp:
        return Frame(inner, ground, noted)

    app.add_middleware(framed)  # pyright: ignore[reportArgumentType] - a factory is what it takes
    return app


def operation_id(route: APIRoute) -> str:
    """The function's name; each is unique within the API, and names the generated client's calls."""
    return route.name


@public
async def openapi_document(request: Request) -> Response:
    """What this server's API is, for programs."""
    return JSONResponse(request.app.openapi())


@public
async def healthz() -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


@public
async def readyz(ground: GroundPart) -> Response:
    """The process can serve: its database answers."""
    try:
        async with ground.database.reading() as db:
            await db.execute(text("select 1"))
    except (SQLAlchemyError, OSError):
        return JSONResponse({"status": "unavailable", "reason": "The database does not answer."}, 503)
    return JSONResponse({"status": "ready"})
