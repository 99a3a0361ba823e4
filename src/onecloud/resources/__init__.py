"""Files kept in a workspace for its chains: scripts, settings, templates, keys; every version of them."""
