"""How an approval goes: who is asked when, what an answer, the passing of time and an edit make of it. Pure.

Sequential: one after another; who lets the time pass is passed over, and the next is asked with a time of their own.
Flat: all at once within one time, and all must accept. Single: one approver. One rejection ends any of them at once.
When nobody is left to ask and the last one asked did not answer in time, the approval expires: a failure for links.
Source: product facts 2.12.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, cast

from onecloud.approvals.model import (
    PEOPLE_MOST,
    Answered,
    Approval,
    ApprovalState,
    Asked,
    Edit,
    Overdue,
    Person,
    Seat,
    Skipped,
    Standing,
    Verdict,
    Waiting,
    Way,
)
from onecloud.approvals.rules.looking import listed, moment, next_due, seat_numbered
from onecloud.approvals.rules.request import check_comment, due_problems, too_many
from onecloud.kernel.errors import Conflict, Invalid, Problem

SHOWN_COMMENT: Final = 300  # a longer comment is in the outputs, and the sentence says so


def begun(approval: Approval, people: Sequence[Person], now: datetime) -> Approval:
    """The approval with its first approvers asked."""
    seats = tuple(Seat(number, person, Waiting()) for number, person in enumerate(people, 1))
    return _advanced(replace(approval, seats=seats), now, now + approval.due)


def answer(approval: Approval, number: int, verdict: Verdict, comment: str, via: Way, now: datetime) -> Approval:
    """The approval after the approver in that seat has answered.

    Raises: Conflict when it is settled, or not theirs to answer now (already answered, too late, skipped, not yet);
    Invalid for a comment that is too long.
    """
    seat = check_answerable(approval, number, now)
    check_comment(comment)
    after = _with(approval, {seat.number: Answered(verdict, comment, now, via)})
    return _onward(after, now, _due_of(approval, now))


def check_answerable(approval: Approval, number: int, now: datetime) -> Seat:
    """The seat, when who sits there may answer at this moment.

    Raises: Conflict that says why not.
    """
    seat = seat_numbered(approval, number)
    match seat.standing:
        case Answered(verdict=verdict):
            given = "accepted" if verdict == "accept" else "rejected"
            raise Conflict("approval.answered", f"{seat.person.name} has {given} this already; an answer is final.")
        case _ if approval.state != "open":
            raise Conflict("approval.settled", f"This needs no answer any more. {_ending(approval)}")
        case Waiting():
            turn = ", ".join(one.person.name for one in approval.seats if isinstance(one.standing, Asked))
            raise Conflict(
                "approval.not_your_turn", f"Others are asked first: {turn}. You get a mail when it is your turn."
            )
        case Skipped():
            raise Conflict("approval.skipped", f"An administrator has taken {seat.person.name} out of this approval.")
        case Asked(due_at=due_at) if now < due_at:
            return seat
        case Asked(due_at=due_at) | Overdue(at=due_at):
            raise Conflict(
                "approval.overdue",
                f"The time for {seat.person.name} to answer ended on {moment(due_at)}. "
                "Ask an administrator to add you to the approval again.",
            )


def _ending(approval: Approval) -> str:
    return approval.text or "The run that asked has ended."


def escalate(approval: Approval, now: datetime) -> Approval:
    """The approval after the time that has passed; itself when nothing is due.

    The next one's time begins now, not when the former one's ended: nobody's time runs while they are not asked.
    """
    due = next_due(approval)
    if due is None or now < due:
        return approval
    late = {
        seat.number: Overdue(seat.standing.due_at)
        for seat in approval.seats
        if isinstance(seat.standing, Asked) and seat.standing.due_at <= now
    }
    return _onward(_with(approval, late), now, now + approval.due)


def edit(approval: Approval, change: Edit, now: datetime) -> Approval:
    """The approval after an administrator's change. Answers stay; a new time to answer counts from now.

    Raises: Conflict when it is settled, or when nobody would be left who answers; Invalid `approval.edit` with every
    problem.
    """
    if approval.state != "open":
        raise Conflict("approval.settled", f"This approval is settled and cannot be changed. {_ending(approval)}")
    problems = [*_skip_problems(approval, change), *_add_problems(approval, change)]
    if change.due is not None:
        problems += due_problems(change.due)
    if problems:
        raise Invalid("approval.edit", problems[0].sentence(), problems=tuple(problems))
    due = change.due or approval.due
    covering = now + due if change.due is not None else _due_of(approval, now)
    after = _with(replace(approval, due=due), {number: Skipped(now) for number in change.skip})
    if change.due is not None:
        asked = {s.number: Asked(s.standing.at, covering) for s in after.seats if isinstance(s.standing, Asked)}
        after = _with(after, asked)
    first = len(after.seats) + 1
    added = tuple(Seat(number, person, Waiting()) for number, person in enumerate(change.add, first))
    after = _onward(replace(after, seats=after.seats + added), now, covering)
    if after.state == "expired":
        raise Conflict(
            "approval.nobody_left",
            "Nobody would be left who answers. Add somebody else in the same change, or skip fewer approvers.",
        )
    return after


def _skip_problems(approval: Approval, change: Edit) -> list[Problem]:
    problems: list[Problem] = []
    for number in change.skip:
        seat = next((seat for seat in approval.seats if seat.number == number), None)
        if seat is None:
            problems.append(Problem("skip", f"There is no approver {number}.", "Take one of the approval's numbers."))
        elif isinstance(seat.standing, Answered):
            problems.append(Problem("skip", f"{seat.person.name} has answered already; an answer stays."))
        elif not isinstance(seat.standing, Waiting | Asked):
            problems.append(Problem("skip", f"{seat.person.name} is not asked any more."))
    return problems


def _add_problems(approval: Approval, change: Edit) -> list[Problem]:
    problems: list[Problem] = []
    staying = [seat for seat in approval.seats if seat.number not in change.skip]
    for person in change.add:
        there = [seat.standing for seat in staying if seat.person.user_id == person.user_id]
        if any(isinstance(standing, Answered) for standing in there):
            problems.append(Problem("add", f"{person.name} has answered already; an answer stays."))
        elif any(isinstance(standing, Waiting | Asked) for standing in there):
            problems.append(Problem("add", f"{person.name} is an approver already."))
    if len({person.user_id for person in change.add}) < len(change.add):
        problems.append(Problem("add", "The same person is named twice.", "Name each once."))
    count = len(approval.seats) + len(change.add)
    if count > PEOPLE_MOST:
        problems.append(too_many("add", count))
    open_seats = sum(isinstance(seat.standing, Waiting | Asked) for seat in staying) + len(change.add)
    if approval.type == "single" and open_seats > 1:
        problems.append(Problem("add", "The type single has one approver.", "Skip the present one in the same change."))
    return problems


def cancelled(approval: Approval, now: datetime) -> Approval:
    """The approval after the run stopped asking; itself when it is settled."""
    if approval.state != "open":
        return approval
    return replace(approval, state="cancelled", settled_at=now, text="The run that asked has ended.")


def _with(approval: Approval, standings: Mapping[int, Standing]) -> Approval:
    seats = tuple(replace(seat, standing=standings.get(seat.number, seat.standing)) for seat in approval.seats)
    return replace(approval, seats=seats)


def _due_of(approval: Approval, now: datetime) -> datetime:
    """Until when whoever is asked now may answer: in a flat approval as long as the others."""
    covering = next_due(approval) if approval.type == "flat" else None
    return covering or now + approval.due


def _onward(approval: Approval, now: datetime, due_at: datetime) -> Approval:
    """Settle the approval if it is decided, else ask whoever is next."""
    judged = _judged(approval, now)
    return _advanced(judged, now, due_at) if judged.state == "open" else judged


def _advanced(approval: Approval, now: datetime, due_at: datetime) -> Approval:
    """Ask whoever is next: everybody in a flat approval, else the first who waits, when nobody is asked."""
    waiting = [seat.number for seat in approval.seats if isinstance(seat.standing, Waiting)]
    if approval.type != "flat":
        waiting = [] if any(isinstance(seat.standing, Asked) for seat in approval.seats) else waiting[:1]
    return _with(approval, {number: Asked(now, due_at) for number in waiting})


def _judged(approval: Approval, now: datetime) -> Approval:
    """Settle the approval if it is decided."""
    rejection = next((s for s in approval.seats if _says(s, "reject")), None)
    if rejection is not None:
        given = cast(Answered, rejection.standing)
        return _settled(approval, "rejected", f"Rejected by {rejection.person.name}{_comment(given)}", now)
    if any(isinstance(seat.standing, Waiting | Asked) for seat in approval.seats):
        return approval
    counting = [seat for seat in approval.seats if not isinstance(seat.standing, Skipped)]
    needed = counting if approval.type == "flat" else counting[-1:]
    if needed and all(_says(seat, "accept") for seat in needed):
        names = [seat.person.name for seat in counting if _says(seat, "accept")]
        return _settled(approval, "approved", f"Approved by {listed(names)}.", now)
    names = [seat.person.name for seat in needed if not _says(seat, "accept")]
    return _settled(approval, "expired", f"Not answered in time by {listed(names) or 'anybody'}.", now)


def _says(seat: Seat, verdict: Verdict) -> bool:
    return isinstance(seat.standing, Answered) and seat.standing.verdict == verdict


def _comment(given: Answered) -> str:
    if not given.comment.strip():
        return "."
    if len(given.comment) > SHOWN_COMMENT:
        return f" with a comment of {len(given.comment)} characters; see the outputs."
    return f": {given.comment.strip()}"


def _settled(approval: Approval, state: ApprovalState, text: str, now: datetime) -> Approval:
    return replace(approval, state=state, settled_at=now, text=text)
