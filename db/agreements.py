"""What organisations call the columns of their files."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class AgreedNameRow(Base):
    """A name over a column in an organisation's files, and the column it was agreed to mean."""

    __tablename__ = "agreed_name"

    election: Mapped[str] = mapped_column(ForeignKey("election.code"), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    column: Mapped[str] = mapped_column(String(32))
    """One of the documented columns; empty: never read."""
