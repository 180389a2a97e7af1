"""Stages and steps: what is done, when, in which transaction; Prefect runs it, and the command starts it."""

import os

# Before anybody imports Prefect: at a terminal it reports its first use to its maker, and says so.
os.environ["DO_NOT_TRACK"] = "1"
