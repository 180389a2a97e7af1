from __future__ import annotations

from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker
from support.builders import (
    CASE,
    ELECTION,
    ENGINE,
    FIRST,
    NOW,
    SECOND,
    a_nomination,
    an,
    an_envelope,
)
from support.threads import at_once

from db.journal import Book
from db.store import open_reader, open_store
from domain.application import events as e
from domain.application.application import Application, TransitionRefusedError
from domain.application.chain import head
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.errors import ConcurrentChangeError, UnknownThingError

Opened = sessionmaker[Session]
NOMINATION = an(e.NominationRecorded, ENGINE)
COURSE: list[e.Event] = [
    NOMINATION,
    an(e.DeficiencyNoted, ENGINE, reasons=(ReasonCode.D01, ReasonCode.D06)),
    an(e.NominationCorrected, ENGINE, late=True),
    an(e.CompletenessConfirmed, ENGINE),
    an(e.ApplicationReferred, ENGINE),
    an(e.RefusalProposed, FIRST),
    an(e.ProposalReturned, SECOND),
    an(e.ApplicationApproved, FIRST),
    an(e.RegionAssigned, ENGINE, region=None, office=None),
    an(e.RegionAssigned, ENGINE),
    an(e.CredentialIssued, ENGINE),
    an(e.CredentialSuspended, FIRST, reasons=(ReasonCode.V02,)),
    an(e.RevocationProposed, FIRST, reasons=(ReasonCode.V03,)),
    an(e.AccreditationRevoked, SECOND, reasons=(ReasonCode.V03,)),
    an(e.AppealLodged, ENGINE),
    an(e.AppealGranted, SECOND),
]


def recorded(opened: Opened, *events: e.Event) -> Application:
    """Record *events* after the nomination, in one store."""
    with open_store(opened) as store:
        application = store.applications.open(NOMINATION)
        for event in events:
            application = store.applications.record(application, event)
    return application


def counted(opened: Opened) -> dict[str, int]:
    tables = ("application", "application_event", "person", "finding", "letter", "decision", "credential")
    with opened() as session:
        return {table: session.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in tables}  # noqa: S608 -- own names


@pytest.mark.parametrize("at_a_time", [1, 5, len(COURSE)])
def test_a_recorded_history_replays_to_the_stored_row_however_it_was_recorded(opened: Opened, at_a_time: int) -> None:
    rest = COURSE[1:]
    with open_store(opened) as store:
        store.applications.open(NOMINATION)
    for place in range(0, len(rest), at_a_time):
        with open_store(opened) as store:
            application = store.applications.get(CASE)
            for event in rest[place : place + at_a_time]:
                application = store.applications.record(application, event)
    with open_reader(opened) as store:
        history, stored = store.applications.history(CASE), store.applications.get(CASE)
        assert history == COURSE
        assert Application.replayed(history) == stored == application
        assert store.applications.heads([CASE]) == {CASE: head(COURSE)}
        events = store.applications.stored_events([CASE])[CASE]
        assert [row.hash for row in events] == [head(COURSE[: n + 1]) for n in range(len(COURSE))]
        ends = store.journal.heads(ELECTION)
        at_the_end = {book: store.journal.hash_at(ELECTION, book, number) for book, (number, _) in ends.items()}
        assert {Book.CASES, Book.HISTORIES} <= ends.keys()
        assert at_the_end == {book: last for book, (_, last) in ends.items()}
        assert not any(store.journal.hash_at(ELECTION, book, number + 1) for book, (number, _) in ends.items())
        assert store.counts.applications(ELECTION) == {Status.CREDENTIALED: 1}
        assert stored.received_at.utcoffset() == timedelta()


def test_a_store_keeps_all_or_nothing(opened: Opened) -> None:
    before = counted(opened)
    with pytest.raises(RuntimeError, match="in the middle"), open_store(opened) as store:  # noqa: PT012 -- one store
        application = store.applications.open(NOMINATION)
        store.people.put(application, a_nomination(), now=NOW)
        store.outbox.put(ELECTION, an_envelope(application_id=CASE), now=NOW)
        store.flush()
        raise RuntimeError("in the middle")
    assert counted(opened) == before
    with open_reader(opened) as store:
        store.applications.open(NOMINATION)
        store.flush()
    assert counted(opened) == before


def test_a_letter_without_its_application_takes_everything_of_the_store_with_it(opened: Opened) -> None:
    with pytest.raises(ConcurrentChangeError), open_store(opened) as store:  # noqa: PT012 -- one store
        store.applications.open(NOMINATION)
        store.outbox.put(ELECTION, an_envelope(application_id=UUID(int=404)), now=NOW)
    assert not any(counted(opened).values())


def test_a_stale_copy_cannot_be_recorded(opened: Opened) -> None:
    stale = recorded(opened, *COURSE[1:5])
    with open_store(opened) as store:
        store.applications.record(store.applications.get(CASE), an(e.ApplicationApproved, FIRST))
    with pytest.raises(ConcurrentChangeError) as refused, open_store(opened) as store:
        store.applications.record(stale, an(e.RefusalProposed, SECOND))
    assert refused.value.retryable
    with open_reader(opened) as store:
        assert store.applications.get(CASE).status is Status.APPROVED
        assert store.applications.heads([CASE])[CASE] == head(store.applications.history(CASE))


@pytest.mark.parametrize("attempt", range(3))
def test_two_officers_at_the_same_instant_make_one_decision(opened: Opened, attempt: int) -> None:
    del attempt
    recorded(opened, *COURSE[1:5])

    def deciding(event: e.Event) -> Any:
        def decide(barrier: Barrier) -> Status:
            barrier.wait()
            with open_store(opened) as store:
                return store.applications.record(store.applications.get(CASE), event).status

        return decide

    answers = at_once(*(deciding(an(e.ApplicationApproved, officer)) for officer in (FIRST, SECOND)))
    assert sorted(type(answer).__name__ for answer in answers if isinstance(answer, Exception)) in (
        ["ConcurrentChangeError"],
        ["TransitionRefusedError"],
    )
    assert [answer for answer in answers if not isinstance(answer, Exception)] == [Status.APPROVED]
    problem = next(
        str(answer) for answer in answers if isinstance(answer, ConcurrentChangeError | TransitionRefusedError)
    )
    assert "at the same moment" in problem or "is approved" in problem
    with open_reader(opened) as store:
        history = store.applications.history(CASE)
        assert [type(one) for one in history].count(e.ApplicationApproved) == 1
        assert store.applications.heads([CASE])[CASE] == head(history)


def test_serial_numbers_never_come_twice_though_many_reserve_at_once(opened: Opened) -> None:
    def reserve(barrier: Barrier) -> list[int]:
        taken: list[int] = []
        barrier.wait()
        for count in (1, 5, 2, 4):
            with open_store(opened) as store:
                first = store.elections.next_serials(ELECTION, count)
            taken += range(first, first + count)
        return taken

    answers = at_once(reserve, reserve, reserve)
    numbers = [number for answer in answers if isinstance(answer, list) for number in answer]
    assert sorted(numbers) == list(range(1, 37))
    with pytest.raises(UnknownThingError), open_store(opened) as store:
        store.elections.next_serials("NOWHERE-1", 1)
