"""The running parts that the routes of runs need, put on the application at start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from onecloud.infra.blobs import Blobs
from onecloud.runs.actions import Signals
from onecloud.runs.changes import Changes


@dataclass(frozen=True, slots=True)
class RunParts:
    """The file store, the wake-up calls, and the engine of this process (None: runs wait for another process)."""

    blobs: Blobs
    changes: Changes
    signals: Signals | None


async def parts_of(request: Request) -> RunParts:
    """The parts of the application that serves this request."""
    return cast(RunParts, request.app.state.runs)


Parts = Annotated[RunParts, Depends(parts_of)]
