"""Nominations files and messages as they came, rows that went back, and corrections."""
