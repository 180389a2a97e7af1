"""Contradictions between what the database says in several places; found by code that no stage uses."""
