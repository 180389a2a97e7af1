"""Elections with their rules, organisations and officers."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.election.policies import Policies
from db.journal import Book, touch
from db.statements.record import Statements
from db.tables.decisions import OfficerRow
from db.tables.election import ElectionRow
from db.tables.organisations import OrganisationRow
from domain.election.geography import Geography
from domain.election.profile import ElectionProfile
from domain.errors import UnknownThingError
from domain.organisations.organisation import Organisation
from domain.statements.authority import Enrolled
from domain.statements.officers import Officer
from domain.values import ElectionCode, OfficerCode, OrganisationCode, Sha256

MOST_READ: Final = 8
_READ: Final[dict[str | None, tuple[ElectionProfile, Geography]]] = {}
"""Rules by their hash: frozen, and whatever has the same hash is the same."""


def rules_sha256(profile: ElectionProfile, geography: Geography) -> Sha256:
    """Return the hash of an election's rules: its profile and its geography."""
    bodies = {"profile": profile.model_dump(mode="json"), "geography": geography.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(bodies, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Elections:
    """Elections and their rules."""

    session: Session

    def codes(self) -> list[ElectionCode]:
        """Return the codes of all elections, the last loaded first."""
        return list(self.session.scalars(select(ElectionRow.code).order_by(ElectionRow.loaded_at.desc())))

    def profile(self, code: ElectionCode) -> ElectionProfile:
        """Return the election's rules, with every policy that was made since they were loaded."""
        profile, _ = self._rules(code)
        since = [Policy for Policy in Policies(self.session).all_in(code) if Policy not in profile.policies]
        return profile.revised(policies=(*profile.policies, *since)) if since else profile

    def geography(self, code: ElectionCode) -> Geography:
        """Return the election's regions and offices."""
        _, geography = self._rules(code)
        return geography

    def rules_hash(self, code: ElectionCode) -> str | None:
        """Return the hash of the rules in force, or None where the election is unknown."""
        return self.session.scalar(select(ElectionRow.rules_sha256).where(ElectionRow.code == code))

    def rules_as_stored(self, code: ElectionCode) -> tuple[Sha256, Sha256]:
        """Return the hash that is kept of the election's rules, and the hash of the rules that are kept."""
        row = self._row(code)
        bodies = {"profile": row.profile, "geography": row.geography}
        return row.rules_sha256, hashlib.sha256(json.dumps(bodies, sort_keys=True).encode()).hexdigest()

    def put(self, profile: ElectionProfile, geography: Geography, *, now: datetime) -> bool:
        """Load the rules; returns whether anything changed."""
        code = profile.election.code
        bodies = {"profile": profile.model_dump(mode="json"), "geography": geography.model_dump(mode="json")}
        rules = rules_sha256(profile, geography)
        row = self.session.get(ElectionRow, code)
        if row is None:
            secret = secrets.token_hex(32)
            self.session.add(ElectionRow(code=code, rules_sha256=rules, secret=secret, loaded_at=now, **bodies))
        elif row.rules_sha256 != rules:
            row.profile, row.geography, row.rules_sha256, row.loaded_at = *bodies.values(), rules, now
        else:
            return False
        self.session.flush()
        return True

    def secret(self, code: ElectionCode) -> bytes:
        """Return the election's own key for status indices and document tags (32 bytes)."""
        return bytes.fromhex(self._row(code).secret)

    def next_serials(self, code: ElectionCode, count: int) -> int:
        """Reserve *count* serial numbers and return the first; numbers never come twice."""
        taken = self.session.scalar(
            update(ElectionRow)
            .where(ElectionRow.code == code)
            .values(next_serial=ElectionRow.next_serial + count)
            .returning(ElectionRow.next_serial)
        )
        if taken is None:
            raise UnknownThingError("election", code)
        return int(taken) - count

    def _rules(self, code: ElectionCode) -> tuple[ElectionProfile, Geography]:
        """Return the rules as loaded; every chunk asks for them, so they are read once for each hash."""
        rules = _READ.get(self.rules_hash(code))
        if rules is None:
            row = self._row(code)
            rules = ElectionProfile.model_validate(row.profile), Geography.model_validate(row.geography)
            while len(_READ) >= MOST_READ:
                _READ.pop(next(iter(_READ)), None)
            _READ[row.rules_sha256] = rules
        return rules

    def _row(self, code: ElectionCode) -> ElectionRow:
        row = self.session.get(ElectionRow, code)
        if row is None:
            raise UnknownThingError("election", code)
        return row


@dataclass(frozen=True, slots=True)
class Organisations:
    """Nominating organisations of an election."""

    session: Session

    def all_in(self, election: ElectionCode) -> dict[OrganisationCode, Organisation]:
        """Return the election's organisations by code."""
        rows = self.session.scalars(
            select(OrganisationRow).where(OrganisationRow.election == election).order_by(OrganisationRow.code)
        )
        return {row.code: Organisation.model_validate(row.body) for row in rows}

    def names(self, election: ElectionCode, codes: Collection[OrganisationCode]) -> dict[OrganisationCode, str]:
        """Return the names of the organisations *codes*."""
        query = select(OrganisationRow.code, OrganisationRow.body["name"].as_string())
        rows = self.session.execute(query.where(OrganisationRow.election == election, OrganisationRow.code.in_(codes)))
        return dict(rows.tuples().all())

    def get(self, election: ElectionCode, code: OrganisationCode) -> Organisation:
        """Return one organisation; raises :class:`UnknownThingError`."""
        row = self.session.get(OrganisationRow, (election, code))
        if row is None:
            raise UnknownThingError("organisation", code)
        return Organisation.model_validate(row.body)

    def put(self, election: ElectionCode, organisation: Organisation) -> bool:
        """Keep *organisation*; returns whether it is new or changed."""
        body = organisation.model_dump(mode="json")
        row = self.session.get(OrganisationRow, (election, organisation.code))
        if row is None:
            row = OrganisationRow(election=election, code=organisation.code, standing="", body={})
            self.session.add(row)
        if row.body == body:
            return False
        row.body, row.standing = body, organisation.standing.value
        touch(self.session, Book.ORGANISATIONS, [(election, organisation.code)])
        return True


@dataclass(frozen=True, slots=True)
class Officers:
    """Officers of an election: what the record of signed acts says, and the table that repeats it."""

    session: Session

    def get(self, election: ElectionCode, code: OfficerCode) -> Officer:
        """Return one officer as the record of signed acts has them; raises :class:`UnknownThingError`."""
        enrolled = Statements(self.session).authority(election).enrolled.get(code)
        if enrolled is None:
            raise UnknownThingError("officer", code)
        return enrolled.officer

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
