"""Chains that start when something happens: a webhook is called, another chain has ended, a file appears."""
