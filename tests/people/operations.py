"""Every operation of the API, and what a caller needs for it. A route that is not in this table fails a test.

Add a route here together with the route: under `NEEDS` with the level and the object that it is about, or in one of
the other sets. `test_every_operation.py` then calls it with every level on every object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from onecloud.kernel.permission import Level

# `beside` is another environment of the same workspace; `anywhere` is whatever the caller has a permission on.
Kind: TypeAlias = Literal["workspace", "environment", "chain", "beside", "anywhere"]


@dataclass(frozen=True, slots=True)
class Needs:
    """A level on an object. `hidden` is the code of the 404 of somebody from whom it is hidden.

    `body` is sent as JSON, `content` as bytes; `headers` go along. The placeholders of the path, and texts of the body
    that are nothing but one, are filled with what the test has furnished, see `Furnished.names` in
    `test_every_operation.py`; `fresh` names the one that each call uses up, so that each call is given a new one.
    `then` is what it takes besides, asked for after this. Of `anywhere`, `hidden` is the code of the 403: what belongs
    to no workspace is hidden from nobody.
    """

    level: Level
    kind: Kind
    hidden: str
    body: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    query: str = ""
    fresh: str = ""
    then: Needs | None = None


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
    "GET /api/v2/admin/retention",
    "PATCH /api/v2/admin/retention",
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

_V1_CHAIN: Final = "/api/v1/metadata/environment/{environment_id}/chain/{chain_id}"
_EXECUTE: Final = "/api/v1/execute/environment/{environment_id}/chain/{chain_id}"
_ANY: Final = {"If-Match": "*"}
_RERUN: Final = {"node": "make"}
_TRIGGER: Final = {"name": "hook", "source": {"kind": "webhook", "signed": True}}
_REVISION: Final = {"If-Match": '"1"'}
_CHAIN: Final = {
    "onecloud": 1,
    "name": "Made",
    "start": "a",
    "nodes": {"a": {"command": "files.create", "inputs": {"text": "x"}}},
}
_TEMPLATE: Final = {
    "onecloud": 1,
    "template": "Made",
    "chain": {"start": _CHAIN["start"], "nodes": _CHAIN["nodes"]},
}
_SCHEDULE: Final = {"name": "early", "zone": "UTC", "every": "day", "at": "06:00"}
# A form with a file that is no chain file: whoever may import is told so.
_FORM: Final = {"Content-Type": "multipart/form-data; boundary=cut"}
_FILE: Final = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.chain"\r\n\r\nnothing\r\n--cut--\r\n'

_READ_CHAIN: Final = Needs(Level.READ, "chain", "chain.not_found")
_WRITE_CHAIN: Final = Needs(Level.WRITE, "chain", "chain.not_found")
_SEE_PLACE: Final = Needs(Level.SEE, "environment", "environment.not_found")
_MAKE_CHAINS: Final = Needs(Level.CREATE, "environment", "environment.not_found")
_MAKE_BESIDE: Final = Needs(Level.CREATE, "beside", "environment.not_found")
# Everybody who is signed in reads templates; to keep them takes `create` somewhere.
_READ_TEMPLATES: Final = Needs(Level.SEE, "anywhere", "template.makers_only")
_KEEP_TEMPLATES: Final = Needs(Level.CREATE, "anywhere", "template.makers_only")
_BESIDE: Final = {"environment_id": "{beside_id}", "name": "One", "of": "draft"}
_MAKING: Final = {"environment_id": "{environment_id}", "name": "Made of a template"}

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
    # The life of chains. What would take the chain away or rename it is refused to those who may: another runs it.
    "POST /api/v1/chains/{chain_id}/publish": replace(_WRITE_CHAIN, body={}),
    "POST /api/v1/chains/{chain_id}/export": _WRITE_CHAIN,
    "POST /api/v1/environments/{environment_id}/import_chain": replace(_MAKE_CHAINS, content=_FILE, headers=_FORM),
    "GET /api/v2/environments/{environment_id}/tags": _SEE_PLACE,
    "POST /api/v2/environments/{environment_id}/chains": replace(_MAKE_CHAINS, body={"document": _CHAIN}),
    "POST /api/v2/environments/{environment_id}/chains/validate": replace(
        _MAKE_CHAINS, body={"document": _CHAIN | {"name": "Never made"}}
    ),
    "POST /api/v2/environments/{environment_id}/import": replace(_MAKE_CHAINS, content=_FILE, headers=_FORM),
    "GET /api/v2/chains/{chain_id}/draft": _READ_CHAIN,
    "PUT /api/v2/chains/{chain_id}/draft": replace(_WRITE_CHAIN, body={"document": _CHAIN}, headers=_REVISION),
    "POST /api/v2/chains/{chain_id}/draft/restore": replace(_WRITE_CHAIN, body={"version": 1}, headers=_REVISION),
    "POST /api/v2/chains/{chain_id}/publish": replace(_WRITE_CHAIN, body={}),
    "GET /api/v2/chains/{chain_id}/versions": _READ_CHAIN,
    "GET /api/v2/chains/{chain_id}/versions/{number}": _READ_CHAIN,
    "GET /api/v2/chains/{chain_id}/diff": _READ_CHAIN,
    "POST /api/v2/chains/{chain_id}/rename": replace(_WRITE_CHAIN, body={"name": "Another name"}),
    "POST /api/v2/chains/{chain_id}/disable": _WRITE_CHAIN,
    "POST /api/v2/chains/{chain_id}/enable": _WRITE_CHAIN,
    "POST /api/v2/chains/{chain_id}/export": _WRITE_CHAIN,
    "DELETE /api/v2/chains/{chain_id}": Needs(Level.CREATE, "chain", "chain.not_found"),
    "POST /api/v2/chains/{chain_id}/copy": replace(
        _READ_CHAIN, body={"environment_id": "{environment_id}", "name": "Copy"}, then=_MAKE_CHAINS
    ),
    "POST /api/v2/chains/{chain_id}/promote/plan": replace(_WRITE_CHAIN, body=_BESIDE, then=_MAKE_BESIDE),
    # A mapping of what the chain does not use: refused to those who may, so that there never is a chain to change.
    "POST /api/v2/chains/{chain_id}/promote": replace(
        _WRITE_CHAIN, body=_BESIDE | {"connections": {"Nothing": None}}, then=_MAKE_BESIDE
    ),
    # Schedules.
    "GET /api/v2/chains/{chain_id}/schedules": _READ_CHAIN,
    "GET /api/v2/chains/{chain_id}/schedules/{name}/fires": _READ_CHAIN,
    "POST /api/v2/chains/{chain_id}/schedules/{name}/pause": Needs(Level.EXECUTE, "chain", "chain.not_found"),
    "POST /api/v2/chains/{chain_id}/schedules/{name}/resume": Needs(Level.EXECUTE, "chain", "chain.not_found"),
    "GET /api/v2/environments/{environment_id}/schedules": replace(
        _SEE_PLACE, query="?from=2026-03-01T00:00:00Z&to=2026-03-08T00:00:00Z"
    ),
    "POST /api/v2/schedules/preview": Needs(
        Level.READ,
        "environment",
        "environment.not_found",
        body={"schedule": _SCHEDULE, "environment_id": "{environment_id}", "count": 2},
    ),
    # Chain templates.
    "GET /api/v2/template-folders": _READ_TEMPLATES,
    "POST /api/v2/template-folders": replace(_KEEP_TEMPLATES, body={"name": "Monthly"}),
    "PATCH /api/v2/template-folders/{folder_id}": replace(_KEEP_TEMPLATES, body={"name": "Yearly"}),
    "DELETE /api/v2/template-folders/{folder_id}": replace(_KEEP_TEMPLATES, fresh="folder_id"),
    "GET /api/v2/templates": _READ_TEMPLATES,
    "POST /api/v2/templates": replace(_KEEP_TEMPLATES, body={"document": _TEMPLATE}),
    "GET /api/v2/templates/{template_id}": _READ_TEMPLATES,
    "PUT /api/v2/templates/{template_id}": replace(_KEEP_TEMPLATES, body={"document": _TEMPLATE}, headers=_REVISION),
    "POST /api/v2/templates/{template_id}/publish": replace(_KEEP_TEMPLATES, body={}),
    "GET /api/v2/templates/{template_id}/versions": _READ_TEMPLATES,
    "DELETE /api/v2/templates/{template_id}": replace(_KEEP_TEMPLATES, fresh="template_id"),
    "POST /api/v2/templates/{template_id}/plan": replace(_MAKE_CHAINS, body=_MAKING),
    "POST /api/v2/templates/{template_id}/chains": replace(_MAKE_CHAINS, body=_MAKING),
    "POST /api/v2/chains/{chain_id}/template": replace(_WRITE_CHAIN, body={"name": "Of a chain"}, then=_KEEP_TEMPLATES),
}

EVERY: Final = PUBLIC | EVERYBODY | SESSION | API_USERS | ADMINS | LISTS | ASKED | set(NEEDS)
