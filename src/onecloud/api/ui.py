"""The built web app as static files; every path that is not the API's is one of its pages."""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from onecloud.access.guard import public
from onecloud.kernel.errors import NotFound

FOLDER: Final = Path(__file__).resolve().parent.parent / "_ui"
API_PATHS: Final = ("api/", "oauth/", ".well-known/", "runner/", "healthz", "readyz", "metrics")

COMPRESSED: Final = ("text/", "application/javascript", "application/json", "image/svg+xml")

NOT_BUILT: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>OneCloud</title>
<h1>The web app is not built</h1>
<p>The server runs, and its API answers under <code>/api</code>. To build the web app run
<code>make install</code> in the project's folder, then start the server again.</p></html>"""

router = APIRouter()


@router.get("/{path:path}", include_in_schema=False)
@public
async def web_app(request: Request, path: str) -> Response:
    """A file of the built app, or its page for every other address."""
    if path.startswith(API_PATHS):
        raise NotFound("route.not_found", f"There is nothing at {request.url.path}.")
    file = (FOLDER / path).resolve()
    if path and file.is_relative_to(FOLDER) and file.is_file():
        # Built files carry a hash of their content in their name, so a browser may keep them for good.
        kept = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
        return await static(request, file, {"Cache-Control": kept})
    if path.startswith("assets/"):
        raise NotFound("route.not_found", f"There is nothing at {request.url.path}.")
    index = FOLDER / "index.html"
    if not index.is_file():
        return HTMLResponse(NOT_BUILT, 503)
    return await static(request, index, {"Cache-Control": "no-cache"})


async def static(request: Request, file: Path, headers: dict[str, str]) -> Response:
    """A built file, compressed for browsers that take it: it holds no secret that its size could tell."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if not kind.startswith(COMPRESSED) or "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(file, media_type=kind, headers=headers)
    data = await asyncio.to_thread(newest_compressed, file)
    return Response(data, media_type=kind, headers={**headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"})


def newest_compressed(file: Path) -> bytes:
    """The file's bytes in gzip, as it is now."""
    return compressed(file, file.stat().st_mtime_ns)


@lru_cache(200)
def compressed(file: Path, _changed: int) -> bytes:
    """The file's bytes in gzip; kept, since a built file does not change."""
    return gzip.compress(file.read_bytes(), 6)
