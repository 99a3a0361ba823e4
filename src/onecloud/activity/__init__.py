"""What happened and who did it: the audit trail and the log of sign-ins."""
