"""Officers: what the record of signed acts says of them, and the table that repeats it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.election.elections import Elections
from db.statements.record import Statements
from db.tables.decisions import OfficerRow
from domain.decisions.shifts import in_shift
from domain.errors import UnknownThingError
from domain.statements.authority import Enrolled
from domain.statements.officers import Officer
from domain.values import ElectionCode, OfficerCode


@dataclass(frozen=True, slots=True)
class Officers:
    """Officers of an election: what the record of signed acts says, and the table that repeats it."""

    session: Session

    def get(self, election: ElectionCode, code: OfficerCode) -> Officer:
        """Return one officer as the record of signed acts has them; raises :class:`UnknownThingError`."""
        everybody = Statements(self.session).authority(election).enrolled
        if code not in everybody:
            raise UnknownThingError("officer", code, known=everybody)
        return everybody[code].officer

    def at_work(self, election: ElectionCode, code: OfficerCode, *, now: datetime) -> Officer:
        """Return one officer serving what is served at that moment: surge staff the office of their shift."""
        rules, officer = Elections(self.session), self.get(election, code)
        return in_shift(officer, rules.geography(election), rules.profile(election).zone, at=now)

    def all_in(self, election: ElectionCode) -> list[Officer]:
        """Return the election's officers by code, as the record of signed acts has them."""
        return Statements(self.session).authority(election).officers

    def has_proof(self, election: ElectionCode, code: OfficerCode) -> bool:
        """Whether the officer is on record with a key."""
        enrolled = Statements(self.session).authority(election).enrolled.get(code)
        return enrolled is not None and bool(enrolled.keys)

    def table(self, election: ElectionCode) -> dict[OfficerCode, Enrolled]:
        """Return the officers as their table has them, which the audit compares with the record."""
        query = select(OfficerRow).where(OfficerRow.election == election)
        return {
            row.code: Enrolled.model_validate({"officer": row.body, "keys": row.keys}, strict=False)
            for row in self.session.scalars(query)
        }

    def put(self, election: ElectionCode, enrolled: Enrolled) -> None:
        """Keep an officer as the record of signed acts makes them."""
        row = self.session.get(OfficerRow, (election, enrolled.officer.code))
        if row is None:
            row = OfficerRow(election=election, code=enrolled.officer.code)
            self.session.add(row)
        row.body = enrolled.officer.model_dump(mode="json")
        row.keys = [key.model_dump(mode="json") for key in enrolled.keys]
        self.session.flush()
