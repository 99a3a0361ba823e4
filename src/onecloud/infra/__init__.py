"""Settings, database, files, crypto and the door to the engine."""
