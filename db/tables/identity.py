"""Rows of portraits' perceptual hashes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Code


class PortraitRow(Base):
    """The perceptual hash of an application's portrait; erased with the portrait."""

    __tablename__ = "portrait"

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    fingerprint: Mapped[str] = mapped_column(String(64))


class PortraitPartRow(Base):
    """One part of a hash: pictures that differ in few bits agree in at least one part."""

    __tablename__ = "portrait_part"

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    part: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index(None, "part", "place", "election"),)
