"""What officers see of the outbox and order about it: lists, histories, holds, confirmations, the reconciliation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, false, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from db.bulk import in_batches
from db.letters.outbox import QueuedLetter, queued_letter
from db.tables.letters import LetterAttemptRow, LetterRow, ParcelledLetterRow
from domain.errors import UnknownThingError
from domain.letters.delivery import CAN_ORDER, LEADS_TO, Reconciliation
from domain.letters.envelope import Envelope, LetterKind, LetterOrder, LetterState
from domain.statements.canonical import digest_of
from domain.values import ElectionCode, Frozen, OfficerCode, Sha256, UtcTime


class LetterFilter(Frozen):
    """Which letters to list; what is not said does not matter."""

    state: LetterState | None = None
    kind: LetterKind | None = None
    application_id: UUID | None = None
    only: tuple[str, ...] | None = None

    def conditions(self, election: ElectionCode) -> list[ColumnElement[bool]]:
        """Return the filter for letters of *election* as conditions of a query."""
        return [
            LetterRow.election == election,
            *([LetterRow.state == self.state] if self.state else []),
            *([LetterRow.kind == self.kind] if self.kind else []),
            *([LetterRow.application_id == self.application_id] if self.application_id else []),
            *([LetterRow.key.in_(self.only)] if self.only is not None else []),
        ]


EVERY_LETTER = LetterFilter()


_HANDED_OVER = "handed over: "


@dataclass(frozen=True, slots=True)
class LetterAttempt:
    """An entry of a letter's history: an attempt to send it, or an officer's order."""

    at: datetime
    state: LetterState
    answer: str | None
    next_at: datetime | None
    officer: OfficerCode | None


@dataclass(frozen=True, slots=True)
class Letters:
    """The outbox as officers see it."""

    session: Session

    def get(self, election: ElectionCode, key: str) -> QueuedLetter:
        """Return the letter *key*; raises :class:`UnknownThingError`."""
        row = self.session.get(LetterRow, key)
        if row is None or row.election != election:
            raise UnknownThingError("letter", key[:80])
        return queued_letter(row)

    def matching(
        self, election: ElectionCode, wanted: LetterFilter = EVERY_LETTER, *, limit: int = 1000
    ) -> list[QueuedLetter]:
        """Return up to *limit* letters that *wanted* lets through, oldest first."""
        query = select(LetterRow).where(*wanted.conditions(election)).order_by(LetterRow.queued_at, LetterRow.key)
        return [queued_letter(row) for row in self.session.scalars(query.limit(limit))]

    def waiting(self, election: ElectionCode) -> list[str]:
        """Return the keys of all letters that have not left yet, by themselves or in a parcel."""
        query = select(LetterRow.key).where(LetterRow.election == election, _waits())
        return [*self.session.scalars(query.order_by(LetterRow.queued_at, LetterRow.key))]

    def latest(self, election: ElectionCode, kind: LetterKind, ids: Sequence[UUID]) -> dict[UUID, Envelope]:
        """Return the newest letter of *kind* about each of *ids* that has one."""
        found: dict[UUID, Envelope] = {}
        for part in in_batches(ids):
            query = select(LetterRow.application_id, LetterRow.body).where(
                LetterRow.election == election, LetterRow.kind == kind, LetterRow.application_id.in_(part)
            )
            rows = self.session.execute(query.order_by(LetterRow.queued_at, LetterRow.key)).all()
            found |= {known: Envelope.model_validate(body) for known, body in rows if known}
        return found

    def keys_of(self, election: ElectionCode, kind: LetterKind) -> set[str]:
        """Return the keys of all letters of *kind*."""
        query = select(LetterRow.key).where(LetterRow.election == election, LetterRow.kind == kind.value)
        return set(self.session.scalars(query))

    def queued_of(self, election: ElectionCode, kind: LetterKind) -> list[tuple[str, datetime]]:
        """Return key and time of queueing of all letters of *kind*."""
        query = select(LetterRow.key, LetterRow.queued_at).where(
            LetterRow.election == election, LetterRow.kind == kind.value
        )
        return [(row.key, row.queued_at) for row in self.session.execute(query)]

    def count(self, election: ElectionCode, wanted: LetterFilter = EVERY_LETTER) -> int:
        """Return how many letters *wanted* lets through."""
        query = select(func.count()).select_from(LetterRow).where(*wanted.conditions(election))
        return self.session.scalars(query).one()

    def mark(self, election: ElectionCode, wanted: LetterFilter) -> Sha256:
        """Return what stands for exactly the letters that *wanted* lets through: of others it is another one."""
        query = select(LetterRow.key).where(*wanted.conditions(election)).order_by(LetterRow.key)
        return digest_of(list(self.session.scalars(query)))

    def history(self, key: str) -> list[LetterAttempt]:
        """Return what became of the letter *key*, in the order it happened."""
        query = select(LetterAttemptRow).where(LetterAttemptRow.key == key).order_by(LetterAttemptRow.id)
        return [
            LetterAttempt(row.at, LetterState(row.state), row.answer, row.next_at, row.officer)
            for row in self.session.scalars(query)
        ]

    def order(
        self,
        election: ElectionCode,
        order: LetterOrder,
        wanted: LetterFilter,
        *,
        officer: OfficerCode,
        now: datetime,
        how: str = "",
    ) -> int:
        """Carry out *order* on the letters of *wanted* whose state allows it and return how many those were.

        Each gets an entry in its history with the *officer*'s code, and *how* a letter was handed over. What was
        ordered counts as untried.
        """
        allowed = [state.value for state in CAN_ORDER[order]]
        which = [*wanted.conditions(election), LetterRow.state.in_(allowed)]
        state = LEADS_TO[order].value
        entry = select(
            LetterRow.election,
            LetterRow.key,
            literal(now, LetterAttemptRow.at.type),
            literal(state),
            literal(f"{_HANDED_OVER}{how}"[:500] if how else f"{order.value} ordered"),
            literal(officer),
        ).where(*which)
        columns = ["election", "key", "at", "state", "answer", "officer"]
        self.session.execute(insert(LetterAttemptRow).from_select(columns, entry))
        changed = update(LetterRow).where(*which).values(state=state, attempts=0, next_at=None)
        if order is LetterOrder.HAND_OVER:
            changed = changed.values(sent_at=now, answer=f"{_HANDED_OVER}{how}"[:500])
        found = self.session.connection().execute(changed)
        return found.rowcount

    def kept(
        self, election: ElectionCode, *, officer: OfficerCode | None = None, at: datetime | None = None
    ) -> dict[str, tuple[datetime, Mapping[str, Any]]]:
        """Return what officers ordered, all of it or that of one *officer* *at* one moment, as the journal has it.

        It is known by who ordered what when; the letters are named by their keys.
        """
        which = [LetterAttemptRow.election == election, LetterAttemptRow.officer.is_not(None)]
        which += [LetterAttemptRow.officer == officer] if officer else []
        which += [LetterAttemptRow.at == at] if at else []
        columns = (LetterAttemptRow.officer, LetterAttemptRow.at, LetterAttemptRow.state, LetterAttemptRow.key)
        found: defaultdict[tuple[str, datetime, str], list[str]] = defaultdict(list)
        for by, when, state, key in self.session.execute(select(*columns).where(*which)):
            found[by or "", when, state].append(key or "")
        return {
            f"{state} by {by} at {when.isoformat()}": (when, {"letters": sorted(keys)})
            for (by, when, state), keys in found.items()
        }

    def take_back(self, election: ElectionCode, key: str, *, officer: OfficerCode, now: datetime) -> bool:
        """Cancel the letter *key* if nobody has begun to send it; returns whether that was so."""
        waiting = or_(LetterRow.state.in_((LetterState.QUEUED.value, LetterState.HELD.value)), _in_no_sent_parcel())
        which = (LetterRow.key == key, LetterRow.election == election, waiting)
        cancelled = update(LetterRow).where(*which).values(state=LetterState.CANCELLED.value, next_at=None)
        if not self.session.connection().execute(cancelled).rowcount:
            return False
        row = LetterAttemptRow(
            election=election, key=key, at=now, state=LetterState.CANCELLED.value, answer="its decision was recalled",
            next_at=None, officer=officer,
        )  # fmt: skip
        self.session.add(row)
        return True

    def overtake(
        self,
        election: ElectionCode,
        kinds: Collection[LetterKind],
        ids: Sequence[UUID],
        *,
        now: datetime,
        keys: Collection[str] = (),
    ) -> int:
        """Cancel the letters of *kinds* about *ids* that wait, or of *keys* among them: what they say is not so.

        Returns how many.
        """
        waiting = _waits()
        cancelled = 0
        for part in in_batches(ids):
            which = [
                LetterRow.election == election, LetterRow.application_id.in_(part), waiting,
                LetterRow.kind.in_([kind.value for kind in kinds]),
            ]  # fmt: skip
            which += [LetterRow.key.in_(keys)] if keys else []
            entry = select(
                LetterRow.election,
                LetterRow.key,
                literal(now, LetterAttemptRow.at.type),
                literal(LetterState.CANCELLED.value),
                literal("overtaken: a later letter says otherwise"),
            ).where(*which)
            self.session.execute(
                insert(LetterAttemptRow).from_select(["election", "key", "at", "state", "answer"], entry)
            )
            changed = update(LetterRow).where(*which).values(state=LetterState.CANCELLED.value, next_at=None)
            cancelled += self.session.connection().execute(changed).rowcount
        return cancelled

    def readdress(self, key: str, *, to: str) -> None:
        """Send the letter *key* to another address from now on; all else stays as it is."""
        row = self.session.scalars(select(LetterRow).where(LetterRow.key == key)).one()
        row.body = {**row.body, "to": to}
        self.session.flush()

    def forward(
        self, election: ElectionCode, moved: Mapping[str, str], *, again: Collection[str],
        kinds: Collection[LetterKind], now: datetime, only: Collection[LetterKind] = tuple(LetterKind),
    ) -> int:  # fmt: skip
        """Address what waits for one of the addresses *moved*, of the kinds *only*; returns how many letters.

        What failed there goes once more, of the keys *again* and of *kinds*.
        """
        waiting = LetterRow.state.in_((LetterState.QUEUED.value, LetterState.HELD.value, LetterState.DEFERRED.value))
        failed = and_(
            LetterRow.state == LetterState.FAILED.value,
            or_(LetterRow.key.in_(again), LetterRow.kind.in_([kind.value for kind in kinds])),
        )
        which = (LetterRow.election == election, LetterRow.kind.in_([kind.value for kind in only]))
        found = self.session.scalars(select(LetterRow).where(*which, or_(waiting, failed)))
        rows = [row for row in found if row.body["to"] in moved]
        for row in rows:
            row.body = {**row.body, "to": moved[row.body["to"]]}
            if row.state == LetterState.FAILED.value:
                row.state, row.attempts, row.next_at = LetterState.QUEUED.value, 0, None
                said = "it goes again, to the new address"
                attempt = LetterAttemptRow(election=election, key=row.key, at=now, state=row.state, answer=said)
                self.session.add(attempt)
        self.session.flush()
        return len(rows)

    def bounce(self, election: ElectionCode, key: str, answer: str, *, now: datetime) -> bool:
        """Record that the sent letter *key* did not arrive; returns whether that was news.

        A letter that was handed over in another way has arrived, whatever comes back from the mail server later.
        """
        by_hand = LetterRow.answer.like(f"{_HANDED_OVER}%")
        sent = (LetterRow.key == key, LetterRow.election == election, LetterRow.state == LetterState.SENT.value,
                ~func.coalesce(by_hand, false()))  # fmt: skip
        failed = update(LetterRow).where(*sent).values(state=LetterState.FAILED.value, answer=answer[:500])
        if not self.session.connection().execute(failed).rowcount:
            return False
        row = LetterAttemptRow(
            election=election, key=key, at=now, state=LetterState.FAILED.value, answer=answer[:500], next_at=None,
            officer=None,
        )  # fmt: skip
        self.session.add(row)
        return True

    def hold_mass(self, election: ElectionCode, *, threshold: int) -> int:
        """Hold the queued letters if more than *threshold* are new; returns how many were held now.

        Letters that were tried before, or that an officer confirmed or ordered again, are not new.
        """
        if self.count(election, LetterFilter(state=LetterState.QUEUED)) <= threshold:
            return 0
        ordered = exists().where(LetterAttemptRow.key == LetterRow.key, LetterAttemptRow.officer.is_not(None))
        new = (
            LetterRow.election == election,
            LetterRow.state == LetterState.QUEUED.value,
            LetterRow.attempts == 0,
            ~ordered,
        )
        if self.session.scalars(select(func.count()).select_from(LetterRow).where(*new)).one() <= threshold:
            return 0
        held = update(LetterRow).where(*new).values(state=LetterState.HELD.value)
        return self.session.connection().execute(held).rowcount

    def rest(self, election: ElectionCode, *, until: datetime, now: datetime, but: Collection[LetterKind]) -> int:
        """Let every letter that is due *now* wait *until* then; returns how many.

        Not those of the kinds *but*, and not what an officer ordered to be sent.
        """
        ordered = exists().where(LetterAttemptRow.key == LetterRow.key, LetterAttemptRow.officer.is_not(None))
        which = (
            LetterRow.election == election,
            LetterRow.state.in_([LetterState.QUEUED.value, LetterState.DEFERRED.value]),
            or_(LetterRow.next_at.is_(None), LetterRow.next_at <= now),
            LetterRow.kind.not_in([kind.value for kind in but]),
            ~ordered,
        )
        resting = update(LetterRow).where(*which).values(next_at=until, answer="rests until the quiet hours are over")
        return self.session.connection().execute(resting).rowcount

    def reconciliation(self, election: ElectionCode) -> Reconciliation:
        """Return how many letters were ever queued, and where they stand."""
        query = select(LetterRow.state, func.count()).where(LetterRow.election == election).group_by(LetterRow.state)
        counts: dict[str, int] = {row[0]: row[1] for row in self.session.execute(query)}
        return Reconciliation.of(self.count(election), counts)

    def note_outage(self, election: ElectionCode, answer: str, *, now: datetime) -> None:
        """Record that no letter can be sent at all."""
        row = LetterAttemptRow(
            election=election, key=None, at=now, state=LetterState.QUEUED.value, answer=answer[:500],
            next_at=None, officer=None,
        )  # fmt: skip
        self.session.add(row)

    def outage_since(self, election: ElectionCode) -> UtcTime | None:
        """Return when sending first failed after the last letter that was sent; None where nothing is wrong."""
        rows = LetterAttemptRow
        last = select(func.max(rows.id)).where(rows.election == election, rows.state == LetterState.SENT.value)
        after = func.coalesce(last.scalar_subquery(), 0)
        query = select(rows.at).where(
            rows.election == election, rows.state == LetterState.QUEUED.value, rows.key.is_(None), rows.id > after
        )
        return self.session.scalars(query.order_by(rows.id).limit(1)).first()


def _waits() -> ColumnElement[bool]:
    """Return the condition that nobody has begun to send a letter; one in a parcel that left does not wait."""
    states = (LetterState.QUEUED.value, LetterState.HELD.value, LetterState.DEFERRED.value)
    return or_(LetterRow.state.in_(states), _in_no_sent_parcel())


def _in_no_sent_parcel() -> ColumnElement[bool]:
    """Return the condition that a letter is for a parcel, and that none with it has left."""
    parcel = aliased(LetterRow)
    left = (LetterState.SENDING.value, LetterState.SENT.value, LetterState.FAILED.value)
    brought = exists().where(
        ParcelledLetterRow.letter == LetterRow.key, parcel.key == ParcelledLetterRow.parcel, parcel.state.in_(left)
    )
    return (LetterRow.state == LetterState.GATHERED.value) & ~brought
