"""API v1: people, groups, permissions and what was done with them, for administrators. Source: product facts 9.4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from onecloud.access import actions as access
from onecloud.access.guard import Admin
from onecloud.activity import actions as activity
from onecloud.api.v1 import security_shapes as shapes
from onecloud.api.v1.numbers import whole
from onecloud.api.v1.shapes import refusals, respond
from onecloud.infra.http import Reading
from onecloud.kernel.errors import NotFound
from onecloud.people import permissions
from onecloud.workspaces.rules import row_id

router = APIRouter(prefix="/api/v1/security", tags=["security"])

MOST_ROWS: Final = 100
LAST_PAGE: Final = 10**9


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that is asked for."""

    offset: int
    limit: int


async def page_of(
    page: Annotated[str | None, Query(description="Which page, from 0 on; default 0.")] = None,
    pageSize: Annotated[  # noqa: N803 - the wire's name
        str | None, Query(description="Rows of a page: 1 to 100, default 100.")
    ] = None,
) -> Page:
    """The page that is asked for; numbers arrive as texts.

    Raises: Invalid naming the parameter and its limits.
    """
    size = whole("pageSize", pageSize, 1, MOST_ROWS) or MOST_ROWS
    return Page((whole("page", page, 0, LAST_PAGE) or 0) * size, size)


Paged: TypeAlias = Annotated[Page, Depends(page_of)]


@router.get("/users", operation_id="getUsers", response_model=shapes.UsersResponse, responses=refusals(403, 422))
async def get_users(db: Reading, caller: Admin, page: Paged) -> Response:
    """People in the order of their creation."""
    found = await access.page_of_users(db, page.offset, page.limit)
    return respond(shapes.UsersResponse(data=[shapes.user(person) for person in found]))


@router.get("/users/{userId}", operation_id="getUser", response_model=shapes.UserResponse, responses=refusals(403, 404))
async def get_user(db: Reading, caller: Admin, userId: str) -> Response:  # noqa: N803 - the wire's name
    """One person."""
    found = await access.get_user(db, _row("user", "user", userId))
    return respond(shapes.UserResponse(data=shapes.user(found)))


@router.get(
    "/users/{userId}/groups",
    operation_id="getUserUserGroups",
    response_model=shapes.UserGroupsResponse,
    responses=refusals(403, 404, 422),
)
async def get_user_groups_of_user(
    db: Reading,
    caller: Admin,
    page: Paged,
    userId: str,  # noqa: N803 - the wire's name
) -> Response:
    """The groups that a person is in."""
    found = await access.page_of_groups(db, user_id=_row("user", "user", userId), offset=page.offset, limit=page.limit)
    return respond(shapes.UserGroupsResponse(data=[shapes.user_group(group) for group in found]))


@router.get(
    "/user_groups",
    operation_id="getUserGroups",
    response_model=shapes.UserGroupsResponse,
    responses=refusals(403, 422),
)
async def get_user_groups(db: Reading, caller: Admin, page: Paged) -> Response:
    """Groups in the order of their creation."""
    found = await access.page_of_groups(db, user_id=None, offset=page.offset, limit=page.limit)
    return respond(shapes.UserGroupsResponse(data=[shapes.user_group(group) for group in found]))


@router.get(
    "/user_groups/{userGroupId}",
    operation_id="getUserGroup",
    response_model=shapes.UserGroupResponse,
    responses=refusals(403, 404),
)
async def get_user_group(db: Reading, caller: Admin, userGroupId: str) -> Response:  # noqa: N803 - the wire's name
    """One group."""
    found = await access.get_group(db, _row("user_group", "user group", userGroupId))
    return respond(shapes.UserGroupResponse(data=shapes.user_group(found)))


@router.get(
    "/user_groups/{userGroupId}/permissions",
    operation_id="getUserGroupPermissions",
    response_model=shapes.PermissionsResponse,
    responses=refusals(403, 404, 422),
)
async def get_user_group_permissions(
    db: Reading,
    caller: Admin,
    page: Paged,
    userGroupId: str,  # noqa: N803 - the wire's name
) -> Response:
    """What a group may do; each permission with every group that has it."""
    return await _permissions(db, page, _row("user_group", "user group", userGroupId))


@router.get(
    "/permissions",
    operation_id="getPermissions",
    response_model=shapes.PermissionsResponse,
    responses=refusals(403, 422),
)
async def get_permissions(db: Reading, caller: Admin, page: Paged) -> Response:
    """What groups may do; each permission with every group that has it."""
    return await _permissions(db, page, None)


@router.get(
    "/login_activity",
    operation_id="getLoginActivity",
    response_model=shapes.LoginActivityResponse,
    responses=refusals(403, 422),
)
async def get_login_activity(db: Reading, caller: Admin, page: Paged) -> Response:
    """Attempts to sign in, newest first."""
    found = await activity.page_of_logins(db, page.offset, page.limit)
    return respond(shapes.LoginActivityResponse(data=[shapes.login_activity(attempt) for attempt in found]))


@router.get(
    "/authorizations_activity",
    operation_id="getAuthorizationsActivity",
    response_model=shapes.ActivityResponse,
    responses=refusals(403, 422),
)
async def get_authorizations_activity(db: Reading, caller: Admin, page: Paged) -> Response:
    """Changes of who may do what, newest first: of people, groups, members, permissions and API access."""
    found = await activity.page_of_authorizations(db, page.offset, page.limit)
    return respond(shapes.ActivityResponse(data=[shapes.activity(change) for change in found]))


async def _permissions(db: Reading, page: Page, group_id: int | None) -> Response:
    found = await permissions.page_of_permissions(db, group_id=group_id, offset=page.offset, limit=page.limit)
    groups = await access.groups_by_id(db, {group for given in found for group in given.group_ids})
    return respond(shapes.PermissionsResponse(data=[shapes.permission(given, groups) for given in found]))


def _row(code: str, kind: str, wire_id: str) -> int:
    """The row that is asked for; 404 for a text that can name none."""
    row = row_id(wire_id)
    if row is None:
        raise NotFound(f"{code}.not_found", f"There is no {kind} {wire_id[:40]}.")
    return row
