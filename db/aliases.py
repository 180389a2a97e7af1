"""Other ids by which an application is known: those that the new key of a mended row gives."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class AliasRow(Base):
    """An id that a row's key gives, and the application that rows of that key are about."""

    __tablename__ = "application_alias"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
