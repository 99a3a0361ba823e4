"""Configured connectors: which system, with which secrets, in which environments."""
