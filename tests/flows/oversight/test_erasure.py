"""Erasing: nothing of the person is left in database or file store, and every history still adds up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due

from db.oversight.erasing import tables_named
from db.store import open_reader, open_store
from db.tables.base import Base
from db.tables.letters import LetterRow
from domain.application.actors import ArrivalWay
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.errors import BadInputError
from domain.letters.envelope import LetterState
from domain.statements.officers import OfficerRefusedError
from flows.cli.app import main
from flows.context import database
from flows.decisions.casework import write_note
from flows.intake.entry import EnteredApplication, correct
from flows.intake.withdrawal import withdraw
from flows.issuance.publication.log import take_checkpoint
from flows.oversight.counts import status_of
from flows.oversight.erasure import ErasurePlan, confirm, erasures_table, plan_of, plan_of_all, propose
from flows.oversight.overview import audit
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer

FIRST, SECOND = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF), ActingOfficer("OFF-DEMO-2", ELECTION, AS_OF)
IDS_AND_CODES = frozenset({
    "acknowledgement",
    "admission", "agenda", "agreed_name", "alembic_version", "application", "application_alias", "application_event",
    "claim", "clock_mark", "drop_look", "election", "enrolment_link", "erasure", "intake_chunk", "intake_row",
    "journal", "key_edition", "log_checkpoint", "log_entry", "officer",
    "officer_act", "organisation", "organisation_act", "parcelled_letter", "plan", "pledge_text", "policy",
    "reference_entry", "reference_key", "reference_list", "restoration", "session", "statement", "webhook",
    "webhook_event",
})  # fmt: skip
"""Tables of ids, codes, counts and rules; of organisations' contacts, officers, and lists that the office was given."""


@pytest.fixture
def issued(stages: Stages) -> Iterator[Stages]:
    with stages.copy("issued"):
        yield stages


def send_all() -> None:
    """Count every letter as sent: what it takes to send them is tested elsewhere."""
    with open_store(database()) as store:
        store.session.execute(update(LetterRow).values(state=LetterState.SENT.value))


def person_of(known: UUID) -> Nomination:
    with open_reader(database()) as store:
        return store.people.current([known])[known]


def erase(plan: ErasurePlan, *, now: datetime = AS_OF) -> dict[str, int]:
    assert propose(plan, replace(FIRST, now=now), ground="Request 2027/14")
    return dict(confirm(plan, replace(SECOND, now=now)))


def everything_kept() -> str:
    """Return all rows of all tables and all files in the store, as text."""
    with open_reader(database()) as store:
        rows = [
            json.dumps([str(one) for one in row], ensure_ascii=False)
            for table in Base.metadata.sorted_tables
            if table.name not in {"reference_entry", "reference_key", "election"}
            for row in store.session.execute(select(table))
        ]
    files = [path.read_bytes() for path in (settings().home / "files").rglob("*") if path.is_file()]
    return "\n".join([*rows, *(content.decode("latin-1") for content in files)])


def marks_of(person: Nomination) -> tuple[str, ...]:
    found = (person.email, person.document_number, person.native_name, f"{person.given_names} {person.surname}")
    return tuple(mark for mark in found if len(mark) > 3)


def the_accredited() -> UUID:
    return next(one for one in due(Status.CREDENTIALED) if person_of(one).photo and person_of(one).email)


def test_of_one_person_nothing_is_left_and_every_history_adds_up(issued: Stages) -> None:
    del issued
    known = the_accredited()
    person = person_of(known)
    text = f"The officer called {person.name} about {person.document_number}."
    write_note(known, text, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    with pytest.raises(BadInputError, match="still needed"):
        plan_of(ELECTION, [known])
    withdraw(known, "applicant", ArrivalWay.PHONE, FIRST)
    send_all()
    plan = plan_of(ELECTION, [known])
    before, numbers = audit(ELECTION), status_of(ELECTION)
    assert all(mark in everything_kept() for mark in marks_of(person))
    propose(plan, FIRST, ground="Request 2027/14")
    assert not propose(plan, FIRST, ground="Request 2027/14")
    assert audit(ELECTION).is_whole  # a proposal that changes nothing is not put on record either
    with pytest.raises(OfficerRefusedError, match="second"):
        confirm(plan, FIRST)
    counts = confirm(plan, SECOND)
    assert min(counts[name] for name in ("versions of people", "letters", "texts", "files", "credentials")) > 0
    kept = everything_kept()
    assert [mark for mark in marks_of(person) if mark in kept] == []
    if settings().database_url.startswith("sqlite"):
        file = Path(settings().database_url.removeprefix("sqlite:///"))
        raw = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*")).decode("latin-1")
        assert not [mark for mark in marks_of(person) if mark.isascii() and mark in raw]
    after = audit(ELECTION)
    assert (after.broken, after.root, status_of(ELECTION)) == ((), before.root, numbers)
    assert len(erasures_table(ELECTION)) == 2

    again = plan_of(ELECTION, [known])
    assert (again.applications, again.already) == ((), 1)
    with pytest.raises(BadInputError, match="nothing to erase"):
        propose(again, FIRST, ground="")
    with pytest.raises(BadInputError, match="erased"):
        correct(known, EnteredApplication({"email": "new@mission.example"}), FIRST)
    neighbour = next(one for one in due(Status.CREDENTIALED) if person_of(one).photo)
    assert (settings().home / "files" / str(person_of(neighbour).photo)[:2] / str(person_of(neighbour).photo)).exists()


@pytest.mark.full
def test_everybody_goes_after_the_time_in_the_profile_and_not_before(
    issued: Stages, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del issued
    with open_reader(database()) as store:
        every = [application.id for application in store.applications.all_in(ELECTION)]
        people = list(store.people.current(every).values())
        closed = {Status.REFUSED, Status.REVOKED, Status.WITHDRAWN, Status.EXPIRED}
        left = [
            application.id for application in store.applications.all_in(ELECTION) if application.status not in closed
        ]
        until = store.elections.profile(ELECTION).kept_until
    assert until is not None
    with pytest.raises(BadInputError, match="kept until"):
        plan_of_all(ELECTION, now=until)
    later = until + timedelta(minutes=1)
    for one in left:
        withdraw(one, "organisation", ArrivalWay.PHONE, FIRST)
    send_all()
    take_checkpoint(ELECTION, now=AS_OF)
    root = audit(ELECTION).root
    erase(plan_of_all(ELECTION, now=later), now=later)
    with open_reader(database()) as store:
        assert not any(entry.salt for case in every for entry in store.log.entries(ELECTION, case))
    assert "log" not in {link.book for link in audit(ELECTION).links}
    kept = everything_kept()
    assert [mark for person in people for mark in marks_of(person) if mark in kept] == []
    assert (audit(ELECTION).root, audit(ELECTION).broken) == (root, ())
    names = ["accredit", "erase", "--all", "--json", "--as-of", later.strftime("%Y-%m-%dT%H:%M")]
    monkeypatch.setattr("sys.argv", names)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out) == {"to_erase": 0, "erased_already": len(every), "still_open": {}}


def test_every_table_is_erased_from_or_holds_no_person() -> None:
    assert {table.name for table in Base.metadata.sorted_tables} <= IDS_AND_CODES | tables_named()
