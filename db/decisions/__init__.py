"""Decisions, notes, claims, questions to authorities, sessions, and acts about officers."""
