"""Whom rows are about: the keys that people share, the references that mean them, and the trace of every row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from db.bulk import MOST_IDS, in_batches, insert_rows
from db.screening.key_edition import check_edition
from db.tables.application import AliasRow, ApplicationRow
from db.tables.intake import TraceRow
from db.tables.screening import ApplicantKeyRow
from domain.intake.nominations_file import KnownBy, RowTrace
from domain.values import ElectionCode, OrganisationCode


@dataclass(frozen=True, slots=True)
class Identities:
    """What ties rows to the people of organisations."""

    session: Session

    def wait_turn(self, election: ElectionCode, organisations: Collection[OrganisationCode]) -> None:
        """Let no other transaction record rows of *organisations* before this one ends.

        Two that judge at the same moment whom a row is about would both find nobody. SQLite has one writer anyway.
        """
        if self.session.get_bind().dialect.name != "postgresql":
            return
        for organisation in sorted(organisations):
            digest = blake2b(f"intake {election} {organisation}".encode(), digest_size=8).digest()
            number = int.from_bytes(digest, "big", signed=True)
            self.session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})

    def sharing(
        self, organisations: Collection[OrganisationCode], numbers: Collection[int], *, most: int
    ) -> list[tuple[int, UUID]]:
        """Return who of *organisations* holds which key of *numbers*; keys that more than *most* hold are left out.

        A key's number is of one election alone. Raises :class:`~db.screening.applicant_keys.StaleKeysError`.
        """
        check_edition(self.session)
        telling = self._telling(sorted(numbers), most)
        found: list[tuple[int, UUID]] = []
        for start in range(0, len(telling), MOST_IDS):
            # Asked for the organisation too, SQLite would go through all of its people, key by key.
            query = (
                select(ApplicantKeyRow.key, ApplicantKeyRow.application_id, ApplicationRow.organisation)
                .join(ApplicationRow, ApplicationRow.id == ApplicantKeyRow.application_id)
                .where(ApplicantKeyRow.key.in_(telling[start : start + MOST_IDS]))
            )
            found += [(number, case) for number, case, code in self.session.execute(query) if code in organisations]
        return found

    def _telling(self, numbers: Sequence[int], most: int) -> list[int]:
        """Return those of *numbers* that anybody holds, and no more than *most*."""
        found: list[int] = []
        for start in range(0, len(numbers), MOST_IDS):
            held = ApplicantKeyRow.key.in_(numbers[start : start + MOST_IDS])
            query = select(ApplicantKeyRow.key).where(held).group_by(ApplicantKeyRow.key)
            found += self.session.scalars(query.having(func.count() <= most))
        return found

    def let_mean(self, meant: Mapping[UUID, UUID]) -> None:
        """Keep which cases keys mean from now on, in the place of what they meant before."""
        ids = list(meant)
        known: set[UUID] = set()
        for part in in_batches(ids):
            known |= set(self.session.scalars(select(AliasRow.id).where(AliasRow.id.in_(part))))
        fresh: list[dict[str, Any]] = [
            {"id": key, "application_id": case} for key, case in meant.items() if key not in known
        ]
        if fresh:
            self.session.execute(insert(AliasRow), fresh)
        if changed := [{"key": key, "case": case} for key, case in meant.items() if key in known]:
            statement = update(AliasRow).where(AliasRow.id == bindparam("key"))
            self.session.connection().execute(statement.values(application_id=bindparam("case")), changed)

    def trace(self, file_id: UUID, traces: Sequence[RowTrace]) -> None:
        """Keep whom the rows of a file are about, in the transaction that records them."""
        rows: list[dict[str, Any]] = [{"file_id": file_id, **dict(iter(trace))} for trace in traces]
        insert_rows(self.session, TraceRow, rows)

    def traces(self, file_id: UUID, *, told: bool = True) -> list[RowTrace]:
        """Return whom rows of a file are about, in order; *told* leaves out those that their own reference found."""
        query = select(TraceRow).where(TraceRow.file_id == file_id).order_by(TraceRow.number)
        if told:
            query = query.where(TraceRow.known_by != KnownBy.OWN_KEY.value)
        return [
            RowTrace.model_validate({name: getattr(row, name) for name in RowTrace.model_fields})
            for row in self.session.scalars(query)
        ]

    def people_in(self, file_id: UUID) -> tuple[int, int]:
        """Return how many rows of a file are about somebody, and about how many people; nothing of older files."""
        people = func.count(TraceRow.application_id.distinct())
        rows, count = self.session.execute(select(func.count(), people).where(TraceRow.file_id == file_id)).one()
        return rows, count
