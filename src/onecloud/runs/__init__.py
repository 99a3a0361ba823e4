"""Chain runs: the reducer that decides, the engine that does, and the tables people read."""
