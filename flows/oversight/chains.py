"""The hash chains other than the histories of applications: what was changed outside the engine, book by book."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from db.journal import Book, content_hash
from db.oversight.erasures import Erasures
from db.oversight.stray import stray_rows
from db.oversight.unreadable import UNREADABLE, unreadable
from db.store import Store
from domain.errors import UnknownThingError
from domain.values import ElectionCode, Frozen, Sha256
from flows.assignment.plans.agreement import CASE_ELSEWHERE, faults_in_force

Kept = Mapping[str, tuple[datetime, Mapping[str, Any]]]
"""What lies in its own table now, by subject, and since when."""

BOOKS: Final = (
    "decisions",
    "officers' acts",
    "organisations' acts",
    "erasures",
    "serial ledger",
    *(book.value for book in Book),
    "signed acts",
    "officers",
    "rules",
    "log",
)


class BrokenLink(Frozen):
    """The first place at which a book does not add up."""

    book: str
    link: str

    def __str__(self) -> str:
        return f"{self.book}: {self.link}"


def misattributed(decided: Mapping[UUID, str], kept: Mapping[UUID, str]) -> BrokenLink | None:
    """Return the first decision that is not kept as the officer's who made it, going by the histories of the cases."""
    wrong = (f"{known} is not kept as {officer}'s" for known, officer in decided.items() if kept.get(known) != officer)
    unheard = (f"{known} is in no history" for known in kept if known not in decided)
    link = next(wrong, None) or next(unheard, None)
    return BrokenLink(book="decisions", link=link) if link else None


def restated(
    stated: Mapping[UUID, Sha256 | None],
    kept: Mapping[UUID, tuple[UUID, Sha256 | None, bool]],
    *,
    erased: Container[UUID],
) -> BrokenLink | None:
    """Return the first decision whose facts are not those that the history of its case has the hash of.

    Facts of an erased case are gone by right. What is older than signatures may have facts that no history states.
    """
    for decision, said in stated.items():
        if decision not in kept:
            continue  # whose it is cannot be right either, which is told of it already
        about, now, is_signed = kept[decision]
        if now != said and (now is not None or about not in erased) and (said or is_signed):
            return BrokenLink(book="decisions", link=f"the facts of {decision} were changed")
    return None


def told(store: Store, parts: Iterable[tuple[str, Callable[[], Iterable[str]]]]) -> Iterator[tuple[str, str]]:
    """Yield what each part finds, with its book; of a part that meets a row that cannot be read: which row that is."""
    for book, part in parts:
        try:
            yield from ((book, link) for link in part())
        except UNREADABLE as error:
            yield book, unreadable(store.session, error)


def broken_links(store: Store, election: ElectionCode) -> tuple[BrokenLink, ...]:
    """Return the first broken link of every book that has one."""

    def journalled(book: Book, kept: Callable[[ElectionCode], Kept]) -> tuple[str, Callable[[], str | None]]:
        return book.value, lambda: _journalled(store, election, book, kept(election))

    parts: Sequence[tuple[str, Callable[[], str | None]]] = (
        ("officers' acts", lambda: store.staff.broken(election)),
        ("organisations' acts", lambda: next(iter(store.admissions.broken(election)), None)),
        ("erasures", lambda: None if Erasures(store.session).is_whole(election) else "a step was changed"),
        ("serial ledger", lambda: _serials(store, election)),
        ("restores", lambda: _unsigned_restore(store, election)),
        journalled(Book.POLICIES, store.policies.kept),
        journalled(Book.PLANS, store.plans.kept),
        (Book.PLANS.value, lambda: _misplanned(store, election)),
        journalled(Book.RESOLUTIONS, store.sessions.kept),
        journalled(Book.LETTERS, store.letters.kept),
        (Book.DESK.value, lambda: store.journal.broken(election, Book.DESK)),
        ("stray rows", lambda: next(stray_rows(store.session), None)),
    )
    every = told(store, ((book, partial(_one_or_none, part)) for book, part in parts))
    return tuple(BrokenLink(book=book, link=link) for book, link in dict(reversed([*every])).items())


def _one_or_none(part: Callable[[], str | None]) -> list[str]:
    link = part()
    return [link] if link else []


def _serials(store: Store, election: ElectionCode) -> str | None:
    ledger = store.credentials.ledger(election)
    missing = (f"number {number} is missing" for number in ledger.missing)
    wrong = (f"{line.serial} is {line.state}, its case says {line.wanted}" for line in ledger.contradictions)
    beyond = (f"number {number} stands there and was never given out" for number in ledger.beyond)
    return next(iter([*missing, *wrong, *beyond]), None)


def _unsigned_restore(store: Store, election: ElectionCode) -> str | None:
    """Return the first restore after which work went on without an officer's signature under what it found."""
    for restoration in store.restorations.all_in(election):
        if restoration.statement is not None:
            try:
                signed = store.statements.get(election, restoration.statement).statement.terms
            except UnknownThingError:
                signed = {}
            if signed.get("found_sha256") != restoration.digest:
                return f"what is kept of the restore of {restoration.backup} is not what was signed"
    return None


def _misplanned(store: Store, election: ElectionCode) -> str | None:
    """Return the first fault that ``accredit plan check`` finds in the plan in force."""
    fault = next(iter(faults_in_force(store, election)), None)
    if fault is None:
        return None
    if fault.fault == CASE_ELSEWHERE:
        return f"{fault.subject} is not where the plan in force puts it"
    return f"the plan in force has faults ({fault.fault}: {fault.subject}); see accredit plan check"


def _journalled(store: Store, election: ElectionCode, book: Book, kept: Kept) -> str | None:
    if broken := store.journal.broken(election, book):
        return f"{broken} in the journal"
    return next(_differences(store, election, book, kept), None)


def _differences(store: Store, election: ElectionCode, book: Book, kept: Kept) -> Iterator[str]:
    """Yield what is not as it was when it was made. What is older than the journal was never in it."""
    journal = store.journal.contents(election, book)
    began = store.journal.began(election, book)
    for subject, content in journal.items():
        if subject not in kept:
            yield f"{subject} is gone"
        elif content_hash(kept[subject][1]) != content:
            yield f"{subject} was changed"
    for subject, (since, _) in kept.items():
        if subject not in journal and began is not None and since >= began:
            yield f"{subject} was never made by the engine"
