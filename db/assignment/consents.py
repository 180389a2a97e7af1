"""Whom letters ask about notices, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.letters.asking import asked_in, behind_link, with_arrival
from db.tables.application import ApplicationRow, EventRow
from db.tables.assignment import ConsentRequestRow
from domain.assignment.consents import ConsentRequest, Consents
from domain.errors import UnknownThingError
from domain.letters.asking import token_sha256
from domain.values import ElectionCode, NoticeId


@dataclass(frozen=True, slots=True)
class ConsentRequests:
    """The consents of all elections; of a link's token only its hash is kept."""

    session: Session

    def ask(self, election: ElectionCode, request: ConsentRequest, *, token: str) -> None:
        """Keep that somebody is asked; an earlier request about the same version, which was overtaken, goes."""
        earlier = (
            ConsentRequestRow.application_id == request.application_id,
            ConsentRequestRow.notice == request.notice,
        )
        self.session.execute(delete(ConsentRequestRow).where(ConsentRequestRow.election == election, *earlier))
        said = request.model_dump(exclude={"closed", "told_at"})
        self.session.add(ConsentRequestRow(token=token_sha256(token), election=election, closed_at=None, **said))

    def close(self, application_id: UUID, notice: NoticeId, *, now: datetime) -> list[str]:
        """Let no link about any version of *notice* serve somebody any more; returns the letters that had them."""
        code = notice.partition(":")[0]
        which = (
            ConsentRequestRow.application_id == application_id,
            ConsentRequestRow.notice.startswith(f"{code}:", autoescape=True),
            ConsentRequestRow.closed_at.is_(None),
        )
        letters = list(self.session.scalars(select(ConsentRequestRow.letter).where(*which)))
        if letters:
            self.session.execute(update(ConsentRequestRow).where(*which).values(closed_at=now))
        return letters

    def behind(self, election: ElectionCode, token: str, *, now: datetime) -> ConsentRequest:
        """Return the request whose link carries *token*.

        Raises :class:`UnknownThingError` for a link that lapsed, was used, or never was.
        """
        row = behind_link(self.session, ConsentRequestRow, election, token)
        request = _request(row) if row else None
        if request is None or not request.is_open(now):
            raise UnknownThingError("consent link", "that was opened")
        return request

    def standing(self, election: ElectionCode) -> Consents:
        """Return everything that was answered, the last answer counting, and everything that was asked."""
        said = select(EventRow.application_id, EventRow.body["notice"], EventRow.body["accepted"])
        said = said.join(ApplicationRow, ApplicationRow.id == EventRow.application_id)
        said = said.where(ApplicationRow.election == election, EventRow.kind == "notice_answered")
        answers: dict[UUID, dict[NoticeId, bool]] = {}
        for known, notice, accepted in self.session.execute(said.order_by(EventRow.application_id, EventRow.sequence)):
            answers.setdefault(known, {})[notice] = bool(accepted)  # SQLite takes a 1 out of JSON
        asked = self.session.execute(with_arrival(ConsentRequestRow).where(ConsentRequestRow.election == election))
        requests = [_request(row) for row in asked]
        return Consents(answers, {(request.application_id, request.notice): request for request in requests})


def _request(found: Any) -> ConsentRequest:
    row = found[0]
    return ConsentRequest(application_id=row.application_id, notice=row.notice, **asked_in(found))
