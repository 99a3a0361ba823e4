"""What approvals and uploads need of the process they run in: the file store, and the way to let runs go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from onecloud.approvals.port import Settled
from onecloud.infra.blobs import Blobs


@dataclass(frozen=True, slots=True)
class AskParts:
    """The parts, made once by the composition."""

    blobs: Blobs
    settled: Settled


async def parts_of(request: Request) -> AskParts:
    """The parts of the application that serves this request."""
    return cast(AskParts, request.app.state.asks)


Parts = Annotated[AskParts, Depends(parts_of)]
