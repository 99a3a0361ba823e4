"""The room's use cases, one file per theme; callers import them from here."""

from __future__ import annotations

from onecloud.access.actions.accounts import (
    create_admin,
    get_user,
    list_users,
    principal_of,
    set_admin,
    set_disabled,
    user_by_email,
)

__all__ = [
    "create_admin",
    "get_user",
    "list_users",
    "principal_of",
    "set_admin",
    "set_disabled",
    "user_by_email",
]
