"""Upkeep of an installation: what is right and wrong with it, backups, and what a restore has to find out."""
