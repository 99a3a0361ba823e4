"""Every query of the room; the only place that knows its tables."""

from __future__ import annotations

from onecloud.access.store.persons import people

__all__ = ["people"]
