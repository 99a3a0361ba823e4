"""Every operation of the API, and what a caller needs for it. A route that is not in this table fails a test.

Add a route here together with the route: under `NEEDS` with the level and the object that it is about, or in one of
the other sets. `test_every_operation.py` then calls it with every level on every object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from onecloud.kernel.permission import Level

Kind: TypeAlias = Literal["workspace", "environment", "chain"]


@dataclass(frozen=True, slots=True)
class Needs:
    """A level on an object. `hidden` is the code of the 404 of somebody from whom it is hidden.

    `body` is sent as JSON, `content` as bytes; `headers` go along. The placeholders of the path are filled with what
    the test has furnished, see `Furnished.names` in `test_every_operation.py`; `fresh` names the one that each call
    uses up, so that each call is given a new one.
    """

    level: Level
    kind: Kind
    hidden: str
    body: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    query: str = ""
    fresh: str = ""


# Open without credentials.
PUBLIC: Final = {
    "GET /api/v2/setup",
    "POST /api/v2/setup",
    "POST /api/v2/session",
    "POST /api/v2/password-reset",
    "POST /api/v2/invitation/look",
    "POST /api/v2/invitation",
    "POST /api/v2/approval-links/look",
    "POST /hooks/{address}",
    "POST /api/v2/approval-links/answer",
    "POST /api/v2/approval-links/attachments/{number}",
    "POST /oauth/token",
    "POST /oauth/revoke",
    "POST /oauth/introspect",
    "DELETE,GET,HEAD,OPTIONS,PATCH,PUT /oauth/token",
    "DELETE,GET,HEAD,OPTIONS,PATCH,PUT /oauth/revoke",
    "DELETE,GET,HEAD,OPTIONS,PATCH,PUT /oauth/introspect",
    "GET /.well-known/oauth-authorization-server",
    "GET /healthz",
    "GET /readyz",
    "GET /api/openapi.json",
    "GET /{path:path}",
}

# For everybody with live credentials: nothing that is stored is read or changed.
EVERYBODY: Final = {
    "GET /api/v2/language",
    "POST /api/v2/language/preview",
    "POST /api/v2/language/condition",
    "POST /api/v2/language/dynamic-output",
}

# About the caller's own session.
SESSION: Final = {"GET /api/v2/session", "DELETE /api/v2/session", "DELETE /api/v2/sessions"}

# About the caller's own API access: for administrators, and for members of groups that are open to it.
API_USERS: Final = {
    "GET /api/v2/api-access",
    "POST /api/v2/api-access",
    "PUT /api/v2/api-access/settings",
    "DELETE /api/v2/api-access",
}

# For administrators, whatever else somebody may do.
ADMINS: Final = {
    "GET /api/v1/security/users",
    "GET /api/v1/security/users/{userId}",
    "GET /api/v1/security/users/{userId}/groups",
    "GET /api/v1/security/user_groups",
    "GET /api/v1/security/user_groups/{userGroupId}",
    "GET /api/v1/security/user_groups/{userGroupId}/permissions",
    "GET /api/v1/security/permissions",
    "GET /api/v1/security/login_activity",
    "GET /api/v1/security/authorizations_activity",
    "GET /api/v2/users",
    "PATCH /api/v2/users/{user_id}",
    "POST /api/v2/users/{user_id}/reset-link",
    "POST /api/v2/users/{user_id}/invitation",
    "GET /api/v2/users/{user_id}/groups",
    "POST /api/v2/invitations",
    "GET /api/v2/groups",
    "POST /api/v2/groups",
    "GET /api/v2/groups/{group_id}",
    "PATCH /api/v2/groups/{group_id}",
    "DELETE /api/v2/groups/{group_id}",
    "GET /api/v2/groups/{group_id}/members",
    "PUT /api/v2/groups/{group_id}/members/{user_id}",
    "DELETE /api/v2/groups/{group_id}/members/{user_id}",
    "GET /api/v2/groups/{group_id}/permissions",
    "PUT /api/v2/groups/{group_id}/permissions",
    "GET /api/v2/login-activity",
    "GET /api/v2/admin/deliveries",
    "POST /api/v2/admin/deliveries/{delivery_id}/retry",
    "POST /api/v2/admin/mail/test",
    "GET /api/v2/admin/summaries",
    "POST /api/v2/admin/summaries",
    "PATCH /api/v2/admin/summaries/{summary_id}",
    "DELETE /api/v2/admin/summaries/{summary_id}",
}

# Lists that hold what the caller may see: `test_lists_hold_what_may_be_seen` looks into each.
LISTS: Final = {
    "GET /api/v1/metadata/workspace",
    "GET /api/v1/metadata/chains/search",
    "GET /api/v2/workspaces",
}

# For the people whom a run asks, with or without permissions; the tests of `approvals/` hold them.
ASKED: Final = {
    "GET /api/v2/approvals",
    "GET /api/v2/approvals/{approval_id}",
    "GET /api/v2/approvals/{approval_id}/attachments/{number}",
    "POST /api/v2/approvals/{approval_id}/answer",
    "POST /api/v2/approvals/{approval_id}/edit",
    "GET /api/v2/uploads",
    "GET /api/v2/uploads/{upload_id}",
    "POST /api/v2/uploads/{upload_id}/files",
    "DELETE /api/v2/uploads/{upload_id}/files/{file_id}",
    "POST /api/v2/uploads/{upload_id}/complete",
    "POST /api/v2/uploads/{upload_id}/decline",
}

# The tests of their own rooms hold the rights of these: life cycle of chains, templates, schedules.
OWN_ROOMS: Final = {
    "DELETE /api/v2/chains/{chain_id}",
    "DELETE /api/v2/template-folders/{folder_id}",
    "DELETE /api/v2/templates/{template_id}",
    "GET /api/v2/chains/{chain_id}/diff",
    "GET /api/v2/chains/{chain_id}/draft",
    "GET /api/v2/chains/{chain_id}/schedules",
    "GET /api/v2/chains/{chain_id}/schedules/{name}/fires",
    "GET /api/v2/chains/{chain_id}/versions",
    "GET /api/v2/chains/{chain_id}/versions/{number}",
    "GET /api/v2/environments/{environment_id}/schedules",
    "GET /api/v2/environments/{environment_id}/tags",
    "GET /api/v2/template-folders",
    "GET /api/v2/templates",
    "GET /api/v2/templates/{template_id}",
    "GET /api/v2/templates/{template_id}/versions",
    "PATCH /api/v2/template-folders/{folder_id}",
    "POST /api/v1/chains/{chain_id}/export",
    "POST /api/v1/chains/{chain_id}/publish",
    "POST /api/v1/environments/{environment_id}/import_chain",
    "POST /api/v2/chains/{chain_id}/copy",
    "POST /api/v2/chains/{chain_id}/disable",
    "POST /api/v2/chains/{chain_id}/draft/restore",
    "POST /api/v2/chains/{chain_id}/enable",
    "POST /api/v2/chains/{chain_id}/export",
    "POST /api/v2/chains/{chain_id}/promote",
    "POST /api/v2/chains/{chain_id}/promote/plan",
    "POST /api/v2/chains/{chain_id}/publish",
    "POST /api/v2/chains/{chain_id}/rename",
    "POST /api/v2/chains/{chain_id}/schedules/{name}/pause",
    "POST /api/v2/chains/{chain_id}/schedules/{name}/resume",
    "POST /api/v2/chains/{chain_id}/template",
    "POST /api/v2/environments/{environment_id}/chains",
    "POST /api/v2/environments/{environment_id}/chains/validate",
    "POST /api/v2/environments/{environment_id}/import",
    "POST /api/v2/schedules/preview",
    "POST /api/v2/template-folders",
    "POST /api/v2/templates",
    "POST /api/v2/templates/{template_id}/chains",
    "POST /api/v2/templates/{template_id}/plan",
    "POST /api/v2/templates/{template_id}/publish",
    "PUT /api/v2/chains/{chain_id}/draft",
    "PUT /api/v2/templates/{template_id}",
}

_V1_CHAIN: Final = "/api/v1/metadata/environment/{environment_id}/chain/{chain_id}"
_EXECUTE: Final = "/api/v1/execute/environment/{environment_id}/chain/{chain_id}"
_ANY: Final = {"If-Match": "*"}
_RERUN: Final = {"node": "make"}
_TRIGGER: Final = {"name": "hook", "source": {"kind": "webhook", "signed": True}}

NEEDS: Final[Mapping[str, Needs]] = {
    # The first API.
    "GET /api/v1/metadata/workspace/{workspace_id}": Needs(Level.SEE, "workspace", "workspace.not_found"),
    "GET /api/v1/metadata/workspace/{workspace_id}/environment": Needs(Level.SEE, "workspace", "workspace.not_found"),
    "GET /api/v1/metadata/workspace/{workspace_id}/environment/{environment_id}": Needs(
        Level.SEE, "environment", "environment.not_found"
    ),
    "GET /api/v1/metadata/environment/{environment_id}/chain": Needs(Level.SEE, "environment", "environment.not_found"),
    f"GET {_V1_CHAIN}": Needs(Level.READ, "chain", "chain.not_found"),
    f"GET {_V1_CHAIN}/command": Needs(Level.READ, "chain", "chain.not_found"),
    f"POST {_EXECUTE}/start": Needs(Level.EXECUTE, "chain", "chain.not_found", body={}),
    f"GET {_EXECUTE}/history": Needs(Level.READ, "chain", "chain.not_found"),
    "GET /api/v1/execute/chain_run/{chain_run_id}": Needs(Level.READ, "chain", "run.not_found"),
    "GET /api/v1/execute/chain_run/{chain_run_id}/nodes": Needs(Level.READ, "chain", "run.not_found"),
    "POST /api/v1/execute/chain_run/{chain_run_id}/stop": Needs(Level.EXECUTE, "chain", "run.not_found"),
    # Places of the second API.
    "GET /api/v2/environments/{environment_id}": Needs(Level.SEE, "environment", "environment.not_found"),
    "GET /api/v2/environments/{environment_id}/chains": Needs(Level.SEE, "environment", "environment.not_found"),
    # Files of workspaces.
    "GET /api/v2/workspaces/{workspace_id}/resources": Needs(Level.READ, "workspace", "workspace.not_found"),
    "POST /api/v2/workspaces/{workspace_id}/resources": Needs(
        Level.CREATE, "workspace", "workspace.not_found", content=b"", query="?name="
    ),
    "GET /api/v2/resources/{resource_id}": Needs(Level.READ, "workspace", "resource.not_found"),
    "PATCH /api/v2/resources/{resource_id}": Needs(
        Level.WRITE, "workspace", "resource.not_found", body={"description": "Rates."}
    ),
    "DELETE /api/v2/resources/{resource_id}": Needs(
        Level.CREATE, "workspace", "resource.not_found", fresh="resource_id"
    ),
    "GET /api/v2/resources/{resource_id}/content": Needs(Level.READ, "workspace", "resource.not_found"),
    "PUT /api/v2/resources/{resource_id}/content": Needs(
        Level.WRITE, "workspace", "resource.not_found", content=b"a,b\n", headers=_ANY
    ),
    "GET /api/v2/resources/{resource_id}/text": Needs(Level.READ, "workspace", "resource.not_found"),
    "PUT /api/v2/resources/{resource_id}/text": Needs(
        Level.WRITE, "workspace", "resource.not_found", body={"text": "a,b\n"}, headers=_ANY
    ),
    "GET /api/v2/resources/{resource_id}/versions": Needs(Level.READ, "workspace", "resource.not_found"),
    "POST /api/v2/resources/{resource_id}/revert": Needs(
        Level.WRITE, "workspace", "resource.not_found", body={"version": 1}
    ),
    "GET /api/v2/resources/{resource_id}/uses": Needs(Level.READ, "workspace", "resource.not_found"),
    # Chains and runs.
    "GET /api/v2/chains/{chain_id}": Needs(Level.READ, "chain", "chain.not_found"),
    "GET /api/v2/chains/{chain_id}/runs": Needs(Level.READ, "chain", "chain.not_found"),
    "POST /api/v2/chains/{chain_id}/runs": Needs(Level.EXECUTE, "chain", "chain.not_found", body={"inputs": {}}),
    "GET /api/v2/runs/{run_id}": Needs(Level.READ, "chain", "run.not_found"),
    "POST /api/v2/runs/{run_id}/stop": Needs(Level.EXECUTE, "chain", "run.not_found"),
    "POST /api/v2/runs/{run_id}/pause": Needs(Level.EXECUTE, "chain", "run.not_found"),
    "POST /api/v2/runs/{run_id}/resume": Needs(Level.EXECUTE, "chain", "run.not_found"),
    "POST /api/v2/runs/{run_id}/rerun/plan": Needs(Level.EXECUTE, "chain", "run.not_found", body=_RERUN),
    "POST /api/v2/runs/{run_id}/rerun": Needs(Level.EXECUTE, "chain", "run.not_found", body=_RERUN),
    "GET /api/v2/runs/{run_id}/nodes/{key}/results": Needs(Level.READ, "chain", "run.not_found"),
    "GET /api/v2/runs/{run_id}/events": Needs(Level.READ, "chain", "run.not_found"),
    "GET /api/v2/results/{result_id}/log": Needs(Level.READ, "chain", "result.not_found"),
    "GET /api/v2/results/{result_id}/outputs": Needs(Level.READ, "chain", "result.not_found"),
    "GET /api/v2/results/{result_id}/files/{output_name}": Needs(Level.READ, "chain", "result.not_found"),
    # Triggers.
    "GET /api/v2/chains/{chain_id}/triggers": Needs(Level.READ, "chain", "chain.not_found"),
    "POST /api/v2/chains/{chain_id}/triggers": Needs(Level.WRITE, "chain", "chain.not_found", body=_TRIGGER),
    "GET /api/v2/triggers/{trigger_id}": Needs(Level.READ, "chain", "trigger.not_found"),
    "PUT /api/v2/triggers/{trigger_id}": Needs(Level.WRITE, "chain", "trigger.not_found", body=_TRIGGER, headers=_ANY),
    "DELETE /api/v2/triggers/{trigger_id}": Needs(Level.WRITE, "chain", "trigger.not_found", fresh="trigger_id"),
    "POST /api/v2/triggers/{trigger_id}/enable": Needs(Level.EXECUTE, "chain", "trigger.not_found"),
    "POST /api/v2/triggers/{trigger_id}/disable": Needs(Level.EXECUTE, "chain", "trigger.not_found"),
    "POST /api/v2/triggers/{trigger_id}/rotate-address": Needs(Level.WRITE, "chain", "trigger.not_found"),
    "POST /api/v2/triggers/{trigger_id}/rotate-signing-secret": Needs(Level.WRITE, "chain", "trigger.not_found"),
    "GET /api/v2/triggers/{trigger_id}/fires": Needs(Level.READ, "chain", "trigger.not_found"),
    "GET /api/v2/runs/{run_id}/trigger": Needs(Level.READ, "chain", "run.not_found"),
}

EVERY: Final = PUBLIC | EVERYBODY | SESSION | API_USERS | ADMINS | LISTS | ASKED | OWN_ROOMS | set(NEEDS)
