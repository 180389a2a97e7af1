"""The table of reference lists."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base

Code = String(32)


class ReferenceEntryRow(Base):
    """An entry of a reference list the operator supplied, by the key it is looked up with."""

    __tablename__ = "reference_entry"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    list_code: Mapped[str] = mapped_column(Code, primary_key=True)
    entry: Mapped[str] = mapped_column(String(64), primary_key=True)
    list_sha256: Mapped[str] = mapped_column(String(64))
    name_key: Mapped[str] = mapped_column(String(300))
    birth_date: Mapped[date | None]

    __table_args__ = (Index(None, "election", "name_key"),)
