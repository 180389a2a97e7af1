"""Which version the tables have, and which this program knows: a program of another one records nothing."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.errors import UnavailableError

SCHEMA: Final = "0027_w21"
"""The version of the tables that this program knows: its last migration. Versions begin with their number."""


class VersionsDifferError(UnavailableError):
    """The tables are of another version than the program: what it would write is not what is meant there."""

    def __init__(self, there: str) -> None:
        self.program_is_older = there > SCHEMA
        """Whether the program is the one to renew."""
        older, newer, remedy = (
            ("This machine's program", "the database", "Install the newer program here.")
            if self.program_is_older
            else ("The database", "this program", "Run: accredit db upgrade")
        )
        versions = f"(tables {there[:24]}, program {SCHEMA[:24]})"
        super().__init__(f"{older} is older than {newer} {versions}. Nothing is recorded until they agree. {remedy}")


def require_same_version(session: Session) -> None:
    """Raise :class:`VersionsDifferError` where the tables are not of this program's version.

    While machines are upgraded one after another, those whose turn is still to come record nothing.
    """
    there = session.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
    if there != SCHEMA:
        raise VersionsDifferError(there)
