"""People: users, groups, sign-in, sessions and one-time links."""
