"""Runtime file uploads: a run waits for files that somebody gives."""
