"""Errors, ids and values that every room shares; no IO."""
