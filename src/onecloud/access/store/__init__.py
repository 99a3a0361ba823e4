"""Every query of the room; the only place that knows its tables. What rooms above ask it for is imported from here."""

from __future__ import annotations

from onecloud.access.store.permissions import (
    grants_of,
    readable_chains,
    readable_workspaces,
    seen_environments,
    seen_workspaces,
)
from onecloud.access.store.persons import people

__all__ = ["grants_of", "people", "readable_chains", "readable_workspaces", "seen_environments", "seen_workspaces"]
