"""Running chain runs: the engine of this process, and the lock that keeps it the only one."""
