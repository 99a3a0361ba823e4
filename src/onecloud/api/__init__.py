"""The HTTP surface: every room's routes, sessions, errors and the web app under one roof."""
