"""How approvals go, as properties over everything that can happen to them, and as examples for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.approvals import rules
from onecloud.approvals.model import (
    COMMENT_MOST,
    PEOPLE_MOST,
    Answered,
    Approval,
    ApprovalRequest,
    ApprovalType,
    Asked,
    Edit,
    Overdue,
    Skipped,
    Verdict,
    Waiting,
)
from onecloud.chains.events.approval import ApprovalOutputs
from onecloud.kernel.errors import Conflict, Forbidden, Invalid, OneCloudError
from tests.approvals.make import DAY, NOON, approval, person


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that is tried on an approval at a moment, and what it is to make of it."""

    after: timedelta
    change: Callable[[Approval, datetime], Approval]
    answers: tuple[int, Verdict] | None = None


def answering(number: int, verdict: Verdict, after: timedelta) -> Happening:
    return Happening(
        after, lambda before, now: rules.answer(before, number, verdict, "", "web", now), answers=(number, verdict)
    )


def waiting(after: timedelta) -> Happening:
    return Happening(after, rules.escalate)


def editing(edit: Edit, after: timedelta) -> Happening:
    return Happening(after, lambda before, now: rules.edit(before, edit, now))


spans = st.integers(0, 60).map(lambda hours: timedelta(hours=hours))
seats = st.integers(1, 6)
edits = st.builds(
    Edit,
    skip=st.lists(seats, max_size=1, unique=True).map(tuple),
    add=st.lists(st.integers(3, 20).map(person), max_size=2).map(tuple),
    due=st.sampled_from([None, None, timedelta(hours=6), 3 * DAY]),
)
happenings = st.one_of(
    st.builds(answering, seats, st.sampled_from(["accept", "accept", "accept", "reject"]), spans),
    st.builds(waiting, spans),
    st.builds(editing, edits, spans),
)
KINDS: tuple[ApprovalType, ...] = ("sequential", "flat", "single")


@st.composite
def stories(draw: st.DrawFn) -> tuple[Approval, Sequence[Happening]]:
    kind = draw(st.sampled_from(KINDS))
    people = 1 if kind == "single" else draw(st.integers(1, 4))
    return approval(kind, people), draw(st.lists(happenings, max_size=12))


def told(story: tuple[Approval, Sequence[Happening]]) -> list[tuple[Approval, Approval, Happening, datetime]]:
    """Every step that was taken: before, after, what happened, when. Refusals change nothing."""
    now, before = NOON, story[0]
    steps: list[tuple[Approval, Approval, Happening, datetime]] = []
    for happening in story[1]:
        now += happening.after
        try:
            after = happening.change(before, now)
        except (OneCloudError, LookupError):  # refused, or there is no such seat
            continue
        steps.append((before, after, happening, now))
        before = after
    return steps


@given(stories())
def test_an_approval_settles_once_and_stays_as_it_settled(story: tuple[Approval, Sequence[Happening]]) -> None:
    for before, after, _, now in told(story):
        if before.state != "open":
            assert after is before, "only the passing of time is not refused, and it changes nothing"
        assert (after.state == "open") == (after.settled_at is None) == (rules.outcome(after) is None)
        if before.state == "open" != after.state:
            assert after.settled_at == now
            assert after.text


@given(stories())
def test_no_answer_is_ever_lost_or_changed(story: tuple[Approval, Sequence[Happening]]) -> None:
    for before, after, happening, _ in told(story):
        kept = {seat.number: seat for seat in after.seats}
        for seat in before.seats:
            assert kept[seat.number].person == seat.person
            if isinstance(seat.standing, Answered):
                assert kept[seat.number] == seat
        new = len(rules.answers(after)) - len(rules.answers(before))
        assert new == (1 if happening.answers else 0)


@given(stories())
def test_only_whoever_is_asked_answers_and_only_in_time(story: tuple[Approval, Sequence[Happening]]) -> None:
    for before, after, happening, now in told(story):
        if happening.answers is None:
            continue
        number, verdict = happening.answers
        asked = rules.seat_numbered(before, number).standing
        assert isinstance(asked, Asked)
        assert asked.at <= now < asked.due_at
        given_now = rules.seat_numbered(after, number).standing
        assert given_now == Answered(verdict, "", now, "web")
        assert (after.state == "rejected") == (verdict == "reject")


@given(stories())
def test_the_order_is_kept(story: tuple[Approval, Sequence[Happening]]) -> None:
    for before, after, _, _ in told(story):
        standings = [seat.standing for seat in after.seats]
        asked = [at for at, standing in enumerate(standings) if isinstance(standing, Asked)]
        waiting = [at for at, standing in enumerate(standings) if isinstance(standing, Waiting)]
        if after.state == "open":
            assert asked, "somebody is asked as long as it is open"
        if after.type == "flat":
            assert not waiting
            assert len({s.standing.due_at for s in after.seats if isinstance(s.standing, Asked)}) <= 1
        else:
            assert len(asked) <= 1
            assert all(later > at for at in asked for later in waiting)
        known = {seat.number: seat.standing for seat in before.seats}
        fresh = [s.number for s in after.seats if isinstance(s.standing, Asked) and s.standing != known.get(s.number)]
        if after.state == "open":
            mailed = [seat.number for seat in rules.newly_asked(before, after)]
            assert set(mailed) <= set(fresh)
            assert all(isinstance(known.get(number), Asked) for number in set(fresh) - set(mailed))


@given(stories())
def test_time_alone_acts_exactly_when_it_was_said(story: tuple[Approval, Sequence[Happening]]) -> None:
    for before, _, _, now in told(story):
        due = rules.next_due(before)
        assert (due is None) == (before.state != "open")
        if due is None:
            assert rules.escalate(before, now + 1000 * DAY) is before
            continue
        assert rules.escalate(before, due - timedelta(microseconds=1)) is before
        once = rules.escalate(before, due)
        assert once is not before
        assert any(isinstance(seat.standing, Overdue) for seat in once.seats)
        assert rules.escalate(once, due) is once, "one moment acts once"


@given(stories())
def test_every_approval_comes_to_an_end_if_nobody_does_anything(story: tuple[Approval, Sequence[Happening]]) -> None:
    steps = told(story)
    now, last = (steps[-1][3], steps[-1][1]) if steps else (NOON, story[0])
    for _ in range(len(last.seats) + 1):
        now = max(now, rules.next_due(last) or now)
        last = rules.escalate(last, now)
    assert last.state != "open"


@given(stories())
def test_it_is_approved_only_by_those_who_count(story: tuple[Approval, Sequence[Happening]]) -> None:
    steps = told(story)
    last = steps[-1][1] if steps else story[0]
    said = [s.standing.verdict for s in last.seats if isinstance(s.standing, Answered)]
    if last.state == "approved":
        assert said
        assert "reject" not in said
        assert not any(isinstance(seat.standing, Asked | Waiting) for seat in last.seats)
        if last.type == "flat":
            assert all(isinstance(seat.standing, Answered | Skipped) for seat in last.seats)
    if last.state == "expired":
        assert any(isinstance(seat.standing, Overdue) for seat in last.seats)
    outcome = rules.outcome(last)
    if outcome is not None:
        ApprovalOutputs.model_validate(outcome.outputs)
        assert (outcome.exit_code == 0) == (last.state == "approved")


def test_sequential_goes_from_one_to_the_next_and_each_has_a_time_of_their_own() -> None:
    first = approval("sequential", 2)
    assert rules.next_due(first) == NOON + DAY
    second = rules.answer(first, 1, "accept", "fine", "web", NOON + DAY / 2)
    assert second.state == "open"
    assert [seat.number for seat in rules.newly_asked(first, second)] == [2]
    assert rules.next_due(second) == NOON + DAY * 1.5
    done = rules.answer(second, 2, "accept", "", "mail", NOON + DAY)
    assert (done.state, done.text) == ("approved", "Approved by P1 and P2.")


def test_whoever_lets_the_time_pass_is_passed_over_and_the_next_ones_time_begins_then() -> None:
    later = NOON + 5 * DAY  # the server was off for days
    passed = rules.escalate(approval("sequential", 2), later)
    assert [type(seat.standing) for seat in passed.seats] == [Overdue, Asked]
    assert rules.next_due(passed) == later + DAY
    done = rules.answer(passed, 2, "accept", "", "web", later)
    assert (done.state, done.text) == ("approved", "Approved by P2.")
    expired = rules.escalate(passed, later + DAY)
    assert (expired.state, expired.text) == ("expired", "Not answered in time by P2.")
    assert expired.seats[0].standing == Overdue(NOON + DAY)


def test_flat_asks_all_at_once_and_needs_them_all() -> None:
    start = approval("flat", 3)
    assert len(rules.newly_asked(None, start)) == 3
    two = rules.answer(rules.answer(start, 3, "accept", "", "web", NOON), 1, "accept", "", "web", NOON)
    assert two.state == "open"
    assert rules.next_due(two) == NOON + DAY
    assert rules.answer(two, 2, "accept", "", "web", NOON).text == "Approved by P1, P2 and P3."
    late = rules.escalate(two, NOON + DAY)
    assert (late.state, late.text) == ("expired", "Not answered in time by P2.")


@pytest.mark.parametrize("kind", ["sequential", "flat"])
def test_one_rejection_ends_it_and_nobody_else_is_asked(kind: ApprovalType) -> None:
    start = approval(kind, 3)
    done = rules.answer(start, 1, "reject", "The total is wrong", "web", NOON)
    assert (done.state, done.text) == ("rejected", "Rejected by P1: The total is wrong")
    assert rules.newly_asked(start, done) == ()
    assert [type(seat.standing) for seat in done.seats[1:]] == [type(seat.standing) for seat in start.seats[1:]]
    outcome = rules.outcome(done)
    assert outcome is not None
    assert (outcome.outputs["approver"], outcome.outputs["comment"]) == ("p1@example.com", "The total is wrong")


def test_what_cannot_be_answered_says_why() -> None:
    start = approval("sequential", 3)
    one = rules.answer(start, 1, "accept", "", "web", NOON)
    cases = [
        (one, 1, NOON, "approval.answered"),
        (start, 2, NOON, "approval.not_your_turn"),
        (start, 1, NOON + DAY, "approval.overdue"),
        (rules.escalate(start, NOON + DAY), 1, NOON + DAY, "approval.overdue"),
        (rules.edit(start, Edit(skip=(1,)), NOON), 1, NOON, "approval.skipped"),
        (rules.answer(start, 1, "reject", "", "web", NOON), 1, NOON, "approval.answered"),
        (rules.answer(start, 1, "reject", "", "web", NOON), 2, NOON, "approval.settled"),
        (rules.cancelled(start, NOON), 1, NOON, "approval.settled"),
    ]
    for where, number, now, code in cases:
        with pytest.raises(Conflict) as refused:
            rules.answer(where, number, "accept", "", "web", now)
        assert refused.value.code == code
    with pytest.raises(Forbidden):
        rules.own_seat(start, 55)


def test_a_comment_has_a_limit_and_a_long_one_stays_out_of_the_sentence() -> None:
    with pytest.raises(Invalid, match="5001 characters"):
        rules.answer(approval("single", 1), 1, "accept", "x" * (COMMENT_MOST + 1), "web", NOON)
    done = rules.answer(approval("single", 1), 1, "reject", "y" * COMMENT_MOST, "web", NOON)
    assert done.text == "Rejected by P1 with a comment of 5000 characters; see the outputs."


def test_an_edit_skips_adds_and_gives_time_and_keeps_what_was_answered() -> None:
    one = rules.answer(approval("sequential", 3), 1, "accept", "ok", "web", NOON)
    now = NOON + DAY / 4
    edited = rules.edit(one, Edit(skip=(2,), add=(person(8),), due=2 * DAY), now)
    assert rules.answers(edited) == rules.answers(one)
    assert [type(seat.standing) for seat in edited.seats] == [Answered, Skipped, Asked, Waiting]
    assert rules.next_due(edited) == now + 2 * DAY
    assert [seat.number for seat in rules.newly_asked(one, edited)] == [3]


def test_in_a_flat_approval_an_added_person_has_the_time_of_the_others() -> None:
    start = approval("flat", 2)
    edited = rules.edit(start, Edit(add=(person(8),)), NOON + DAY / 2)
    assert {s.standing.due_at for s in edited.seats if isinstance(s.standing, Asked)} == {NOON + DAY}
    assert [seat.person.name for seat in rules.newly_asked(start, edited)] == ["P8"]


def test_skipping_the_last_open_approver_approves_what_the_others_accepted() -> None:
    one = rules.answer(approval("flat", 2), 1, "accept", "", "web", NOON)
    assert rules.edit(one, Edit(skip=(2,)), NOON).state == "approved"
    passed = rules.escalate(approval("sequential", 2), NOON + DAY)
    for nobody in (approval("flat", 2), passed):
        with pytest.raises(Conflict) as refused:
            rules.edit(nobody, Edit(skip=(1, 2) if nobody.type == "flat" else (2,)), NOON + DAY)
        assert refused.value.code == "approval.nobody_left"


def test_somebody_who_was_passed_over_may_be_added_again() -> None:
    passed = rules.escalate(approval("sequential", 2), NOON + DAY)
    again = rules.edit(passed, Edit(skip=(2,), add=(person(1),)), NOON + DAY)
    assert rules.is_turn_of(again, 1)
    assert rules.own_seat(again, 1).number == 3


def test_a_faulty_edit_names_every_fault() -> None:
    one = rules.answer(approval("sequential", 2), 1, "accept", "", "web", NOON)
    with pytest.raises(Invalid) as refused:
        rules.edit(one, Edit(skip=(9,), add=(person(2), person(1), person(5), person(5)), due=500 * DAY), NOON)
    assert [problem.where for problem in refused.value.problems] == ["skip", "add", "add", "add", "due_days"]
    with pytest.raises(Invalid, match="P1 has answered already"):
        rules.edit(one, Edit(skip=(1,)), NOON)
    with pytest.raises(Invalid, match="P2 is not asked any more"):
        rules.edit(rules.edit(one, Edit(skip=(2,), add=(person(5),)), NOON), Edit(skip=(2,)), NOON)
    with pytest.raises(Invalid, match="single has one approver"):
        rules.edit(approval("single", 1), Edit(add=(person(5),)), NOON)
    crowd = replace(approval("flat", 1), seats=approval("flat", PEOPLE_MOST).seats)
    with pytest.raises(Invalid, match="Name at most 50"):
        rules.edit(crowd, Edit(add=(person(77),)), NOON)
    with pytest.raises(Conflict, match="settled"):
        rules.edit(rules.answer(one, 2, "accept", "", "web", NOON), Edit(), NOON)


def test_people_are_named_in_text_or_in_a_list() -> None:
    assert rules.names_in(" a@x.com, b@x.com;;\nA@X.com , Runtime User") == ("a@x.com", "b@x.com", "Runtime User")
    assert rules.names_in(["a@x.com", "b@x.com, c@x.com", ""]) == ("a@x.com", "b@x.com", "c@x.com")
    assert rules.is_runtime_user("runtime user")


def test_a_faulty_request_names_every_fault() -> None:
    faulty = [
        (ApprovalRequest("t", "", ()), ["approvers"]),
        (ApprovalRequest("t", "", ("a", "b"), type="single", due=timedelta(0)), ["approvers", "due_days"]),
        (ApprovalRequest("t", "", ("a",), tuple("x" * n for n in range(1, 60))), ["requesters"]),
        (ApprovalRequest("t", "", tuple("x" * n for n in range(1, 60))), ["approvers"]),
    ]
    for request, places in faulty:
        with pytest.raises(Invalid) as refused:
            rules.check_request(request)
        assert [problem.where for problem in refused.value.problems] == places
    rules.check_request(ApprovalRequest("t", "", ("a",)))


def test_who_takes_part_and_whose_turn_it_is() -> None:
    start = approval("sequential", 2)
    assert [rules.takes_part(start, one) for one in (1, 2, 99, 50)] == [True, True, True, False]
    assert [rules.is_turn_of(start, one) for one in (1, 2, 99)] == [True, False, False]
    with pytest.raises(LookupError):
        rules.seat_numbered(start, 7)
    assert rules.listed([]) == ""
