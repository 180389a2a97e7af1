"""Which text of the pledge was accepted with each version of an application, and the exact texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from db.bulk import in_batches
from db.journal import Book, touch
from db.letters.asking import asked_in, behind_link
from db.tables.election import AcceptanceRow, PledgeRequestRow, PledgeTextRow
from domain.election.pledge import Acceptance, PledgeRequest
from domain.errors import UnknownThingError
from domain.letters.asking import token_sha256
from domain.values import ElectionCode, UtcTime


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

    def ask(self, election: ElectionCode, request: PledgeRequest, *, token: str) -> None:
        """Keep that somebody is asked; of a link's token only its hash is kept."""
        said = request.model_dump(exclude={"closed", "told_at"})
        self.session.add(PledgeRequestRow(token=token_sha256(token), election=election, closed_at=None, **said))

    def asked(self, ids: Sequence[UUID], version: str) -> set[UUID]:
        """Return who of *ids* was asked already to accept *version*."""
        case = PledgeRequestRow.application_id
        query = select(case).where(PledgeRequestRow.version == version)
        return {known for part in in_batches(ids) for known in self.session.scalars(query.where(case.in_(part)))}

    def close(self, application_id: UUID, *, now: UtcTime) -> None:
        """Let no link serve somebody any more."""
        rows = PledgeRequestRow
        theirs = (rows.application_id == application_id, rows.closed_at.is_(None))
        self.session.execute(update(rows).where(*theirs).values(closed_at=now))

    def behind(self, election: ElectionCode, token: str, *, now: UtcTime) -> PledgeRequest:
        """Return the request whose link carries *token*.

        Raises :class:`UnknownThingError` for a link that lapsed, was used, or never was.
        """
        if found := behind_link(self.session, PledgeRequestRow, election, token):
            row = found[0]
            request = PledgeRequest(application_id=row.application_id, version=row.version, **asked_in(found))
            if request.is_open(now):
                return request
        raise UnknownThingError("pledge link", "that was opened")

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
