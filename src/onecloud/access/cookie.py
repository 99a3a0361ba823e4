"""The name of the session's cookie."""

from __future__ import annotations

from typing import Final

SESSION_COOKIE: Final = "oc_session"
