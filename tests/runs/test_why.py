"""The sentence that says why a run is where it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from onecloud.runs.model import LaunchType, NodeState, RunState
from onecloud.runs.records import ResultRecord, RunRecord
from onecloud.runs.why import Around, Holder, why

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FREE = Around(places=2, working=0, oldest=None, asked={("approval", "7"): ["Ada", "Grace"]})
FULL = Around(places=2, working=2, oldest=Holder(3, "Nightly", NOW), asked={})


def run(state: RunState, text: str = "") -> RunRecord:
    """A run in that state."""
    return RunRecord(1, 1, 1, 1, state, LaunchType.API, None, None, None, {}, {}, text, 1, NOW, NOW, None, None, None)


def active(waits: dict[str, str] | None) -> ResultRecord:
    """An attempt under way."""
    return ResultRecord(1, 1, "a", 1, NodeState.ACTIVE, None, True, "", None, None, None, "", NOW, None, waits=waits)


@pytest.mark.parametrize(
    ("state", "around", "rows", "says"),
    [
        (RunState.ENQUEUEING, FREE, [], "about to begin"),
        (RunState.ENQUEUEING, FULL, [], "run 3 (Nightly) has held one since 2026-03-01 12:00 UTC"),
        (RunState.PAUSED, FREE, [], "Resume it"),
        (RunState.RUNNING, FREE, [active(None)], "Load at work since"),
        (RunState.RUNNING, FREE, [active({"kind": "approval", "id": "7"})], "waits for approval by Ada, Grace"),
        (RunState.RUNNING, FREE, [active({"kind": "run", "run_id": "9", "chain": "Child"})], "waits for run 9 (Child)"),
        (RunState.RUNNING, FREE, [active({"kind": "delay", "until": NOW.isoformat()})], "until 2026-03-01 12:00 UTC"),
        (RunState.RUNNING, FREE, [], "waits for its next try"),
    ],
)
def test_a_live_run_says_why(state: RunState, around: Around, rows: list[ResultRecord], says: str) -> None:
    assert says in (why(run(state), {"a": "Load"}, rows, around) or "")


def test_an_ended_run_needs_no_reason() -> None:
    assert why(run(RunState.ERRORED), {}, [], FREE) is None
