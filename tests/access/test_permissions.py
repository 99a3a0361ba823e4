"""The one decision, in values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.access import rules
from onecloud.access.permissions import (
    Verdict,
    decide,
    denied,
    is_free,
    level_on,
    line_of,
    missing,
    permitted,
    require,
    require_administrator,
)
from onecloud.kernel.errors import Forbidden, NotFound
from onecloud.kernel.permission import GIVEN, NO_GRANTS, Grants, Level, Place
from onecloud.kernel.principal import Principal

# Two workspaces, two environments in each, two chains in each: an id tells its parents.
WORKSPACES = tuple(Place(w) for w in (1, 2))
ENVIRONMENTS = tuple(Place(w, w * 10 + e) for w in (1, 2) for e in (1, 2))
CHAINS = tuple(
    Place(p.workspace_id, p.environment_id, (p.environment_id or 0) * 10 + c) for p in ENVIRONMENTS for c in (1, 2)
)
PLACES = WORKSPACES + ENVIRONMENTS + CHAINS

places = st.sampled_from(PLACES)
grants = st.dictionaries(places, st.sampled_from(GIVEN), max_size=6)


def covers(above: Place, below: Place) -> bool:
    """Whether a permission on `above` holds for `below`: told by the ids alone."""
    mine = (above.workspace_id, above.environment_id, above.chain_id)
    its = (below.workspace_id, below.environment_id, below.chain_id)
    return all(a is None or a == b for a, b in zip(mine, its, strict=True))


def somebody(given: Grants = NO_GRANTS, *, admin: bool = False) -> Principal:
    return Principal(5, "bob@example.com", "Bob", is_admin=admin, via="session", grants=given)


@given(grants, places)
def test_the_highest_permission_on_the_object_and_its_parents_counts(given: Grants, place: Place) -> None:
    holding = [level for above, level in given.items() if covers(above, place)]
    passing = any(covers(place, inner) for inner in given)
    expected = max(holding) if holding else Level.SEE if passing else None
    assert level_on(given, False, place) == expected


@given(grants, places, st.sampled_from(GIVEN))
def test_what_may_not_be_read_is_hidden_and_what_may_be_read_is_at_most_denied(
    given: Grants, place: Place, needed: Level
) -> None:
    verdict = decide(given, False, needed, place)
    may_read = decide(given, False, Level.READ, place) is Verdict.ALLOWED
    assert (verdict is Verdict.HIDDEN) == (not may_read)
    if verdict is Verdict.ALLOWED:
        assert all(decide(given, False, lower, place) is Verdict.ALLOWED for lower in Level if lower <= needed)


@given(grants, places, st.sampled_from(GIVEN), places, st.sampled_from(GIVEN))
def test_more_permissions_never_allow_less(
    given: Grants, place: Place, needed: Level, more: Place, level: Level
) -> None:
    raised = {**given, more: max(level, given.get(more, level))}
    before, after = level_on(given, False, place), level_on(raised, False, place)
    assert before is None or (after is not None and after >= before)
    if not covers(more, place) and not covers(place, more):
        assert before == after, "a permission elsewhere changes nothing here"


@given(places, st.sampled_from(Level))
def test_an_administrator_needs_no_permission_and_nobody_has_one_by_itself(place: Place, needed: Level) -> None:
    assert decide(NO_GRANTS, True, needed, place) is Verdict.ALLOWED
    assert decide(NO_GRANTS, False, needed, place) is Verdict.HIDDEN


def test_a_permission_inside_lets_its_parents_be_seen_and_nothing_more() -> None:
    given = {CHAINS[0]: Level.ADMIN}
    for above in line_of(CHAINS[0])[:-1]:
        assert decide(given, False, Level.SEE, above) is Verdict.ALLOWED
        assert decide(given, False, Level.READ, above) is Verdict.HIDDEN
    assert decide(given, False, Level.SEE, CHAINS[1]) is Verdict.HIDDEN
    assert permitted(somebody(given), ENVIRONMENTS[0]) == []


def test_the_refusals_say_what_is_needed_and_never_that_something_hidden_exists() -> None:
    bob = somebody({WORKSPACES[0]: Level.READ})
    with pytest.raises(NotFound, match="There is no chain 211") as hidden:
        require(bob, Level.EXECUTE, CHAINS[4])
    assert (hidden.value.code, hidden.value.message) == (missing(CHAINS[4]).code, missing(CHAINS[4]).message)
    with pytest.raises(NotFound, match="There is no run 9"):
        require(bob, Level.READ, CHAINS[4], hidden=NotFound("run.not_found", "There is no run 9."))
    with pytest.raises(Forbidden, match="`execute` on the chain 111") as refused:
        require(bob, Level.EXECUTE, CHAINS[0])
    assert refused.value.code == denied(Level.EXECUTE, CHAINS[0]).code == "permission.needed"
    require(bob, Level.READ, CHAINS[0])


def test_the_operator_and_administrators_are_free() -> None:
    require(None, Level.ADMIN, WORKSPACES[0])
    require_administrator(None)
    require_administrator(somebody(admin=True))
    assert is_free(None)
    assert is_free(somebody(admin=True))
    with pytest.raises(Forbidden, match="administrator right"):
        require_administrator(somebody({WORKSPACES[0]: Level.ADMIN}))


def test_what_is_permitted_is_told_in_words() -> None:
    words = ["read", "execute", "write", "create", "admin"]
    assert permitted(None, CHAINS[0]) == permitted(somebody(admin=True), CHAINS[0]) == words
    assert permitted(somebody({ENVIRONMENTS[0]: Level.WRITE}), CHAINS[0]) == words[:3]
    assert permitted(somebody(), CHAINS[0]) == []
    assert (WORKSPACES[0].kind, ENVIRONMENTS[0].kind, CHAINS[0].kind) == ("workspace", "environment", "chain")


@given(grants, grants)
def test_losing_and_gaining_the_differences_leads_to_the_new_permissions(before: Grants, after: Grants) -> None:
    lost, gained = rules.differences(before, after)
    kept = {place: level for place, level in before.items() if (place, level) not in lost}
    assert {**kept, **dict(gained)} == after
    assert not set(lost) & set(gained), "what stays is left alone"
    assert (rules.edition(before) == rules.edition(after)) == (before == after)
