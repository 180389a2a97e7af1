"""Acts about nominating organisations, in order, each carrying the hash of the one before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.organisations import OrganisationActRow
from domain.application.chain import GENESIS, chained
from domain.organisations.admission import OrganisationAct
from domain.values import ElectionCode, OrganisationCode


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
        self.session.add(
            OrganisationActRow(election=election, sequence=len(rows) + 1, hash=_linked(previous, act), **columns)
        )
        self.session.flush()

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
