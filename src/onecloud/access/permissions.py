"""Who may do what with which object: the one decision, and its refusals. Pure.

Permissions are given to groups; a person has those of all their groups, and the highest counts. One on a workspace
holds for its environments and chains, one on an environment for its chains. What one may not read does not exist for
one (404); what one may read but not do is refused (403). `access/store/permissions.py` says the same in SQL for lists.
Source: product facts 8.2.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from onecloud.kernel.errors import Forbidden, NotFound
from onecloud.kernel.permission import GIVEN, Grants, Level, Place
from onecloud.kernel.principal import Principal


class Verdict(Enum):
    """What a decision came to."""

    ALLOWED = "allowed"
    HIDDEN = "hidden"
    DENIED = "denied"


def decide(grants: Grants, is_admin: bool, needed: Level, place: Place) -> Verdict:  # noqa: FBT001 - a fact of the person
    """Whether a person with these grants may do on the object what needs the level."""
    held = level_on(grants, is_admin, place)
    if held is not None and held >= needed:
        return Verdict.ALLOWED
    return Verdict.HIDDEN if held is None or held < Level.READ else Verdict.DENIED


def level_on(grants: Grants, is_admin: bool, place: Place) -> Level | None:  # noqa: FBT001 - a fact of the person
    """The highest level that a person with these grants has on the object; None when it is hidden from them."""
    if is_admin:
        return Level.ADMIN
    given = [grants[above] for above in line_of(place) if above in grants]
    if given:
        return max(given)
    return Level.SEE if any(place in line_of(inner) for inner in grants) else None


def line_of(place: Place) -> tuple[Place, ...]:
    """The object and its parents, the workspace first."""
    line = [Place(place.workspace_id)]
    if place.environment_id is not None:
        line.append(Place(place.workspace_id, place.environment_id))
    if place.chain_id is not None:
        line.append(place)
    return tuple(line)


def is_free(caller: Principal | None) -> bool:
    """Whether nothing is hidden from or denied to the caller: an administrator, or the operator's command line (None).

    Asked before a query that only finds out where an object is.
    """
    return caller is None or caller.is_admin


def require(caller: Principal | None, needed: Level, place: Place, *, hidden: NotFound | None = None) -> None:
    """Let the caller pass who has the level on the object.

    `hidden` is the error of an object that is not there, when the object asked for is something within the place.

    Raises: NotFound when they may not read it; Forbidden `permission.needed`.
    """
    if caller is None:
        return
    match decide(caller.grants, caller.is_admin, needed, place):
        case Verdict.ALLOWED:
            return
        case Verdict.HIDDEN:
            raise hidden or missing(place)
        case Verdict.DENIED:
            raise denied(needed, place)


def missing(place: Place) -> NotFound:
    """The error of an object that is not there, word for word."""
    return NotFound(f"{place.kind}.not_found", f"There is no {place.kind} {place.object_id}.")


def denied(needed: Level, place: Place) -> Forbidden:
    """The error of an object that may be read, and not this."""
    return Forbidden(
        "permission.needed",
        f"This needs the permission `{needed.word}` on the {place.kind} {place.object_id}. "
        "Ask an administrator to give it to one of your groups.",
    )


def may_read(caller: Principal | None, place: Place) -> bool:
    """Whether the caller may read the object."""
    return caller is None or decide(caller.grants, caller.is_admin, Level.READ, place) is Verdict.ALLOWED


def chains_within(grants: Grants, environment: Place) -> int:
    """How many chains of an environment are readable by permissions on themselves."""
    return len([place for place in grants if place.chain_id is not None and environment in line_of(place)])


def require_administrator(caller: Principal | None) -> None:
    """Let only administrators and the operator pass, for what belongs to no workspace.

    Raises: Forbidden `admin.required`.
    """
    if not is_free(caller):
        raise Forbidden("admin.required", "This needs the administrator right; ask an administrator for it.")


def permitted(caller: Principal | None, place: Place) -> list[str]:
    """The words of what the caller may do with the object, lowest first; empty for one they only pass through."""
    held = Level.ADMIN if caller is None else level_on(caller.grants, caller.is_admin, place)
    return [] if held is None else [level.word for level in GIVEN if level <= held]


LEVELS: Final = {level.word: level for level in GIVEN}
