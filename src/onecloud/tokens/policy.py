"""The operator's settings as the token service's policy."""

from __future__ import annotations

from onecloud.infra.settings import Settings
from onecloud.tokens.rules import TokenPolicy


def policy_of(settings: Settings) -> TokenPolicy:
    """The limits that every issue of tokens keeps."""
    return TokenPolicy(
        default_days=settings.token_default_days,
        max_days=settings.token_max_days,
        idle_days=settings.refresh_idle_days,
        absolute_days=settings.refresh_max_days,
        retry_s=settings.refresh_retry_seconds,
    )
