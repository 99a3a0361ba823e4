"""Every query of the room, one file a table."""
