"""Every query of triggers: the triggers themselves, and their fires."""
