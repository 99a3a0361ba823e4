"""Decisions of telling, one file a theme; pure."""
