"""What can be done with tokens; one file a use case."""

from __future__ import annotations

from onecloud.tokens.actions.application import change_settings, enable, overview, revoke
from onecloud.tokens.actions.authenticate import authenticate
from onecloud.tokens.actions.introspect import introspect
from onecloud.tokens.actions.refresh import forget_retries, refresh
from onecloud.tokens.actions.revoke import revoke_token

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
