"""Every query of the token service; the only place that knows its tables."""

from __future__ import annotations

from onecloud.tokens.store.change import (
    Digests,
    add_application,
    add_family,
    add_pair,
    change_days,
    mark_spent,
    note_use,
    raise_generation,
    revoke_access_token,
    revoke_application,
    revoke_family,
    wipe_seals_before,
)
from onecloud.tokens.store.find import (
    access_token,
    client_exists,
    current_last4,
    live_application,
    newest_access_token,
    newest_refresh_token,
    person,
    refresh_token,
)

__all__ = [
    "Digests",
    "access_token",
    "add_application",
    "add_family",
    "add_pair",
    "change_days",
    "client_exists",
    "current_last4",
    "live_application",
    "mark_spent",
    "newest_access_token",
    "newest_refresh_token",
    "note_use",
    "person",
    "raise_generation",
    "refresh_token",
    "revoke_access_token",
    "revoke_application",
    "revoke_family",
    "wipe_seals_before",
]
