"""Officers: what the record of signed acts says of them, the table that repeats it, and acts about officers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.election.elections import Elections
from db.statements.record import Statements
from db.tables.decisions import OfficerActRow, OfficerRow
from domain.application.chain import GENESIS, chained
from domain.decisions.shifts import in_shift
from domain.errors import UnknownThingError
from domain.statements.authority import Enrolled
from domain.statements.officer_acts import StaffAct, StaffEntry, Step
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


@dataclass(frozen=True, slots=True)
class Staff:
    """The acts about officers of all elections."""

    session: Session

    def entries(self, election: ElectionCode) -> list[StaffEntry]:
        """Return all steps, first to last."""
        query = select(OfficerActRow).where(OfficerActRow.election == election).order_by(OfficerActRow.sequence)
        return [_entry(row) for row in self.session.scalars(query)]

    def add(self, election: ElectionCode, entry: StaffEntry) -> None:
        """Append a step; two who append at once make one of them fail."""
        query = select(OfficerActRow).where(OfficerActRow.election == election).order_by(OfficerActRow.sequence.desc())
        last = self.session.scalars(query.limit(1)).first()
        row = OfficerActRow(
            election=election, sequence=last.sequence + 1 if last else 1, **entry.model_dump(),
            hash=_linked(last.hash if last else GENESIS, entry),
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()

    def broken(self, election: ElectionCode) -> str | None:
        """Return the first step that does not carry the hash of the one before; None where all do."""
        previous = GENESIS
        query = select(OfficerActRow).where(OfficerActRow.election == election).order_by(OfficerActRow.sequence)
        for place, row in enumerate(self.session.scalars(query), start=1):
            previous = _linked(previous, _entry(row))
            if previous != row.hash or row.sequence != place:
                return f"step {row.sequence}, {row.act} {row.officer} ({row.step})"
        return None

    def is_whole(self, election: ElectionCode) -> bool:
        """Whether every step carries the hash of the one before it."""
        return self.broken(election) is None


def _linked(previous: str, entry: StaffEntry) -> str:
    return chained(previous, entry.model_dump(mode="json"))


def _entry(row: OfficerActRow) -> StaffEntry:
    return StaffEntry(
        act=StaffAct(row.act), officer=row.officer, detail=row.detail, step=Step(row.step), by=row.by, at=row.at
    )
