"""What can be told from an approval: whose turn it is, when it is due, what came of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from onecloud.approvals.model import EXPIRED, GRANTED, REFUSED, Answered, Approval, Asked, Outcome, Person, Seat
from onecloud.kernel.errors import Forbidden
from onecloud.kernel.jsonvalue import Json

EXIT_CODES: Final = {"approved": GRANTED, "rejected": REFUSED, "expired": EXPIRED}


def next_due(approval: Approval) -> datetime | None:
    """When time alone changes the approval; None once it is settled."""
    if approval.state != "open":
        return None
    return min((s.standing.due_at for s in approval.seats if isinstance(s.standing, Asked)), default=None)


def seat_numbered(approval: Approval, number: int) -> Seat:
    """The seat of that number.

    Raises: LookupError.
    """
    for seat in approval.seats:
        if seat.number == number:
            return seat
    raise LookupError(f"approval {approval.id} has no seat {number}")


def seat_of(approval: Approval, user_id: int) -> Seat | None:
    """The seat that counts of a person: the last one, as somebody who was passed over may be added again."""
    return next((seat for seat in reversed(approval.seats) if seat.person.user_id == user_id), None)


def own_seat(approval: Approval, user_id: int) -> Seat:
    """The seat of somebody who wants to answer.

    Raises: Forbidden `approval.not_asked`.
    """
    seat = seat_of(approval, user_id)
    if seat is None:
        raise Forbidden(
            "approval.not_asked",
            "You are not one of the approvers. An administrator can add you to the approval.",
        )
    return seat


def is_turn_of(approval: Approval, user_id: int) -> bool:
    """Whether this person's answer is waited for."""
    seat = seat_of(approval, user_id)
    return approval.state == "open" and seat is not None and isinstance(seat.standing, Asked)


def takes_part(approval: Approval, user_id: int) -> bool:
    """Whether a person is an approver or a requester."""
    return seat_of(approval, user_id) is not None or any(one.user_id == user_id for one in approval.requesters)


def newly_asked(before: Approval | None, after: Approval) -> tuple[Seat, ...]:
    """Whom a change has put to the question."""
    already = () if before is None else tuple(s.number for s in before.seats if isinstance(s.standing, Asked))
    if after.state != "open":
        return ()
    return tuple(s for s in after.seats if isinstance(s.standing, Asked) and s.number not in already)


def answers(approval: Approval) -> tuple[tuple[Person, Answered], ...]:
    """Every answer, in the order in which they were given."""
    given = [(seat.person, seat.standing) for seat in approval.seats if isinstance(seat.standing, Answered)]
    return tuple(sorted(given, key=lambda one: one[1].at))


def outcome(approval: Approval) -> Outcome | None:
    """What the asking node ends with; None while it is open, and when the run no longer asks."""
    if approval.state in ("open", "cancelled"):
        return None
    given = answers(approval)
    decisive = given[-1] if given and approval.state != "expired" else None
    return Outcome(
        status=approval.state,
        exit_code=EXIT_CODES[approval.state],
        message=approval.text,
        outputs={
            "status": approval.state,
            "approver": "" if decisive is None else decisive[0].email,
            "comment": "" if decisive is None else decisive[1].comment,
            "answers": [_shown(person, one) for person, one in given],
        },
    )


def _shown(person: Person, given: Answered) -> dict[str, Json]:
    return {
        "approver": person.email,
        "name": person.name,
        "verdict": given.verdict,
        "comment": given.comment,
        "at": given.at.isoformat(timespec="seconds"),
        "via": given.via,
    }


def moment(at: datetime) -> str:
    """A moment in UTC for a sentence."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them: `A`, `A and B`, `A, B and C`."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else ""
