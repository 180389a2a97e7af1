"""Nominating organisations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.journal import Book, touch
from db.tables.organisations import OrganisationRow
from domain.errors import UnknownThingError
from domain.organisations.organisation import Organisation
from domain.values import ElectionCode, OrganisationCode


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
