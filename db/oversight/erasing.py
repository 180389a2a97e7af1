"""Statements that erase: rows of people are emptied, what others wrote of them is blanked, chains and counts stay.

Every table that holds personal data has its line here; what is not named holds ids, codes, counts and times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, Engine, delete, null, select, true, update
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from db.bulk import in_batches
from db.journal import Book, touch
from db.letters.erased_letters import ErasedLetters, attached
from db.oversight.kept_rows import journal_all
from db.statements.record import Statements
from db.tables.application import ApplicationRow, FindingRow, PersonRow
from db.tables.assignment import ConsentRequestRow
from db.tables.credentials import CredentialRow, PrintedCopyRow
from db.tables.decisions import AgendaRow, ClearanceRow, DecisionRow, NoteRow, StatementWordsRow
from db.tables.election import AcceptanceRow, PledgeRequestRow
from db.tables.identity import PortraitPartRow, PortraitRow
from db.tables.intake import IncomingMessageRow, IntakeChunkRow, IntakeFileRow, ReturnedRow
from db.tables.letters import LetterAttemptRow, LetterRow
from db.tables.oversight import LogEntryRow
from db.tables.screening import ApplicantKeyRow, ClearedPairRow, HitRow
from domain.application.nomination import Nomination
from domain.intake.message_states import MessageState
from domain.values import ElectionCode, OrganisationCode, Sha256

_WAITING: Final = (MessageState.ARRIVED, MessageState.RELEASED, MessageState.HELD)
_OWN_TEXTS: Final[tuple[tuple[type[Any], dict[str, Any]], ...]] = (
    (NoteRow, {"text": None}),
    (DecisionRow, {"facts": ""}),
    (ClearanceRow, {"ground": ""}),
    (ClearedPairRow, {"reason": "", "about": ""}),
)
"""What officers wrote about a case: by table, what takes its place, the text first."""

_REWRITTEN: Final = (
    Book.CREDENTIALS, Book.PRINTED, Book.CLEARED, Book.CLEARANCES, Book.FILES, Book.CHUNKS, Book.RETURNED,
    Book.PLEDGES,
)  # fmt: skip
_GONE: Final[tuple[type[Any], ...]] = (
    ApplicantKeyRow, HitRow, PortraitPartRow, PortraitRow, AcceptanceRow, ConsentRequestRow,
    PledgeRequestRow,
)  # fmt: skip
"""Tables that know nothing but the person: their rows go."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """One erasure within one transaction."""

    session: Session
    election: ElectionCode
    ids: Sequence[UUID]
    organisations: Collection[OrganisationCode]
    names_them: Callable[[object], bool]
    """Whether a text names one of the people."""

    everybody: bool = False
    """Whether all closed cases of the election are erased: what belongs to no case is then blanked without reading."""

    files: set[Sha256] = field(default_factory=set[Sha256])
    sent: set[Sha256] = field(default_factory=set[Sha256])
    """Content that was theirs, whether or not something else names it still: copies of it go too."""
    counts: Counter[str] = field(default_factory=Counter[str])

    def waiting(self) -> list[str]:
        """Return what has to be done first, because it still waits for what would be erased."""
        files = select(IntakeFileRow.id).where(self._sent_by(IntakeFileRow), IntakeFileRow.finished_at.is_(None))
        messages = select(IncomingMessageRow.id).where(
            self._sent_by(IncomingMessageRow), IncomingMessageRow.state.in_([held.value for held in _WAITING])
        )
        return [
            *(["nominations files that were not taken in to their end"] if self.session.scalar(files.limit(1)) else []),
            *(["messages that are held or not taken in"] if self.session.scalar(messages.limit(1)) else []),
            *(["letters that name people"] if self._letters().wait() else []),
        ]

    def carry_out(self) -> None:
        """Erase; what nothing refers to any more is in :attr:`files`, to be removed once this is kept for good."""
        for part in in_batches(self.ids):
            self._forget_people(part)
            self._forget_texts(part)
            self._forget_credentials(part)
        self._forget_lists()
        self._letters().blank()
        self._forget_what_others_wrote()
        self._forget_messages()
        self.settle(self._forget_nominations_files())
        self.counts["texts"] += Statements(self.session).erase_words(self.ids)
        self._journal()

    def clear_arrivals(self) -> None:
        """Erase what came in, for everybody: files and messages as they were sent, and rows that went back."""
        self._blank_notes()
        self._blank_cells(IntakeFileRow.election == self.election, always=True)
        self._forget_messages()
        self.settle(self._forget_nominations_files())

    def settle(self, kept: Collection[UUID]) -> None:
        """Write the rows, leave what is still referred to, count what goes."""
        self.session.flush()
        self.sent.update(self.files)
        self.files.difference_update(self._still_referred_to(kept))
        self.counts["files"] = len(self.files)

    def _journal(self) -> None:
        """Write into the journal what the rows say now that were emptied by right."""
        for known in self.ids:
            touch(self.session, Book.PEOPLE, self._keys(PersonRow, known, "version"))
            touch(self.session, Book.FINDINGS, self._keys(FindingRow, known, "person_version"))
            touch(self.session, Book.CLEARANCES, self._keys(ClearanceRow, known, "authority"))
        journal_all(self.session, self.election, books=_REWRITTEN, by="erasure")

    def _keys(self, table: type[Any], known: UUID, column: str) -> list[tuple[Any, ...]]:
        query = select(table.application_id, getattr(table, column)).where(table.application_id == known)
        return [tuple(row) for row in self.session.execute(query)]

    def _letters(self) -> ErasedLetters:
        return ErasedLetters(
            session=self.session,
            election=self.election,
            ids=frozenset(self.ids),
            organisations=self.organisations,
            names_them=self.names_them,
            everybody=self.everybody,
            files=self.files,
            counts=self.counts,
        )

    def _count(self, name: str, statement: Any) -> None:
        result = self.session.execute(statement)
        assert isinstance(result, CursorResult)  # noqa: S101 -- of a statement that changes rows
        self.counts[name] += result.rowcount

    def _forget_people(self, part: Sequence[UUID]) -> None:
        there = select(PersonRow.body).where(PersonRow.application_id.in_(part))
        for body in self.session.scalars(there):
            if body is not None:
                self.files.update(body[name] for name in ("photo", "identity_page") if body.get(name))
        emptied = {"body": null(), "sha256": "", "email_index": None}
        # Only rows that were not erased before are counted.
        named = (PersonRow.application_id.in_(part), PersonRow.sha256 != "")
        self._count("versions of people", update(PersonRow).where(*named).values(**emptied))
        for table in _GONE:
            self._count("keys, hits and portraits", delete(table).where(table.application_id.in_(part)))
        salted = update(LogEntryRow).where(LogEntryRow.subject.in_(part)).values(salt=None)
        self.session.execute(salted)  # the log's proofs hold without it
        about = [str(case) for case in part]
        self._count("keys, hits and portraits", delete(HitRow).where(HitRow.about.in_(about)))
        cleared = update(ClearedPairRow).where(ClearedPairRow.about.in_(about))
        self.session.execute(cleared.values(reason=""))

    def _forget_texts(self, part: Sequence[UUID]) -> None:
        for table, blank in _OWN_TEXTS:
            name = next(iter(blank))
            column: InstrumentedAttribute[Any] = getattr(table, name)
            filled = column.is_not(None) if blank[name] is None else column != blank[name]
            self._count("texts", update(table).where(table.application_id.in_(part), filled).values(**blank))
        self._blank_cells(ReturnedRow.application_id.in_(part), always=True)
        for row in self.session.scalars(select(AgendaRow).where(AgendaRow.application_id.in_(part))):
            if row.ruling.get("facts"):
                row.ruling = {**row.ruling, "facts": ""}
                self.counts["texts"] += 1

    def _forget_credentials(self, part: Sequence[UUID]) -> None:
        issued = select(CredentialRow).where(CredentialRow.application_id.in_(part))
        for row in self.session.scalars(issued):
            self.files.update(digest for digest in (row.token_sha256, row.badge_sha256) if digest)
            self.counts["credentials"] += bool(row.token_sha256 or row.badge_sha256)
            row.token_sha256 = row.badge_sha256 = None
            fetched = update(PrintedCopyRow).where(PrintedCopyRow.serial == row.serial)
            self.session.execute(fetched.values(proxy_tag=None, authority=None))

    def _forget_lists(self) -> None:
        """Leave that something was found, and no longer on which list or in which file."""
        for part in in_batches(self.ids):
            named = select(FindingRow.application_id, FindingRow.person_version, FindingRow.rule, FindingRow.about)
            rows = self.session.execute(named.where(FindingRow.application_id.in_(part), FindingRow.about != ""))
            for number, (known, version, rule, about) in enumerate(rows.all(), start=1):
                if about in Nomination.model_fields or about.startswith("erased:"):
                    continue
                one = (FindingRow.application_id == known, FindingRow.person_version == version)
                row = update(FindingRow).where(*one, FindingRow.rule == rule, FindingRow.about == about)
                self._count("findings", row.values(about=f"erased:{number}"))

    def _forget_what_others_wrote(self) -> None:
        self._blank_notes()
        self._blank_cells(IntakeFileRow.election == self.election, always=self.everybody)
        if self.everybody:
            return
        here = select(ApplicationRow.id).where(ApplicationRow.election == self.election)
        tables: tuple[tuple[type[Any], dict[str, Any]], ...] = (*_OWN_TEXTS, (HitRow, {}))
        for table, blank in tables:
            column = table.body if table is HitRow else getattr(table, next(iter(blank)))
            keys = list(table.__mapper__.primary_key)
            rows = self.session.execute(select(column, *keys).where(table.application_id.in_(here))).all()
            for text, *key in rows:
                if text and self.names_them(text):
                    meant = [place == value for place, value in zip(keys, key, strict=True)]
                    gone = update(table).where(*meant).values(**blank) if blank else delete(table).where(*meant)
                    self._count("texts", gone)

    def _blank_notes(self) -> None:
        """Forget names of files and columns in the notes on how files were read."""
        files = select(IntakeFileRow).where(IntakeFileRow.election == self.election)
        chunks = select(IntakeChunkRow).join(IntakeFileRow, IntakeFileRow.id == IntakeChunkRow.file_id)
        chunks = chunks.where(IntakeFileRow.election == self.election)
        for row in (*self.session.scalars(files), *self.session.scalars(chunks)):
            if row.notes and (self.everybody or self.names_them(row.notes)):
                row.notes = []

    def _blank_cells(self, condition: ColumnElement[bool], *, always: bool) -> None:
        query = select(ReturnedRow).join(IntakeFileRow, IntakeFileRow.id == ReturnedRow.file_id).where(condition)
        for row in self.session.scalars(query):
            if row.cells and (always or self.names_them(row.cells)):
                row.cells = {}
                self.counts["returned rows"] += 1

    def _forget_messages(self) -> None:
        query = select(IncomingMessageRow).where(IncomingMessageRow.election == self.election)
        for row in self.session.scalars(query):
            if row.content and (self.everybody or row.organisation in {*self.organisations, ""}):
                self.files.add(row.content)
                row.content = ""
                self.counts["messages"] += 1
            texts = [row.sender, row.subject, *row.attachments]
            if any(texts) and (self.everybody or self.names_them(texts)):
                row.sender, row.subject, row.attachments = "", "", []

    def _forget_nominations_files(self) -> set[UUID]:
        """Note the content of the files that named the people; that they came, and what became of them, stays."""
        query = select(IntakeFileRow).where(self._sent_by(IntakeFileRow))
        found = set[UUID]()
        for row in self.session.scalars(query):
            self.files.add(row.sha256)
            found.add(row.id)
            if self.everybody or self.names_them(row.name):
                row.name = "erased"
        return found

    def _sent_by(self, table: type[IntakeFileRow | IncomingMessageRow]) -> ColumnElement[bool]:
        senders = table.organisation.in_([*self.organisations, ""])
        return (table.election == self.election) & (true() if self.everybody else senders)

    def _still_referred_to(self, erased: Collection[UUID]) -> set[Sha256]:
        """Return the content among :attr:`files` that something else still names, in any election."""
        if not self.files:
            return set()
        named: set[Sha256 | None] = {*attached(self.session, self.files)}
        for body in self.session.scalars(select(PersonRow.body).where(PersonRow.sha256 != "")):
            if body is not None:
                named |= {body.get("photo"), body.get("identity_page")}
        kept = select(IntakeFileRow.id, IntakeFileRow.sha256)
        named |= {name for known, name in self.session.execute(kept) if known not in erased}
        for column in (CredentialRow.token_sha256, CredentialRow.badge_sha256, IncomingMessageRow.content):
            named |= {*self.session.scalars(select(column))}
        return {file for file in self.files if file in named}


def compact(factory: sessionmaker[Session]) -> None:
    """Give back the pages in which erased rows still stand (SQLite); elsewhere the database does so in its time."""
    engine: Engine = factory.kw["bind"]
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.fetchall()
        cursor.close()
    finally:
        connection.close()


def tables_named() -> frozenset[str]:
    """Return the names of the tables that an erasure empties or blanks."""
    others = (PersonRow, CredentialRow, PrintedCopyRow, FindingRow, IncomingMessageRow, IntakeFileRow, ReturnedRow)
    letters = (LetterRow, LetterAttemptRow, AgendaRow, StatementWordsRow)
    every: tuple[type[Any], ...] = (*_GONE, *(table for table, _ in _OWN_TEXTS), *others, *letters)
    return frozenset(str(table.__tablename__) for table in every)
