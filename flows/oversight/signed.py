"""The audit of what officers signed: the record itself, and the tables that rest on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import from_json

from db.engine import planted
from db.journal import Book
from db.oversight.erasures import Erasures
from db.oversight.kept_rows import GONE, KEPT, kept_now
from db.store import Store
from domain.errors import UnknownThingError
from domain.oversight.erasure import ErasureEntry
from domain.oversight.retention import RETENTION_OF
from domain.statements.authority import Authority
from domain.statements.record import Entry, EntryKind, Replay, faults_in, founding_in
from domain.statements.statement import ActKind, Statement, StatementWords
from domain.values import ElectionCode, Sha256
from flows.oversight.chains import told

_Kept = Callable[[Store, ElectionCode], list[tuple[Any, ...]]]


def signed_faults(
    store: Store, election: ElectionCode, entries: Sequence[Entry], *, erased: Collection[UUID]
) -> Iterator[tuple[str, str]]:
    """Yield what does not hold in the record, or differs from it: book and place."""
    replay = Replay()

    def by_authority(faults: Callable[[Store, ElectionCode, Authority], Iterator[str]]) -> Iterator[str]:
        return iter(()) if replay.authority is None else faults(store, election, replay.authority)

    yield from told(store, (
        ("signed acts", lambda: faults_in(entries, replay)),
        ("officers", lambda: by_authority(_officers)),
        ("rules", lambda: by_authority(_rules)),
        ("signed acts", lambda: _journal_heads(store, election, entries)),
        ("signed acts", lambda: _words(store, election, replay, erased)),
    ))  # fmt: skip
    yield from told(store, _acts(store, election, entries, replay))


def kept_faults(store: Store, election: ElectionCode) -> Iterator[tuple[str, str]]:
    """Yield the first row of each journalled table that does not say what it said when the engine wrote it."""
    yield from told(store, ((book.value, partial(_kept_fault, store, election, book)) for book in KEPT))


def _kept_fault(store: Store, election: ElectionCode, book: Book) -> list[str]:
    if broken := store.journal.broken(election, book):
        return [f"{broken} in the journal"]
    journal, now = store.journal.contents(election, book), kept_now(store.session, election, book)
    wrong = (
        *(f"{subject} is gone" for subject, sha256 in journal.items() if subject not in now and sha256 != GONE),
        *(f"{subject} was changed" for subject, sha256 in now.items() if journal.get(subject, sha256) != sha256),
        *(f"{subject} was never made by the engine" for subject in now if subject not in journal),
    )
    return [*wrong[:1]]


def history_faults(
    store: Store, election: ElectionCode, hashes: Mapping[UUID, Sequence[Sha256]], *, sealed_by: str
) -> Iterator[tuple[str, str]]:
    """Yield what no transaction of the engine wrote into a history, and the first book without the engine's seal.

    Where this home has no key of the engine, *sealed_by* is empty, and nothing is said of seals.
    """
    if name := planted(store.session):
        yield "signed acts", f"{name} is a trigger, view or rule in the database; the engine makes none"
    if not store.statements.is_journalled(election):
        yield "signed acts", "the record is not the one that the engine wrote"
    for book in (Book.RECORD, Book.HISTORIES):
        if broken := store.journal.broken(election, book):
            yield book.value, f"{broken} in the journal"
    yield from (
        (Book.HISTORIES.value, f"{case} was changed") for case in store.applications.unjournalled(election, hashes)[:1]
    )
    for begun in store.journal.heads(election) if sealed_by else ():
        if store.journal.sealed_by(election, begun) != sealed_by:
            yield begun.value, "the last entry of the journal bears no seal of this engine"
            return


def text_faults(
    store: Store, election: ElectionCode, ids: Sequence[UUID], *, erased: Collection[UUID]
) -> Iterator[tuple[str, str]]:
    """Yield the first person, note and pledge whose words are not those that their hash was made of."""
    people = next((f"{case}:{version}" for case, version in store.people.misstated(election, erased=erased)), None)
    notes = next((str(note) for note in store.casework.misstated(ids, erased=erased)), None)
    for book, subject in ((Book.PEOPLE, people), (Book.NOTES, notes)):
        if subject:
            yield book.value, f"{subject} was changed"


def _officers(store: Store, election: ElectionCode, authority: Authority) -> Iterator[str]:
    table = store.officers.table(election)
    for code in sorted({*table, *authority.enrolled}):
        if table.get(code) != authority.enrolled.get(code):
            yield f"{code} is not as the signed acts make them"
            return


def _rules(store: Store, election: ElectionCode, authority: Authority) -> Iterator[str]:
    stored, computed = store.elections.rules_as_stored(election)
    if {stored, computed} != {authority.rules_sha256}:
        yield "the rules are not those that were founded or signed"


def _journal_heads(store: Store, election: ElectionCode, entries: Sequence[Entry]) -> Iterator[str]:
    """Yield the books that are shorter, or other, than when the last signed act was applied."""
    last = next((entry for entry in reversed(entries) if entry.entry is EntryKind.APPLIED), None)
    if last is None:
        return
    for book, (number, head) in from_json(last.document).get("books", {}).items():
        if store.journal.hash_at(election, Book(book), number) != head:
            yield f"the journal of {book} is not what it was when entry {last.sequence} was made"
            return


def _words(store: Store, election: ElectionCode, replay: Replay, erased: Collection[UUID]) -> Iterator[str]:
    kept, about = store.statements.words(election), store.statements.words_about(election)
    for digest, statement in (replay.waiting | replay.applied).items():
        words = kept.get(digest)
        gone_by_right = words is None and digest in kept and any(case.id in erased for case in statement.cases)
        if statement.words and not gone_by_right and (words is None or words.hashes != statement.words):
            yield f"the texts of statement {digest[:16]} were changed"
            return
        if digest in about and about[digest] != [str(case.id) for case in statement.cases]:
            yield f"the texts of statement {digest[:16]} are kept for other cases"
            return


def _acts(
    store: Store, election: ElectionCode, entries: Sequence[Entry], replay: Replay
) -> Iterator[tuple[str, Callable[[], Iterable[str]]]]:
    """Yield comparisons of each table of acts with the statements that were applied, one by one and in order."""
    try:
        founding = founding_in(entries[0]) if entries else None
    except ValidationError:  # told as a fault of the record
        return
    older = founding.heads if founding else {}
    order = [entry.digest for entry in entries if entry.entry is EntryKind.APPLIED]
    applied = [replay.applied[digest] for digest in order if digest in replay.applied]

    def differs(table: str, signed: list[tuple[Any, ...]], kept: _Kept) -> list[str]:
        rows = kept(store, election)[int(older.get(table, 0)) :]
        return (
            [] if sorted(map(repr, signed)) == sorted(map(repr, rows)) else ["they are not those that officers signed"]
        )

    for book, table, kind, said, kept in _BOOKS:
        signed = [said(statement) for statement in applied if statement.kind is kind]
        yield book, partial(differs, table, signed, kept)


def _of_officers(store: Store, election: ElectionCode) -> list[tuple[Any, ...]]:
    entries = store.staff.entries(election)
    return [(entry.act.value, entry.officer, entry.detail, entry.step.value, entry.by) for entry in entries]


def _of_organisations(store: Store, election: ElectionCode) -> list[tuple[Any, ...]]:
    acts = [admission for found in store.admissions.acts(election).values() for admission in found]
    acts.sort(key=lambda act: act.at)
    return [(act.organisation, act.act.value, act.officer) for act in acts]


def _of_erasures(store: Store, election: ElectionCode) -> list[tuple[Any, ...]]:
    entries = (entry for entry in Erasures(store.session).entries(election) if not _ends_a_class(entry))
    return [(entry.step.value, entry.ground, entry.officer, sorted(map(str, entry.applications))) for entry in entries]


def _of_endings(store: Store, election: ElectionCode) -> list[tuple[Any, ...]]:
    entries = (entry for entry in Erasures(store.session).entries(election) if _ends_a_class(entry))
    return [(entry.step.value, entry.ground, entry.officer) for entry in entries]


def _ends_a_class(entry: ErasureEntry) -> bool:
    return not entry.applications and entry.ground.startswith(RETENTION_OF)


_BOOKS: Sequence[
    tuple[
        str, str, ActKind,
        Callable[[Statement], tuple[Any, ...]], _Kept,
    ]
] = (
    ("officers' acts", "officer_act", ActKind.STAFF, lambda statement: (
        *(statement.terms[name] for name in ("act", "officer", "detail", "step")), statement.officer), _of_officers),
    ("organisations' acts", "organisation_act", ActKind.ORGANISATION, lambda statement: (
        statement.terms["organisation"], statement.terms["act"], statement.officer), _of_organisations),
    ("erasures", "erasure", ActKind.ERASE, lambda statement: (
        statement.terms["step"], statement.terms["ground"], statement.officer,
        sorted(map(str, statement.versions))), _of_erasures),
    ("retention", "retention", ActKind.RETAIN, lambda statement: (
        statement.terms["step"], statement.terms["ground"], statement.officer), _of_endings),
)  # fmt: skip


def words_of(store: Store, election: ElectionCode) -> Mapping[Sha256, StatementWords | None]:
    """Return the texts of statements that are not erased."""
    return store.statements.words(election)


def require_known(store: Store, election: ElectionCode, since: str) -> str:
    """Return what is wrong where the record does not go on from the head *since*, else nothing.

    Raises :class:`UnknownThingError` for a text that is no head.
    """
    number, _, head = since.partition(":")
    if not number.isdigit() or not head:
        raise UnknownThingError("head", since[:32])
    for entry in store.statements.entries(election):
        if entry.sequence == int(number):
            return "" if entry.hash == head else f"entry {number} is another one than was noted"
    return f"the record ends before entry {number}, which was noted: an older state was restored"
