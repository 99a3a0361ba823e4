"""Retention: what became old, or too much, is removed: runs with their files, changes and attempts to sign in."""
