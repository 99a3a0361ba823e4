"""Users and groups as administrators keep them: permissions on objects by name, and invitations that are mailed.

`access/` decides and stores; this room stands above the objects and the mail that it cannot know.
"""
