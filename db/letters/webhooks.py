"""Events that receivers are to be told of: an outbox beside that of letters, by application and number of the event."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from db.bulk import insert_rows
from db.tables.application import EventRow
from db.tables.webhooks import WebhookEventRow, WebhookRow
from domain.letters.cloud_events import Notice
from domain.letters.webhooks import EventState
from domain.values import ElectionCode, Sha256


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """An event that a receiver has still to be told of."""

    number: int
    application_id: UUID | None
    sequence: int
    failures: int
    link: Sha256 | None
    """The event's hash in the history of its application."""
    told: Mapping[str, Any] | None
    """What is told of something else than an application."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A receiver as the database has it."""

    receiver: str
    kinds: tuple[str, ...]
    since: datetime
    stopped_at: datetime | None
    counts: Counter[EventState]
    last_answer: str
    """Of the last attempt that failed and is not made up for."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What receivers of all elections are to be told."""

    session: Session

    def put(self, elections: Mapping[UUID, ElectionCode], events: Sequence[Mapping[str, Any]]) -> None:
        """Queue *events* (rows of histories) for everybody who is told of their kind; called in their transaction."""
        query = select(WebhookRow.election, WebhookRow.receiver, WebhookRow.kinds)
        listening = self.session.execute(query.where(WebhookRow.election.in_({*elections.values()}))).tuples().all()
        rows = [
            {
                "election": election, "receiver": receiver, "application_id": event["application_id"],
                "sequence": event["sequence"], "state": EventState.QUEUED.value, "failures": 0,
            }
            for event in (events if listening else ())
            for election, receiver, kinds in listening
            if elections[event["application_id"]] == election and (not kinds or event["kind"] in kinds)
        ]  # fmt: skip
        insert_rows(self.session, WebhookEventRow, rows)

    def tell(self, election: ElectionCode, notice: Notice) -> None:
        """Queue *notice* for everybody who is told of its kind; called in the transaction of what happened."""
        listening = self.session.scalars(select(WebhookRow).where(WebhookRow.election == election))
        rows = [
            {
                "election": election, "receiver": receiver.receiver, "application_id": None,
                "sequence": notice.sequence,
                "told": notice.model_dump(mode="json"), "state": EventState.QUEUED.value, "failures": 0,
            }
            for receiver in listening
            if not receiver.kinds or notice.kind in receiver.kinds
        ]  # fmt: skip
        insert_rows(self.session, WebhookEventRow, rows)

    def listen(self, election: ElectionCode, wanted: Mapping[str, Sequence[str]], *, now: datetime) -> None:
        """Let exactly the receivers *wanted*, with their kinds, be told of what happens from now on.

        What is left for one that is not named any more becomes a dead letter: named again, it may be sent again.
        """
        known = {row.receiver: row for row in self.session.scalars(self._rows(election))}
        for receiver, kinds in wanted.items():
            row = known.get(receiver)
            if row is None:
                self.session.add(WebhookRow(election=election, receiver=receiver, kinds=[*kinds], since=now))
            elif [*row.kinds] != [*kinds]:
                row.kinds = [*kinds]
        for receiver in known.keys() - wanted.keys():
            self.session.execute(delete(WebhookRow).where(*self._of(WebhookRow, election, receiver)))
            left = (*self._of(WebhookEventRow, election, receiver), WebhookEventRow.state == EventState.QUEUED)
            gone = {"state": EventState.DEAD.value, "answer": "receiver not named", "settled_at": now}
            self.session.execute(update(WebhookEventRow).where(*left).values(gone))

    def elections(self) -> list[ElectionCode]:
        """Return the elections of which anybody is told."""
        return list(self.session.scalars(select(WebhookRow.election).distinct().order_by(WebhookRow.election)))

    def receivers(self, election: ElectionCode) -> list[Listening]:
        """Return who is told of events, with how many events stand where."""
        row = WebhookEventRow
        query = select(row.receiver, row.state, func.count()).where(row.election == election)
        counts: defaultdict[str, Counter[EventState]] = defaultdict(Counter)
        for receiver, state, count in self.session.execute(query.group_by(row.receiver, row.state)):
            counts[receiver][EventState(state)] = count
        return [
            Listening(
                known.receiver, tuple(known.kinds), known.since, known.stopped_at, counts[known.receiver],
                self._last_answer(election, known.receiver),
            )
            for known in self.session.scalars(self._rows(election))
        ]  # fmt: skip

    def _last_answer(self, election: ElectionCode, receiver: str) -> str:
        row = WebhookEventRow
        query = select(row.answer).where(*self._of(row, election, receiver), row.state != EventState.SENT)
        return self.session.scalar(query.where(row.failures > 0).order_by(row.number.desc()).limit(1)) or ""

    def due(self, election: ElectionCode, receiver: str, *, now: datetime, limit: int) -> list[WaitingEvent]:
        """Return up to *limit* events that *receiver* is to be told of now, first to last."""
        row = WebhookEventRow
        of_event = (EventRow.application_id == row.application_id) & (EventRow.sequence == row.sequence)
        said = (row.number, row.application_id, row.sequence, row.failures, EventRow.hash, row.told)
        query = select(*said).select_from(row).outerjoin(EventRow, of_event)
        query = query.where(*self._of(row, election, receiver), row.state == EventState.QUEUED)
        query = query.where(or_(row.next_at.is_(None), row.next_at <= now)).order_by(row.number).limit(limit)
        return [WaitingEvent(*found) for found in self.session.execute(query).tuples()]

    def settle(
        self, number: int, state: EventState, *, answer: str, failures: int, now: datetime, next_at: datetime | None
    ) -> None:
        """Record what became of an attempt."""
        values = {
            "state": state.value, "answer": answer, "failures": failures, "next_at": next_at,
            "settled_at": None if state is EventState.QUEUED else now,
        }  # fmt: skip
        self.session.execute(update(WebhookEventRow).where(WebhookEventRow.number == number).values(values))

    def stop(self, election: ElectionCode, receiver: str, *, now: datetime | None) -> None:
        """Send nothing to *receiver* from *now* on; without a moment: send again."""
        self.session.execute(update(WebhookRow).where(*self._of(WebhookRow, election, receiver)).values(stopped_at=now))

    def requeue(
        self, election: ElectionCode, receiver: str, states: Collection[EventState], *, since: datetime | None
    ) -> int:
        """Queue anew what stands in *states* and, where a moment is given, was settled *since*; returns how many."""
        row = WebhookEventRow
        chosen = [*self._of(row, election, receiver), row.state.in_([state.value for state in states])]
        if since:
            chosen.append(row.settled_at >= since)
        numbers = self.session.scalars(select(row.number).where(*chosen)).all()
        again = {"state": EventState.QUEUED.value, "failures": 0, "next_at": None, "settled_at": None, "answer": None}
        self.session.execute(update(row).where(*chosen).values(again))
        return len(numbers)

    @staticmethod
    def _rows(election: ElectionCode) -> Any:
        return select(WebhookRow).where(WebhookRow.election == election).order_by(WebhookRow.receiver)

    @staticmethod
    def _of(row: Any, election: ElectionCode, receiver: str) -> tuple[Any, Any]:
        return row.election == election, row.receiver == receiver
