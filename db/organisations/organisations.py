"""Nominating organisations, and the acts about them in a chain of hashes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.journal import Book, touch
from db.letters.webhooks import Webhooks
from db.tables.organisations import OrganisationActRow, OrganisationRow
from domain.application.chain import GENESIS, chained
from domain.errors import UnknownThingError
from domain.letters.cloud_events import OF_ORGANISATION, Notice
from domain.organisations.organisation import Organisation, OrganisationAct
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
            raise UnknownThingError("organisation", code, known=self.all_in(election))
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
class Admissions:
    """The acts about the organisations of all elections."""

    session: Session

    def acts(self, election: ElectionCode) -> dict[OrganisationCode, list[OrganisationAct]]:
        """Return the acts about each organisation that has any, first to last."""
        found: defaultdict[OrganisationCode, list[OrganisationAct]] = defaultdict(list)
        for row in self._rows(election):
            found[row.organisation].append(_act(row))
        return dict(found)

    def add(self, election: ElectionCode, act: OrganisationAct) -> None:
        """Append an act; two who append at once make one of them fail."""
        rows = [row for row in self._rows(election) if row.organisation == act.organisation]
        previous = rows[-1].hash if rows else GENESIS
        columns = act.model_dump() | {"reasons": [*act.reasons]}
        number, linked = len(rows) + 1, _linked(previous, act)
        self.session.add(OrganisationActRow(election=election, sequence=number, hash=linked, **columns))
        self.session.flush()
        data = {"organisation": act.organisation, "act": act.act.value, "reasons": [*map(str, act.reasons)]}
        Webhooks(self.session).tell(
            election,
            Notice(
                kind=OF_ORGANISATION + act.act.value, subject=act.organisation, sequence=number, at=act.at, link=linked,
                data=data,
            ),
        )  # fmt: skip

    def broken(self, election: ElectionCode) -> list[OrganisationCode]:
        """Return the organisations with an act that does not carry the hash of the one before."""
        heads: dict[OrganisationCode, str] = {}
        wrong: dict[OrganisationCode, None] = {}
        for row in self._rows(election):
            heads[row.organisation] = _linked(heads.get(row.organisation, GENESIS), _act(row))
            if heads[row.organisation] != row.hash:
                wrong[row.organisation] = None
        return list(wrong)

    def _rows(self, election: ElectionCode) -> list[OrganisationActRow]:
        query = select(OrganisationActRow).where(OrganisationActRow.election == election)
        order = query.order_by(OrganisationActRow.organisation, OrganisationActRow.sequence)
        return list(self.session.scalars(order))


def _act(row: OrganisationActRow) -> OrganisationAct:
    return OrganisationAct.model_validate({name: getattr(row, name) for name in OrganisationAct.model_fields})


def _linked(previous: str, act: OrganisationAct) -> str:
    return chained(previous, act.model_dump(mode="json"))
