"""Every query of the run tables, one file per theme; callers import them from here."""

from __future__ import annotations

from onecloud.runs.store.change import (
    add_event,
    add_run,
    end_nodes,
    fail,
    one_start_at_a_time,
    stop,
)
from onecloud.runs.store.counts import ended_between
from onecloud.runs.store.find import (
    events_after,
    events_anywhere_after,
    last_event,
    last_runs,
    live_run_of,
    live_runs,
    nodes_of,
    previous_start,
    result,
    results_of,
    run,
    runs_of_chain,
    unqueued,
)
from onecloud.runs.store.turns import (
    held,
    record,
    take_up,
)

__all__ = [
    "add_event",
    "add_run",
    "end_nodes",
    "ended_between",
    "events_after",
    "events_anywhere_after",
    "fail",
    "held",
    "last_event",
    "last_runs",
    "live_run_of",
    "live_runs",
    "nodes_of",
    "one_start_at_a_time",
    "previous_start",
    "record",
    "result",
    "results_of",
    "run",
    "runs_of_chain",
    "stop",
    "take_up",
    "unqueued",
]
