"""Setup, sign-in, sessions, people, groups and the sign-in log over HTTP, one file a theme."""

from __future__ import annotations

from fastapi import APIRouter

from onecloud.access.cookie import SESSION_COOKIE
from onecloud.access.routes import groups, people

__all__ = ["SESSION_COOKIE", "router"]

router = APIRouter()
router.include_router(people.router)
router.include_router(groups.router)
router.include_router(people.log)
