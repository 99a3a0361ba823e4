"""API v2: what groups may do, and invitations; for administrators."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from onecloud.access import actions as access
from onecloud.access.guard import Admin
from onecloud.access.permissions import LEVELS
from onecloud.access.rules import group_number, user_number
from onecloud.access.shapes import person_out
from onecloud.infra.conditional import IfMatch, etag, required_tag
from onecloud.infra.http import Ground, GroundPart, Reading, Session
from onecloud.kernel.errors import Invalid, Problem
from onecloud.people import invitations, permissions
from onecloud.people.model import Asked
from onecloud.people.shapes import (
    GroupPermissionsIn,
    GroupPermissionsOut,
    InvitationIn,
    InvitationOut,
    PermissionIn,
    permission_out,
)
from onecloud.workspaces.rules import row_id

router = APIRouter(tags=["access"])


@router.get("/api/v2/groups/{group_id}/permissions")
async def get_group_permissions(response: Response, db: Reading, caller: Admin, group_id: str) -> GroupPermissionsOut:
    """What a group may do. The `ETag` goes into `If-Match` of the change."""
    found, edition = await permissions.permissions_of(db, group_number(group_id))
    response.headers.update(etag(edition))
    return GroupPermissionsOut(permissions=[permission_out(named) for named in found])


@router.put("/api/v2/groups/{group_id}/permissions")
async def set_group_permissions(
    response: Response,
    db: Session,
    caller: Admin,
    group_id: str,
    body: GroupPermissionsIn,
    if_match: IfMatch = None,
) -> GroupPermissionsOut:
    """Replace what a group may do; it holds for the very next request of every member."""
    number, seen = group_number(group_id), required_tag(if_match)
    found, edition = await permissions.set_permissions(db, caller, number, _asked(body.permissions), seen=seen)
    response.headers.update(etag(edition))
    return GroupPermissionsOut(permissions=[permission_out(named) for named in found])


@router.post("/api/v2/invitations", status_code=201)
async def invite_user(
    body: InvitationIn, request: Request, response: Response, db: Session, caller: Admin, ground: GroundPart
) -> InvitationOut:
    """Invite somebody by a link that works once, within 7 days: mailed when mail is set up, else shown here once."""
    groups = [group_number(group_id) for group_id in body.group_ids]
    user, path, expires_at = await access.invite(
        db, ground.keys, caller, body.email, body.first_name, body.last_name, groups
    )
    url = _address(ground, request) + path
    mailed = await invitations.mail(db, ground.settings, caller, user.email, url, expires_at)
    response.headers["Cache-Control"] = "no-store"
    return InvitationOut(user=person_out(user), url=None if mailed else url, expires_at=expires_at)


@router.post("/api/v2/users/{user_id}/invitation", status_code=201)
async def invite_user_again(
    user_id: str, request: Request, response: Response, db: Session, caller: Admin, ground: GroundPart
) -> InvitationOut:
    """A fresh link for somebody who was invited and has not come in; the one before is dead."""
    number = user_number(user_id)
    path, expires_at = await access.create_invitation(db, ground.keys, caller, number)
    user, url = await access.get_user(db, number), _address(ground, request) + path
    mailed = await invitations.mail(db, ground.settings, caller, user.email, url, expires_at)
    response.headers["Cache-Control"] = "no-store"
    return InvitationOut(user=person_out(user), url=None if mailed else url, expires_at=expires_at)


def _address(ground: Ground, request: Request) -> str:
    return (ground.settings.public_url or str(request.base_url)).rstrip("/")


def _asked(items: list[PermissionIn]) -> list[Asked]:
    asked: list[Asked] = []
    problems: list[Problem] = []
    for number, item in enumerate(items):
        row = row_id(item.object_id)
        if row is None:
            problems.append(Problem(f"permissions[{number}]", f"There is no {item.object_type} {item.object_id[:40]}."))
        else:
            asked.append(Asked(item.object_type, row, LEVELS[item.level]))
    if problems:
        sentence = " ".join(problem.sentence() for problem in problems[:5])
        raise Invalid("user_group.permissions", sentence, problems=tuple(problems))
    return asked
