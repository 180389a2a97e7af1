"""Names compared: scripts, sounds, keys, likeness, and how common the parts of a name are."""
