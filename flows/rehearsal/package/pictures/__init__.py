"""Drawn portraits and identity pages of invented people."""
