"""Parcels in the outbox: letters that are set apart for them, and what each one brings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from db.bulk import in_batches, insert_rows
from db.tables.letters import LetterAttemptRow, LetterRow, ParcelledLetterRow
from domain.letters.envelope import Envelope, LetterKind, LetterState
from domain.letters.parcels import Apart, Destination
from domain.values import ElectionCode


@dataclass(frozen=True, slots=True)
class Parcels:
    """Which letter goes in which parcel: each in one at most, once and for all."""

    session: Session

    def set_apart(
        self,
        election: ElectionCode,
        kinds: Collection[LetterKind],
        destination_of: Callable[[Envelope], Destination | None],
    ) -> int:
        """Set new letters of *kinds* apart for parcels; returns how many. A second time there are none.

        Of a letter with a copy only the copy goes in a parcel: the letter goes by itself, to its person alone. What an
        officer ordered goes by itself too.
        """
        known = exists().where(ParcelledLetterRow.letter == LetterRow.key)
        ordered = exists().where(LetterAttemptRow.key == LetterRow.key, LetterAttemptRow.officer.is_not(None))
        query = select(LetterRow.key, LetterRow.body).where(
            LetterRow.election == election, LetterRow.state == LetterState.QUEUED.value, LetterRow.attempts == 0,
            LetterRow.kind.in_([kind.value for kind in kinds]), ~known, ~ordered,
        ).with_for_update()  # fmt: skip
        found = [
            (key, body, destination_of(Envelope.model_validate(body))) for key, body in self.session.execute(query)
        ]
        apart = [(key, body, destination) for key, body, destination in found if destination]
        insert_rows(
            self.session,
            ParcelledLetterRow,
            [
                {"letter": key, "election": election, "organisation": to.organisation, "stage": to.stage}
                for key, _, to in apart
            ],
        )
        self._change([_by_itself(key, body) for key, body, _ in apart])
        return len(apart)

    def _change(self, changes: Sequence[dict[str, Any]]) -> None:
        if changes:
            self.session.execute(update(LetterRow), changes)

    def apart(self, election: ElectionCode) -> list[Apart]:
        """Return what waits for a parcel: nothing that is held for an officer's word, and nothing cancelled."""
        waits = LetterRow.state.not_in([LetterState.HELD.value, LetterState.CANCELLED.value])
        rows = ParcelledLetterRow
        query = select(rows.letter, rows.organisation, rows.stage, LetterRow.queued_at)
        query = query.join(LetterRow, LetterRow.key == rows.letter)
        query = query.where(rows.election == election, rows.parcel.is_(None), waits)
        return [Apart(letter, Destination(to, stage), at) for letter, to, stage, at in self.session.execute(query)]

    def left(self, election: ElectionCode) -> set[str]:
        """Return the keys of all letters that left: by themselves, or in a parcel that did."""
        sent = LetterRow.state == LetterState.SENT.value
        alone = select(LetterRow.key).where(LetterRow.election == election, sent)
        brought = select(ParcelledLetterRow.letter).join(LetterRow, LetterRow.key == ParcelledLetterRow.parcel)
        together = brought.where(ParcelledLetterRow.election == election, sent)
        return {*self.session.scalars(alone), *self.session.scalars(together)}

    def last(self, election: ElectionCode) -> dict[Destination, datetime]:
        """Return when the last parcel of each destination was made."""
        rows = ParcelledLetterRow
        query = select(rows.organisation, rows.stage, func.max(LetterRow.queued_at))
        query = query.join(LetterRow, LetterRow.key == rows.parcel).where(rows.election == election)
        grouped = self.session.execute(query.group_by(rows.organisation, rows.stage))
        return {Destination(to, stage): at for to, stage, at in grouped}

    def fill(self, parcel: str, letters: Sequence[str]) -> None:
        """Put *letters* into the *parcel*, which is in the outbox; none that another one brings."""
        rows = ParcelledLetterRow
        for part in in_batches(letters):
            which = (rows.letter.in_(part), rows.parcel.is_(None))
            self.session.execute(update(rows).where(*which).values(parcel=parcel))


def _by_itself(key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the letter as it stays: to its person without the copy, or not to be sent by itself at all."""
    state = LetterState.QUEUED if body["copy_to"] else LetterState.GATHERED
    return {"key": key, "state": state.value, "body": {**body, "copy_to": "", "copy_language": None}}
