"""The outbox: letters wait here from the moment of their event until somebody's server took them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from db.archived import require_working
from db.bulk import insert_rows
from db.tables.letters import LetterAttemptRow, LetterRow, ParcelledLetterRow
from db.tables.oversight import RestorationRow
from domain.letters.envelope import BEGIN_A_TIME, Envelope, LetterKind, LetterState
from domain.values import ElectionCode

SAME_LETTER: Final = timedelta(hours=1)
"""For so long a letter that goes again says the same time, and is the same letter to whoever gets it twice."""

# Delivery settles letters one by one: statements made once, without the unit of work, take a third of the time.
_SETTLE = (
    update(LetterRow.__table__)  # type: ignore[arg-type]  # a mapped class has a table
    .where(LetterRow.__table__.c.key == bindparam("letter"))
    .values(
        state=bindparam("new_state"),
        answer=bindparam("said"),
        next_at=bindparam("again_at"),
        sent_at=bindparam("taken_at"),
        claimed_by=None,
        lease_until=None,
    )
)
_ELECTION = select(LetterRow.election).where(LetterRow.key == bindparam("letter")).scalar_subquery()
_JOURNAL = insert(LetterAttemptRow.__table__).values(  # type: ignore[arg-type]  # as above
    election=_ELECTION,
    key=bindparam("letter"),
    at=bindparam("tried_at"),
    state=bindparam("new_state"),
    answer=bindparam("said"),
    next_at=bindparam("again_at"),
)


@dataclass(frozen=True, slots=True)
class QueuedLetter:
    """A letter as the outbox holds it."""

    envelope: Envelope
    state: LetterState
    attempts: int
    queued_at: datetime
    sent_at: datetime | None
    answer: str | None
    next_at: datetime | None = None
    enclosed: tuple[QueuedLetter, ...] = ()
    """What a claimed parcel brings."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a claimed letter."""

    key: str
    state: LetterState
    answer: str
    next_at: datetime | None = None

    def facts(self, now: datetime) -> dict[str, object]:
        """Return the parameters of the statements that record it."""
        return {
            "letter": self.key,
            "new_state": self.state.value,
            "said": self.answer[:500],
            "again_at": self.next_at,
            "taken_at": now if self.state is LetterState.SENT else None,
            "tried_at": now,
        }


@dataclass(frozen=True, slots=True)
class Outbox:
    """Letters by stable key; putting one twice does nothing."""

    session: Session
    put_letters: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def put(
        self, election: ElectionCode, envelope: Envelope, *, now: datetime, not_before: datetime | None = None
    ) -> None:
        """Queue *envelope*, unless its key is known; written when the store closes. It leaves *not_before* then."""
        self.put_letters.setdefault(
            envelope.key,
            {
                "key": envelope.key,
                "election": election,
                "kind": envelope.kind.value,
                "application_id": envelope.application_id,
                "body": envelope.model_dump(mode="json"),
                "state": LetterState.QUEUED.value,
                "queued_at": now,
                "next_at": not_before,
            },
        )

    def flush(self) -> None:
        """Write the letters whose keys are new."""
        if not self.put_letters:
            return
        require_working(self.session, {row["election"] for row in self.put_letters.values()})
        known = self.session.scalars(select(LetterRow.key).where(LetterRow.key.in_(list(self.put_letters))))
        for key in list(known):
            del self.put_letters[key]
        self._mark_edition()
        insert_rows(self.session, LetterRow, list(self.put_letters.values()))
        self.put_letters.clear()

    def _mark_edition(self) -> None:
        """Let letters that are new after a restore be other ones than those that were sent before under their keys."""
        query = select(RestorationRow.election, func.max(RestorationRow.number)).group_by(RestorationRow.election)
        editions = dict(self.session.execute(query).tuples().all())
        for letter in self.put_letters.values():
            if edition := editions.get(letter["election"]):
                letter["body"]["edition"] = edition

    def claim(
        self, election: ElectionCode, claimant: str, *, limit: int, now: datetime, clock: datetime, lease: timedelta
    ) -> list[QueuedLetter]:
        """Take up to *limit* letters that are due *now*, oldest first.

        Nobody else gets them before *lease* is over by the real *clock*.
        """
        due = (
            select(LetterRow)
            .where(
                LetterRow.election == election,
                or_(
                    (LetterRow.state == LetterState.QUEUED)
                    & or_(LetterRow.next_at.is_(None), LetterRow.next_at <= now),
                    (LetterRow.state == LetterState.DEFERRED) & (LetterRow.next_at <= now),
                    (LetterRow.state == LetterState.SENDING) & (LetterRow.lease_until <= clock),
                ),
            )
            .order_by(LetterRow.queued_at, LetterRow.key)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = list(self.session.scalars(due))
        for row in rows:
            row.state, row.claimed_by, row.lease_until = LetterState.SENDING.value, claimant, clock + lease
            row.attempts += 1
            if row.kind in BEGIN_A_TIME:
                row.body = _leaving(row.body, now)
        self.session.flush()
        brought = self._enclosed([row.key for row in rows if row.kind == LetterKind.PARCEL])
        return [replace(queued_letter(row), enclosed=tuple(brought[row.key])) for row in rows]

    def _enclosed(self, parcels: Sequence[str]) -> defaultdict[str, list[QueuedLetter]]:
        """Return what each of *parcels* brings as it is now, oldest first: nothing cancelled, nothing erased."""
        found: defaultdict[str, list[QueuedLetter]] = defaultdict(list)
        if not parcels:
            return found
        query = (
            select(ParcelledLetterRow.parcel, LetterRow)
            .join(LetterRow, LetterRow.key == ParcelledLetterRow.letter)
            .where(ParcelledLetterRow.parcel.in_(parcels), LetterRow.state != LetterState.CANCELLED.value)
            .order_by(LetterRow.queued_at, LetterRow.key)
        )
        for parcel, row in self.session.execute(query).tuples():
            if parcel and row.body["contents"]:
                found[parcel].append(queued_letter(row))
        return found

    def settle(self, settled: Sequence[Settlement], *, now: datetime) -> None:
        """Record what became of claimed letters, in their rows and in their histories."""
        if not settled:
            return  # an empty list would be one execution without parameters
        facts = [settlement.facts(now) for settlement in settled]
        connection = self.session.connection()
        connection.execute(_SETTLE, facts)
        connection.execute(_JOURNAL, facts)

    def settle_of(self, claimant: str, settled: Sequence[Settlement], *, now: datetime) -> None:
        """Record what became of letters that *claimant* still holds; of the others it is known already."""
        held = select(LetterRow.key).where(
            LetterRow.key.in_([settlement.key for settlement in settled]),
            LetterRow.state == LetterState.SENDING.value,
            LetterRow.claimed_by == claimant,
        )
        known = set(self.session.scalars(held))
        if due := [settlement for settlement in settled if settlement.key in known]:
            self.settle(due, now=now)

    def claimants(self, election: ElectionCode) -> list[str]:
        """Return who holds letters that are being sent."""
        query = select(LetterRow.claimed_by).where(
            LetterRow.election == election, LetterRow.state == LetterState.SENDING.value
        )
        return [scalar for scalar in self.session.scalars(query.distinct()) if scalar]

    def release(self, keys: Sequence[str]) -> None:
        """Put claimed letters back untried, as when the server went away."""
        self.session.execute(
            update(LetterRow)
            .where(LetterRow.key.in_(keys), LetterRow.state == LetterState.SENDING)
            .values(state=LetterState.QUEUED.value, claimed_by=None, lease_until=None, attempts=LetterRow.attempts - 1)
        )

    def recover(self, election: ElectionCode, is_dead: Callable[[str], bool]) -> int:
        """Release the letters of claimants of which *is_dead* is sure; returns how many."""
        query = select(LetterRow.key, LetterRow.claimed_by).where(
            LetterRow.election == election, LetterRow.state == LetterState.SENDING
        )
        orphans = [key for key, claimant in self.session.execute(query) if claimant is None or is_dead(claimant)]
        self.release(orphans)
        return len(orphans)

    def of_application(self, application_id: UUID) -> list[QueuedLetter]:
        """Return the letters about an application, oldest first."""
        query = select(LetterRow).where(LetterRow.application_id == application_id).order_by(LetterRow.queued_at)
        return [queued_letter(row) for row in self.session.scalars(query)]

    def addresses(self, election: ElectionCode, *, but: Collection[LetterState]) -> list[str]:
        """Return every address that the letters go to, copies too, as often as there are letters, *but* for states."""
        query = select(LetterRow.body).where(LetterRow.election == election)
        query = query.where(LetterRow.state.not_in([state.value for state in but]))
        bodies = self.session.scalars(query.execution_options(yield_per=200))
        return [
            address.strip()
            for body in bodies
            for address in f"{body['to']},{body['copy_to']}".split(",")
            if address.strip()
        ]

    def known_as(self, election: ElectionCode) -> dict[str, str]:
        """Return the keys of all letters of the election by what their Message-IDs are made of."""
        query = select(LetterRow.key, LetterRow.body["edition"].as_integer()).where(LetterRow.election == election)
        return {f"{key}~{edition}" if edition else key: key for key, edition in self.session.execute(query)}

    def keys(self, election: ElectionCode) -> list[str]:
        """Return the keys of all letters of the election."""
        return sorted(self.session.scalars(select(LetterRow.key).where(LetterRow.election == election)))


def _leaving(body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return *body* with the moment at which its time begins; what goes again after a crash stays the same letter."""
    before = body.get("leaves_at")
    if before and timedelta() <= now - datetime.fromisoformat(before) < SAME_LETTER:
        return dict(body)
    return {**body, "leaves_at": now.isoformat()}


def queued_letter(row: LetterRow) -> QueuedLetter:
    """Return the letter that *row* holds."""
    return QueuedLetter(
        envelope=Envelope.model_validate(row.body),
        state=LetterState(row.state),
        attempts=row.attempts,
        queued_at=row.queued_at,
        sent_at=row.sent_at,
        answer=row.answer,
        next_at=row.next_at,
    )
