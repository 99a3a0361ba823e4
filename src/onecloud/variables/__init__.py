"""Workspace variables with their values per environment, and the one syntax that refers to any value."""
