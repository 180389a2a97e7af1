"""All mapped rows, one module a subject. Personal fields live in `person`, `letter` and `returned_row` only."""

from db.tables import (
    application,
    assignment,
    credentials,
    decisions,
    election,
    identity,
    intake,
    letters,
    organisations,
    oversight,
    screening,
)
from db.tables.base import Base

__all__ = [
    "Base",
    "application",
    "assignment",
    "credentials",
    "decisions",
    "election",
    "identity",
    "intake",
    "letters",
    "organisations",
    "oversight",
    "screening",
]
