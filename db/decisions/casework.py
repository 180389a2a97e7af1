"""What officers do on a case besides deciding: notes, claims, questions to authorities; and which clocks were told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from db.bulk import in_batches
from db.journal import Book, touch
from db.tables.application import ApplicationRow
from db.tables.base import Base
from db.tables.decisions import ClaimRow, ClearanceRow, ClockMarkRow, NoteRow
from domain.application.clocks import RunningClock
from domain.decisions.casework import Answer, Claim, Clearance, Note
from domain.errors import UnknownThingError
from domain.values import OfficerCode, OrganisationCode


@dataclass(frozen=True, slots=True)
class Casework:
    """Notes, claims, clearances and told clocks."""

    session: Session

    def note(self, application_id: UUID, *, officer: str, text: str, now: datetime, number: int | None = None) -> Note:
        """Keep a new note on a case, or with *number* a new version of one; returns it."""
        of_case = (NoteRow.application_id == application_id,)
        last = self.session.scalar(select(func.max(NoteRow.number)).where(*of_case)) or 0
        if number is not None and not 1 <= number <= last:
            raise UnknownThingError("note", str(number))
        chosen = number or last + 1
        before = self.session.scalar(select(func.max(NoteRow.version)).where(*of_case, NoteRow.number == chosen)) or 0
        row = NoteRow(
            id=uuid5(application_id, f"note:{chosen}:{before + 1}"), application_id=application_id, number=chosen,
            version=before + 1, officer=officer, text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), at=now,
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        touch(self.session, Book.NOTES, [(row.id,)])
        return _note(row)

    def notes(self, ids: Sequence[UUID]) -> dict[UUID, Note]:
        """Return those of the notes *ids* that exist, by id."""
        rows = (self.session.scalars(select(NoteRow).where(NoteRow.id.in_(part))) for part in in_batches(ids))
        return {row.id: _note(row) for found in rows for row in found}

    def notes_on(self, application_id: UUID) -> list[Note]:
        """Return the newest version of every note on a case."""
        query = select(NoteRow).where(NoteRow.application_id == application_id)
        rows = self.session.scalars(query.order_by(NoteRow.number, NoteRow.version))
        return [*{row.number: _note(row) for row in rows}.values()]

    def misstated(self, ids: Sequence[UUID], *, erased: Collection[UUID]) -> Iterator[UUID]:
        """Yield the notes on *ids* whose text is not that which their hash was made of; *erased* cases have none."""
        for part in in_batches(ids):
            for row in self.session.scalars(select(NoteRow).where(NoteRow.application_id.in_(part))):
                said = row.text is not None and hashlib.sha256(row.text.encode()).hexdigest()
                if said != row.sha256 and not (row.text is None and row.application_id in erased):
                    yield row.id

    def claim(self, claims: Sequence[Claim]) -> None:
        """Put *claims* in the place of whatever was claimed before."""
        self.release([claim.application_id for claim in claims])
        if claims:
            self.session.execute(insert(ClaimRow), [claim.model_dump() for claim in claims])

    def release(self, ids: Sequence[UUID]) -> None:
        """Forget who claimed these."""
        for part in in_batches(ids):
            self.session.execute(delete(ClaimRow).where(ClaimRow.application_id.in_(part)))

    def give_back(self, officer: OfficerCode, *, barred: Callable[[OrganisationCode, UUID], bool]) -> None:
        """Forget the officer's claims on cases, by organisation and id, from which the officer is *barred*."""
        query = select(ApplicationRow.organisation, ApplicationRow.id).join(
            ClaimRow, ClaimRow.application_id == ApplicationRow.id
        )
        rows = self.session.execute(query.where(ClaimRow.officer == officer))
        self.release([known for organisation, known in rows if barred(organisation, known)])

    def claims(self, ids: Sequence[UUID], *, now: datetime) -> dict[UUID, Claim]:
        """Return the claims on *ids* that have not lapsed."""
        found: dict[UUID, Claim] = {}
        for part in in_batches(ids):
            query = select(ClaimRow).where(ClaimRow.application_id.in_(part), ClaimRow.until > now)
            found |= {
                row.application_id: Claim.model_validate(_fields(row, Claim)) for row in self.session.scalars(query)
            }
        return found

    def ask(self, clearance: Clearance) -> None:
        """Keep a question to an authority; the same question is kept once."""
        if self.session.get(ClearanceRow, (clearance.application_id, clearance.authority)) is None:
            self.session.add(ClearanceRow(**clearance.model_dump(mode="python")))
            self.session.flush()
            touch(self.session, Book.CLEARANCES, [(clearance.application_id, clearance.authority)])

    def answer(self, clearance: Clearance) -> None:
        """Keep what came back."""
        row = self.session.get(ClearanceRow, (clearance.application_id, clearance.authority))
        if row is None:
            raise UnknownThingError("question to", clearance.authority)
        row.answer, row.ground, row.answered_at = clearance.answer, clearance.ground, clearance.answered_at
        touch(self.session, Book.CLEARANCES, [(clearance.application_id, clearance.authority)])

    def clearances(self, ids: Sequence[UUID] | None = None) -> list[Clearance]:
        """Return the questions about *ids* (all, where none is named), by authority."""
        query = select(ClearanceRow).order_by(ClearanceRow.authority, ClearanceRow.application_id)
        rows = self.session.scalars(query if ids is None else query.where(ClearanceRow.application_id.in_(ids)))
        return [Clearance.model_validate(_fields(row, Clearance)) for row in rows]

    def overdue_clearances(self, election_ids: Sequence[UUID], *, now: datetime) -> list[Clearance]:
        """Return the questions without an answer whose time is over."""
        asked = [
            clearance
            for clearance in self.clearances()
            if clearance.answer is Answer.AWAITED and clearance.due_at <= now
        ]
        known = set(election_ids)
        return [clearance for clearance in asked if clearance.application_id in known]

    def marks(self, ids: Sequence[UUID]) -> dict[tuple[UUID, str, datetime], int]:
        """Return the highest mark told of each clock on *ids*."""
        found: dict[tuple[UUID, str, datetime], int] = {}
        for part in in_batches(ids):
            query = (
                select(
                    ClockMarkRow.application_id, ClockMarkRow.clock, ClockMarkRow.due_at, func.max(ClockMarkRow.mark)
                )
                .where(ClockMarkRow.application_id.in_(part))
                .group_by(ClockMarkRow.application_id, ClockMarkRow.clock, ClockMarkRow.due_at)
            )
            found |= {(one, clock, due): mark for one, clock, due, mark in self.session.execute(query)}
        return found

    def tell(self, clocks: Mapping[RunningClock, int], *, now: datetime) -> None:
        """Keep that these clocks were told at these marks."""
        rows = [
            {"application_id": clock.application_id, "clock": clock.clock.value, "due_at": clock.due_at, "mark": mark,
             "at": now} for clock, mark in clocks.items()
        ]  # fmt: skip
        if rows:
            self.session.execute(insert(ClockMarkRow), rows)


def _fields(row: Base, model: type[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in model.model_fields}


def _note(row: NoteRow) -> Note:
    return Note.model_validate(_fields(row, Note))
