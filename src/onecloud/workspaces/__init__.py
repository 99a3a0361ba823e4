"""Workspaces and their environments: where chains live."""
