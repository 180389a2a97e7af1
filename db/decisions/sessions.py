"""Sessions of a deciding body and their agendas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.journal import Book, Journal
from db.tables.decisions import AgendaRow, SessionRow
from domain.decisions.rulings import Ruling
from domain.decisions.sessions import AgendaItem, BodySession, Resolution
from domain.errors import UnknownThingError
from domain.values import ElectionCode


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of all elections."""

    session: Session

    def put(self, election: ElectionCode, found: BodySession) -> None:
        """Keep a session with its agenda, in the place of what was kept of it."""
        row = self.session.get(SessionRow, (election, found.code))
        if row is None:
            row = SessionRow(election=election, code=found.code)
            self.session.add(row)
        row.held_at = found.held_at
        row.resolution = found.resolution.model_dump(mode="json") if found.resolution else None
        row.signed_by, row.adopted_by, row.adopted_at = found.signed_by, found.adopted_by, found.adopted_at
        self.session.flush()
        self.session.execute(delete(AgendaRow).where(AgendaRow.election == election, AgendaRow.session == found.code))
        self.session.add_all(_rows(election, found))
        self.session.flush()
        if found.adopted_at is not None and found.adopted_by is not None:
            self.session.expire_all()  # the journal keeps what is read back
            content = _content(self.get(election, found.code))
            Journal(self.session).add(
                election, Book.RESOLUTIONS, found.code, content, by=found.adopted_by, at=found.adopted_at
            )

    def get(self, election: ElectionCode, code: str) -> BodySession:
        """Return a session; raises :class:`UnknownThingError`."""
        row = self.session.get(SessionRow, (election, code))
        if row is None:
            raise UnknownThingError("session", code)
        query = select(AgendaRow).where(AgendaRow.election == election, AgendaRow.session == code)
        agenda = tuple(
            AgendaItem(
                application_id=scalar.application_id,
                version=scalar.version,
                ruling=Ruling.model_validate(scalar.ruling),
            )
            for scalar in self.session.scalars(query.order_by(AgendaRow.place))
        )
        resolution = Resolution.model_validate(row.resolution) if row.resolution else None
        return BodySession(
            code=row.code, held_at=row.held_at, agenda=agenda, resolution=resolution, signed_by=row.signed_by,
            adopted_by=row.adopted_by, adopted_at=row.adopted_at,
        )  # fmt: skip

    def kept(self, election: ElectionCode) -> dict[str, tuple[datetime, dict[str, Any]]]:
        """Return when each session adopted its resolution and all of it, by code, as the journal has it."""
        every = (self.get(election, code) for code in self.codes(election))
        return {session.code: (session.adopted_at, _content(session)) for session in every if session.adopted_at}

    def codes(self, election: ElectionCode) -> Sequence[str]:
        """Return the codes of the election's sessions, in order of their time."""
        query = select(SessionRow.code).where(SessionRow.election == election).order_by(SessionRow.held_at)
        return list(self.session.scalars(query))


def _content(found: BodySession) -> dict[str, Any]:
    """Return what the journal keeps of a session; facts would be about people, and erasing them must not show there."""
    return found.model_dump(mode="json", exclude={"agenda": {"__all__": {"ruling": {"facts"}}}})


def _rows(election: ElectionCode, found: BodySession) -> list[AgendaRow]:
    return [
        AgendaRow(
            election=election, session=found.code, application_id=item.application_id, place=place,
            version=item.version, ruling=item.ruling.model_dump(mode="json"),
        )
        for place, item in enumerate(found.agenda)
    ]  # fmt: skip
