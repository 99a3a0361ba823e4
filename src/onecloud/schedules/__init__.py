"""Chains that start by the clock: when a schedule fires, that it fires exactly once, and why it did not."""
