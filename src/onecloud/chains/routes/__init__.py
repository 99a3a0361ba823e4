"""API v2 of chains, one file per theme. Lists come with `runs/`, which knows the last run of each."""

from __future__ import annotations

from fastapi import APIRouter

from onecloud.chains.routes import chain, draft, files, promotion, versions

router = APIRouter(tags=["chains"])
for part in (chain, draft, versions, promotion, files):
    router.include_router(part.router)

__all__ = ["router"]
