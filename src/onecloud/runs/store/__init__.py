"""Every query of the run tables, one file per theme; callers import them from here."""

from __future__ import annotations

from onecloud.runs.store.change import (
    add_event,
    add_run,
    end_nodes,
    fail,
    one_start_at_a_time,
    stop,
    stop_children,
)
from onecloud.runs.store.counts import ended_between
from onecloud.runs.store.dynamic import dynamic_values, set_dynamic
from onecloud.runs.store.ends import is_untold, take_untold, untold_ends
from onecloud.runs.store.find import (
    Message,
    attempts_of,
    child_of,
    events_after,
    events_anywhere_after,
    last_event,
    last_runs,
    live_run_of,
    live_runs,
    newest_results,
    nodes_of,
    passes_by_state,
    passes_of,
    previous_start,
    result,
    results_of,
    results_of_node,
    run,
    running,
    runs_of_chain,
    under_way,
    unqueued,
)
from onecloud.runs.store.reuse import copy_results, last_results
from onecloud.runs.store.turns import (
    held,
    record,
    take_up,
)

__all__ = [
    "Message",
    "add_event",
    "add_run",
    "attempts_of",
    "child_of",
    "copy_results",
    "dynamic_values",
    "end_nodes",
    "ended_between",
    "events_after",
    "events_anywhere_after",
    "fail",
    "held",
    "is_untold",
    "last_event",
    "last_results",
    "last_runs",
    "live_run_of",
    "live_runs",
    "newest_results",
    "nodes_of",
    "one_start_at_a_time",
    "passes_by_state",
    "passes_of",
    "previous_start",
    "record",
    "result",
    "results_of",
    "results_of_node",
    "run",
    "running",
    "runs_of_chain",
    "set_dynamic",
    "stop",
    "stop_children",
    "take_untold",
    "take_up",
    "under_way",
    "unqueued",
    "untold_ends",
]
