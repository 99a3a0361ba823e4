"""Every query of waiting schedules and their fires."""
