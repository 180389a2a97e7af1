"""Which letter a time of the applicant's rests on, and whether it has arrived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.bulk import in_batches
from db.tables.application import EventRow
from db.tables.letters import LetterRow, ParcelledLetterRow
from domain.decisions.notices import Telling
from domain.letters.envelope import LetterKind, LetterState
from domain.letters.notice import Notice

_ASKS: Final = ("deficiency_noted", "information_requested")
_ANNOUNCES: Final = ("revocation_proposed",)
_STEPS: Final = ("warning_given", "credential_suspended")
_TELLS: Final = {
    LetterKind.REFUSAL: ("application_refused",),
    LetterKind.MEASURE: ("accreditation_revoked", *_STEPS),
}


@dataclass(frozen=True, slots=True)
class Notices:
    """Letters that begin a time, by the case."""

    session: Session

    def requests(self, ids: Sequence[UUID]) -> dict[UUID, Notice]:
        """Return the last letter that asked each of *ids* to mend something, or to answer."""
        found = self._last(ids, LetterKind.DEFICIENCY, _ASKS, due="due_at")
        for part in in_batches(list(found)):
            query = select(EventRow.application_id, EventRow.at, EventRow.body)
            query = query.where(EventRow.application_id.in_(part), EventRow.kind == "clock_moved")
            for known, at, body in self.session.execute(query.order_by(EventRow.sequence)).tuples():
                if at >= found[known].asked_at:
                    found[known] = found[known].revised(moved_to=datetime.fromisoformat(body["due_at"]))
        return found

    def announcements(self, ids: Sequence[UUID]) -> dict[UUID, Notice]:
        """Return the last letter that announced to each of *ids* that a revocation is intended."""
        return self._last(ids, LetterKind.MEASURE, _ANNOUNCES, due="reply_until")

    def told(self, ids: Sequence[UUID]) -> dict[UUID, Telling]:
        """Return when each of *ids* was last refused, revoked, suspended or warned, and when that was told."""
        found: dict[UUID, Telling] = {}
        for part in in_batches(ids):
            for kind, events in _TELLS.items():
                letters = self._letters(part, kind)
                query = select(EventRow.application_id, EventRow.sequence, EventRow.at)
                query = query.where(EventRow.application_id.in_(part), EventRow.kind.in_(events))
                for known, sequence, at in self.session.execute(query.order_by(EventRow.sequence)).tuples():
                    _, state, sent_at = letters[known].get(sequence, ("", LetterState.QUEUED, None))
                    told = Telling(decided_at=at, told_at=sent_at if state is LetterState.SENT else None)
                    found[known] = max(told, found.get(known, told), key=lambda told: told.decided_at)
        return found

    def steps_told(self, ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
        """Return the warnings and suspensions of each of *ids* of which the letter has arrived, by their decisions."""
        found = defaultdict[UUID, set[UUID]](set)
        for part in in_batches(ids):
            letters = self._letters(part, LetterKind.MEASURE)
            query = select(EventRow.application_id, EventRow.sequence, EventRow.body)
            query = query.where(EventRow.application_id.in_(part), EventRow.kind.in_(_STEPS))
            for known, sequence, body in self.session.execute(query).tuples():
                _, state, _ = letters[known].get(sequence, ("", LetterState.QUEUED, None))
                if state is LetterState.SENT:
                    found[known].add(UUID(body["decision_id"]))
        return found

    def _last(self, ids: Sequence[UUID], kind: LetterKind, events: Sequence[str], *, due: str) -> dict[UUID, Notice]:
        found: dict[UUID, Notice] = {}
        for part in in_batches(ids):
            letters = self._letters(part, kind)
            query = select(EventRow.application_id, EventRow.sequence, EventRow.at, EventRow.body)
            query = query.where(EventRow.application_id.in_(part), EventRow.kind.in_(events))
            for known, sequence, at, body in self.session.execute(query.order_by(EventRow.sequence)).tuples():
                # What was asked when the time was over already was asked by no letter: the one before counts.
                if (letter := letters[known].get(sequence)) and body.get(due):
                    key, state, sent_at = letter
                    accepted = sent_at if state is LetterState.SENT else None
                    end = datetime.fromisoformat(body[due])
                    found[known] = Notice(letter=key, asked_at=at, due_at=end, state=state, accepted_at=accepted)
        return found

    def _letters(
        self, ids: Sequence[UUID], kind: LetterKind
    ) -> defaultdict[UUID, dict[int, tuple[str, LetterState, datetime | None]]]:
        """Return the letters of *kind* by case, and by the version of the case that they were written on.

        One that a parcel brings has arrived when the parcel has.
        """
        parcel = aliased(LetterRow)
        columns = (LetterRow.application_id, LetterRow.key, LetterRow.state, LetterRow.sent_at)
        query = select(*columns, parcel.key, parcel.state, parcel.sent_at)
        query = query.outerjoin(ParcelledLetterRow, ParcelledLetterRow.letter == LetterRow.key)
        query = query.outerjoin(parcel, parcel.key == ParcelledLetterRow.parcel)
        query = query.where(LetterRow.application_id.in_(ids), LetterRow.kind == kind.value)
        found: defaultdict[UUID, dict[int, tuple[str, LetterState, datetime | None]]] = defaultdict(dict)
        for known, key, state, sent_at, *brought in self.session.execute(query).tuples():
            number = key.rpartition(":")[2]
            if known and number.isdecimal() and key == f"{kind.value}:{known}:{number}":
                bringing = brought if state == LetterState.GATHERED else ()
                found[known][int(number)] = _arriving(bringing) or (key, LetterState(state), sent_at)
        return found


def _arriving(parcel: Sequence[Any]) -> tuple[str, LetterState, datetime | None] | None:
    """Return key, state and arrival of the *parcel* that brings a letter, or None while there is none."""
    if not parcel or parcel[0] is None:
        return None
    key, state, sent_at = parcel
    return key, LetterState(state), sent_at
