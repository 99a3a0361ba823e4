"""The room's use cases, one file per theme; callers import them from here."""

from __future__ import annotations

from onecloud.access.actions.accounts import (
    create_admin,
    get_user,
    list_users,
    page_of_users,
    principal_of,
    set_admin,
    set_disabled,
    user_by_email,
)
from onecloud.access.actions.grants import permissions_of, set_permissions
from onecloud.access.actions.groups import (
    change_group,
    create_group,
    delete_group,
    find_group,
    groups_by_id,
    list_groups,
    list_groups_of,
    list_members,
    page_of_groups,
)
from onecloud.access.actions.invitations import accept_invitation, create_invitation, invite, invited_by
from onecloud.access.actions.links import (
    create_reset_link,
    is_setup_needed,
    reset_password,
    set_up,
    setup_link,
)
from onecloud.access.actions.memberships import add_member, get_group, remove_member
from onecloud.access.actions.sessions import (
    idle_time,
    session_principal,
    sign_out,
    sign_out_everywhere,
    touch_session,
)
from onecloud.access.actions.sign_in import sign_in

__all__ = [
    "accept_invitation",
    "add_member",
    "change_group",
    "create_admin",
    "create_group",
    "create_invitation",
    "create_reset_link",
    "delete_group",
    "find_group",
    "get_group",
    "get_user",
    "groups_by_id",
    "idle_time",
    "invite",
    "invited_by",
    "is_setup_needed",
    "list_groups",
    "list_groups_of",
    "list_members",
    "list_users",
    "page_of_groups",
    "page_of_users",
    "permissions_of",
    "principal_of",
    "remove_member",
    "reset_password",
    "session_principal",
    "set_admin",
    "set_disabled",
    "set_permissions",
    "set_up",
    "setup_link",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "touch_session",
    "user_by_email",
]
