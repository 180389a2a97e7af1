"""How much there is of everything: counted in the database, so that nothing of it needs to be read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import JSON, func, or_, select
from sqlalchemy.orm import Session

from db.tables.application import ApplicationRow
from db.tables.credentials import CredentialRow
from db.tables.intake import IncomingMessageRow, IntakeChunkRow, IntakeFileRow
from db.tables.letters import LetterRow
from domain.application.status import Status
from domain.credentials.ledger import shown_state
from domain.credentials.states import Cause, LedgerState
from domain.intake.message_states import MessageState
from domain.letters.envelope import LetterKind
from domain.values import ElectionCode

_OUTCOMES: Final = ("recorded", "unchanged", "corrected", "held", "returned")


@dataclass(frozen=True)
class Counts:
    """Counts of one election at a time."""

    session: Session

    def applications(self, election: ElectionCode) -> dict[Status, int]:
        """Return how many applications stand in each status that occurs."""
        query = (
            select(ApplicationRow.status, func.count())
            .where(ApplicationRow.election == election)
            .group_by(ApplicationRow.status)
        )
        counts = {Status(status): count for status, count in self.session.execute(query)}
        return {status: counts[status] for status in Status if status in counts}

    def proposed(self, election: ElectionCode) -> int:
        """Return how many applications have a proposal that a second officer has not answered."""
        query = select(func.count()).select_from(ApplicationRow)
        open_proposals = (ApplicationRow.election == election, ApplicationRow.proposal != JSON.NULL)
        return self.session.scalars(query.where(*open_proposals)).one()

    def past_due(self, election: ElectionCode, now: datetime, statuses: Collection[Status]) -> int:
        """Return how many applications in *statuses* have a clock that ended before *now*."""
        query = select(func.count()).select_from(ApplicationRow)
        late = (ApplicationRow.status.in_(statuses), ApplicationRow.due_at < now)
        return self.session.scalars(query.where(ApplicationRow.election == election, *late)).one()

    def answers_past_due(self, election: ElectionCode, now: datetime) -> int:
        """Return how many accredited cases should have had an answer before *now*: reply, second look, appeal."""
        due = (ApplicationRow.reply_due_at, ApplicationRow.look_due_at, ApplicationRow.appeal_due_at)
        query = select(func.count()).select_from(ApplicationRow).where(ApplicationRow.election == election)
        return self.session.scalars(query.where(or_(*(column < now for column in due)))).one()

    def reasons(self, election: ElectionCode) -> Counter[tuple[Status, str]]:
        """Return how many applications stand in each status for each reason (one may have several)."""
        query = select(ApplicationRow.status, ApplicationRow.reasons).where(ApplicationRow.election == election)
        return Counter((Status(status), code) for status, reasons in self.session.execute(query) for code in reasons)

    def letters(self, election: ElectionCode) -> dict[str, dict[str, int]]:
        """Return how many letters of each kind are in each state."""
        query = (
            select(LetterRow.kind, LetterRow.state, func.count())
            .where(LetterRow.election == election)
            .group_by(LetterRow.kind, LetterRow.state)
        )
        counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for kind, state, count in self.session.execute(query):
            counts[kind][state] = count
        order = [kind.value for kind in LetterKind]
        return dict(sorted(counts.items(), key=lambda pair: order.index(pair[0])))

    def credentials(self, election: ElectionCode) -> dict[str, int]:
        """Return how many serials are in each state, as people read it: a lost badge was not revoked."""
        kinds = (CredentialRow.state, CredentialRow.cause)
        query = select(*kinds, func.count()).where(CredentialRow.election == election).group_by(*kinds)
        counts = Counter[str]()
        for state, cause, count in self.session.execute(query):
            counts[shown_state(LedgerState(state), Cause(cause) if cause else None)] += count
        return dict(sorted(counts.items()))

    def rows(self, election: ElectionCode) -> dict[str, int]:
        """Return how many rows of nominations files there are, in all and by what became of them."""
        sums = [func.coalesce(func.sum(getattr(IntakeChunkRow, name)), 0) for name in _OUTCOMES]
        query = select(*sums).join(IntakeFileRow, IntakeChunkRow.file_id == IntakeFileRow.id)
        counts = [int(count) for count in self.session.execute(query.where(IntakeFileRow.election == election)).one()]
        return {"rows": sum(counts), **dict(zip(_OUTCOMES, counts, strict=True))}

    def unfinished_files(self, election: ElectionCode) -> int:
        """Return how many nominations files have rows that are not accounted for yet."""
        unfinished = (IntakeFileRow.election == election, IntakeFileRow.finished_at.is_(None))
        return self.session.scalar(select(func.count()).select_from(IntakeFileRow).where(*unfinished)) or 0

    def messages(self, election: ElectionCode, *states: MessageState) -> int:
        """Return how many messages stand in one of *states*."""
        rows = IncomingMessageRow
        standing = (rows.election == election, rows.state.in_([state.value for state in states]))
        return self.session.scalar(select(func.count()).select_from(rows).where(*standing)) or 0
