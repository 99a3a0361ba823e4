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
from onecloud.access.actions.links import (
    create_reset_link,
    is_setup_needed,
    reset_password,
    set_up,
    setup_link,
)
from onecloud.access.actions.sessions import (
    idle_time,
    session_principal,
    sign_out,
    sign_out_everywhere,
    touch_session,
)
from onecloud.access.actions.sign_in import sign_in

__all__ = [
    "create_admin",
    "create_reset_link",
    "get_user",
    "idle_time",
    "is_setup_needed",
    "list_users",
    "principal_of",
    "reset_password",
    "session_principal",
    "set_admin",
    "set_disabled",
    "set_up",
    "setup_link",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "touch_session",
    "user_by_email",
]
