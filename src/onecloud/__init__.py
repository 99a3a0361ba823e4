"""OneCloud: a self-hosted automation platform of chains, commands and connections."""

__version__ = "0.1.0"
