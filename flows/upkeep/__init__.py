"""Upkeep of an installation: how it is started, what is right and wrong with it, backups, what a restore finds out."""
