"""What can be done with tokens; one file a use case."""

from __future__ import annotations

from onecloud.tokens.actions.application import change_settings, enable, overview, revoke
from onecloud.tokens.actions.introspection import introspect
from onecloud.tokens.actions.refreshing import forget_retries, refresh
from onecloud.tokens.actions.revocation import revoke_token
from onecloud.tokens.actions.verification import authenticate

__all__ = [
    "authenticate",
    "change_settings",
    "enable",
    "forget_retries",
    "introspect",
    "overview",
    "refresh",
    "revoke",
    "revoke_token",
]
