"""Which text of the pledge was accepted with each version of an application, and the exact texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.journal import Book, touch
from db.tables.election import AcceptanceRow, PledgeTextRow
from domain.election.pledge import Acceptance


@dataclass(frozen=True, slots=True)
class Pledges:
    """The pledges of all elections."""

    session: Session

    def put(self, accepted: Mapping[tuple[UUID, int], Acceptance]) -> None:
        """Keep what was accepted with each version of an application, and each text once."""
        if not accepted:
            return
        texts = {acceptance.sha256: acceptance for acceptance in accepted.values()}
        known = set(self.session.scalars(select(PledgeTextRow.sha256).where(PledgeTextRow.sha256.in_(texts))))
        for sha256, acceptance in texts.items():
            if sha256 not in known:
                self.session.add(
                    PledgeTextRow(
                        sha256=sha256, version=acceptance.version, language=acceptance.language, text=acceptance.text
                    )
                )
        self.session.flush()
        touch(self.session, Book.PLEDGES, [*accepted])
        self.session.execute(
            insert(AcceptanceRow),
            [
                {
                    "application_id": case,
                    "person_version": version,
                    "sha256": acceptance.sha256,
                    "accepted_on": acceptance.accepted_on,
                }
                for (case, version), acceptance in accepted.items()
            ],
        )

    def of(self, application_id: UUID) -> list[Acceptance]:
        """Return what was accepted with each version of an application, first to last."""
        query = (
            select(AcceptanceRow.accepted_on, PledgeTextRow)
            .join(PledgeTextRow, PledgeTextRow.sha256 == AcceptanceRow.sha256)
            .where(AcceptanceRow.application_id == application_id)
            .order_by(AcceptanceRow.person_version)
        )
        return [
            Acceptance(version=row.version, language=row.language, sha256=row.sha256, accepted_on=day, text=row.text)
            for day, row in self.session.execute(query)
        ]
