"""HTTP of the token service: the API access page's routes and the OAuth endpoints."""

from __future__ import annotations

from fastapi import APIRouter

from onecloud.tokens.routes.api_access import router as api_access_router
from onecloud.tokens.routes.oauth import router as oauth_router

router = APIRouter(tags=["tokens"])
router.include_router(api_access_router)
router.include_router(oauth_router)

__all__ = ["router"]
