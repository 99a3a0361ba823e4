"""The bodies of API v1 about people, groups and what they did, field for field. Source: product facts 8.1, 8.2, 8.6.

Where the contract's type is a text without null, what there is not is an empty text.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import JsonValue

from onecloud.access.model import Group
from onecloud.access.model import User as Person
from onecloud.activity.model import Activity as Change
from onecloud.activity.model import LoginAttempt
from onecloud.api.v1.shapes import Shape, exact_time
from onecloud.people.model import Given

LevelName: TypeAlias = Literal["read", "execute", "write", "create", "admin"]


class User(Shape):
    """A person."""

    id: str
    email: str
    first_name: str | None
    last_name: str | None
    sso_enabled: bool
    last_sign_in_at: str | None
    created_at: str


class UserGroup(Shape):
    """A group of people; `default` for those that came with the product and cannot be deleted."""

    id: str
    name: str
    default: bool
    created_at: str


class Permission(Shape):
    """A permission on a workspace, an environment or a chain, and the groups that have it."""

    id: str
    object_id: str
    object_type: str
    object_name: str
    name: LevelName
    user_groups: list[UserGroup]


class LoginActivity(Shape):
    """One attempt to sign in. Where the address lies is not looked up: `city`, `region` and `country` are empty."""

    id: str
    identity: str
    context: str
    success: bool
    failure_reason: str
    user_id: str
    ip: str
    city: str
    region: str
    country: str
    created_at: str


class Activity(Shape):
    """One change of who may do what: `owner` did `key` to `trackable`, in `recipient`."""

    id: str
    trackable_type: str
    trackable_id: str
    owner_type: str
    owner_id: str
    key: str
    parameters: dict[str, JsonValue]
    recipient_type: str
    recipient_id: str
    created_at: str
    updated_at: str


class UsersResponse(Shape):
    """People in their envelope."""

    data: list[User]


class UserResponse(Shape):
    """A person in their envelope."""

    data: User


class UserGroupsResponse(Shape):
    """Groups in their envelope."""

    data: list[UserGroup]


class UserGroupResponse(Shape):
    """A group in its envelope."""

    data: UserGroup


class PermissionsResponse(Shape):
    """Permissions in their envelope."""

    data: list[Permission]


class LoginActivityResponse(Shape):
    """Attempts to sign in, in their envelope."""

    data: list[LoginActivity]


class ActivityResponse(Shape):
    """Changes in their envelope."""

    data: list[Activity]


def user(person: Person) -> User:
    """A person as the contract has them."""
    return User(
        id=str(person.id),
        email=person.email,
        first_name=person.first_name or None,
        last_name=person.last_name or None,
        sso_enabled=person.sso_enabled,
        last_sign_in_at=None if person.last_sign_in_at is None else exact_time(person.last_sign_in_at),
        created_at=exact_time(person.created_at),
    )


def user_group(group: Group) -> UserGroup:
    """A group as the contract has it."""
    return UserGroup(
        id=str(group.id), name=group.name, default=group.is_default, created_at=exact_time(group.created_at)
    )


def permission(given: Given, groups: dict[int, Group]) -> Permission:
    """A permission as the contract has it."""
    place = given.named.place
    return Permission.model_validate(
        {
            "id": str(given.id),
            "object_id": str(place.object_id),
            "object_type": place.kind.capitalize(),
            "object_name": given.named.name,
            "name": given.named.level.word,
            "user_groups": [user_group(groups[group_id]) for group_id in given.group_ids if group_id in groups],
        }
    )


def login_activity(attempt: LoginAttempt) -> LoginActivity:
    """An attempt to sign in as the contract has it."""
    return LoginActivity(
        id=str(attempt.id),
        identity=attempt.identity,
        context=attempt.context,
        success=attempt.success,
        failure_reason=attempt.failure_reason or "",
        user_id="" if attempt.user_id is None else str(attempt.user_id),
        ip=attempt.ip,
        city="",
        region="",
        country="",
        created_at=exact_time(attempt.created_at),
    )


def activity(change: Change) -> Activity:
    """A change as the contract has it; its parameters always name the trackable's id."""
    at = exact_time(change.created_at)
    return Activity.model_validate(
        {
            "id": str(change.id),
            "trackable_type": change.trackable_type,
            "trackable_id": change.trackable_id,
            "owner_type": change.owner_type,
            "owner_id": change.owner_id,
            "key": change.key,
            "parameters": {"id": change.trackable_id, **change.parameters},
            "recipient_type": change.recipient_type,
            "recipient_id": change.recipient_id,
            "created_at": at,
            "updated_at": at,
        }
    )
