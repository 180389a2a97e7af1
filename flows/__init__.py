"""Stages and steps: what is done, when, in which transaction; Prefect runs it, and the command starts it."""
