"""A breach drill names everybody whose data lay in the stolen part, nobody else, and the hour of the report."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update
from support.builders import ELECTION
from support.stages import AS_OF, Stages, deliver, due

from db.letters.letters import LetterFilter
from db.store import open_reader, open_store
from db.tables.letters import LetterRow
from domain.application.actors import ArrivalWay
from domain.application.application import case_number
from domain.application.held_classes import HeldClass
from domain.application.status import Status
from domain.errors import BadInputError, UnknownThingError
from domain.intake.mailbox import IncomingMessage
from domain.intake.message_states import MessageState
from domain.letters.envelope import LetterKind, LetterState
from domain.oversight.breach import LIES_IN, MEASURES, StolenPart
from domain.oversight.contradictions.contradiction import Contradiction
from domain.statements.officers import OfficerRefusedError
from domain.values import UtcTime
from flows.context import database
from flows.decisions.openings import looks_table
from flows.intake.withdrawal import withdraw
from flows.oversight import erasure
from flows.oversight.breaches import breach_of, breach_table, write_drafts
from flows.oversight.contradictions import check_election
from flows.oversight.counts import status_of
from flows.oversight.open_work import late_work, waiting_work
from flows.oversight.overview import audit
from flows.oversight.told_breaches import breaches_table, note_report, queue_letters
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer
from notifications.letters.words import words

FIRST, SECOND = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF), ActingOfficer("OFF-DEMO-2", ELECTION, AS_OF)


@pytest.fixture
def issued(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("issued"):
        yield


def everybody() -> set[str]:
    with open_reader(database()) as store:
        people = store.people.current([case.id for case in store.applications.all_in(ELECTION)])
    return {str(known) for known in people}


@pytest.mark.usefixtures("issued")
def test_a_stolen_database_is_everybodys_until_they_were_erased_and_reported_within_the_profiles_time() -> None:
    found = breach_of(ELECTION, [StolenPart.DATABASE], known_at=AS_OF)
    assert {str(known) for known in found.people} == everybody()
    assert found.due_at == AS_OF + timedelta(hours=72)
    with open_reader(database()) as store:
        supervisor = store.elections.profile(ELECTION).data_rights.supervisor
    assert breach_table(found)[0] == {
        "letter": "report", "to": supervisor, "number": 1, "until (UTC)": "2027-03-13 08:00",
    }  # fmt: skip
    assert sum(found.languages.values()) == len(found.people)
    known = due(Status.CREDENTIALED)[0]
    withdraw(known, "applicant", ArrivalWay.PHONE, FIRST)
    with open_store(database()) as store:
        store.session.execute(update(LetterRow).values(state=LetterState.SENT.value))
    plan = erasure.plan_of(ELECTION, [known])
    erasure.propose(plan, FIRST, ground="Request 2027-14")
    erasure.confirm(plan, SECOND)
    again = breach_of(ELECTION, [StolenPart.DATABASE], known_at=AS_OF)
    assert {*found.people} - {*again.people} == {known}


@pytest.mark.usefixtures("issued")
def test_a_roster_is_its_offices_people_and_an_office_must_be_one() -> None:
    with open_reader(database()) as store:
        placed = [case for case in store.applications.all_in(ELECTION) if case.office]
    office = placed[0].office
    found = breach_of(ELECTION, [StolenPart.ROSTER], known_at=AS_OF, office=office)
    assert {*found.people} == {case.id for case in placed if case.office == office}  # nobody has moved yet
    assert HeldClass.DOCUMENT not in found.classes
    assert found.organisations == ()
    with pytest.raises(BadInputError, match="--office"):
        breach_of(ELECTION, [StolenPart.ROSTER], known_at=AS_OF)
    with pytest.raises(UnknownThingError):
        breach_of(ELECTION, [StolenPart.ROSTER], known_at=AS_OF, office="OF-99")


@pytest.mark.usefixtures("issued")
def test_a_mailbox_is_whoever_was_written_to_as_its_letters_say() -> None:
    assert breach_of(ELECTION, [StolenPart.MAILBOX], known_at=AS_OF).people == ()
    deliver()
    found = {case_number(known) for known in breach_of(ELECTION, [StolenPart.MAILBOX], known_at=AS_OF).people}
    letters = [path.read_text("utf-8", "ignore") for path in (settings().maildir / "new").iterdir()]
    assert found == {number for number in map(case_number, _all()) if any(number in letter for letter in letters)}


@pytest.mark.usefixtures("issued")
def test_a_mailbox_has_what_came_and_the_rows_of_workbooks_with_all_that_stands_in_them() -> None:
    with open_store(database()) as store:
        sender = store.applications.all_in(ELECTION)[0].organisation
        store.incoming.put(
            IncomingMessage(
                id=UUID(int=1), election=ELECTION, received_at=AS_OF, state=MessageState.TAKEN, organisation=sender
            )
        )
        every = store.applications.all_in(ELECTION)
    came = breach_of(ELECTION, [StolenPart.MAILBOX], known_at=AS_OF)
    assert {*came.people} == {case.id for case in every if case.organisation == sender}
    assert came.organisations == (sender,)
    assert {HeldClass.DOCUMENT, HeldClass.IDENTITY, HeldClass.STATEMENT} <= {*came.classes}
    deliver()
    whole = breach_of(ELECTION, [StolenPart.DATABASE], known_at=AS_OF).without_case
    with open_reader(database()) as store:
        kinds = LetterFilter(kind=LetterKind.CORRECTIONS)
        mending = {letter.envelope.organisation for letter in store.letters.matching(ELECTION, kinds, limit=99)}
    sent = breach_of(ELECTION, [StolenPart.MAILBOX], known_at=AS_OF)
    assert sent.without_case == {code: count for code, count in whole.items() if code in {sender, *mending}}
    assert sent.without_case


def _all() -> list[UUID]:
    with open_reader(database()) as store:
        return [case.id for case in store.applications.all_in(ELECTION)]


@pytest.mark.usefixtures("issued")
@pytest.mark.parametrize("part", [StolenPart.KEYS, StolenPart.PUBLISHED])
def test_keys_and_what_is_public_hold_nobodys_data_and_say_what_to_do(part: StolenPart) -> None:
    found = breach_of(ELECTION, [part], known_at=AS_OF)
    assert (found.must_be_told, breach_table(found)) == (False, [])
    assert found.measures


@pytest.mark.usefixtures("issued")
def test_the_rehearsal_writes_each_letter_in_its_language_for_the_owner_only_and_records_the_looks(
    tmp_path: Path,
) -> None:
    encrypted = breach_of(ELECTION, [StolenPart.FILES], known_at=AS_OF)
    assert [path.name for path in write_drafts(encrypted, tmp_path / "one", by="account test")] == [
        "authority.txt", "recipients.csv",
    ]  # fmt: skip
    assert looks_table(ELECTION) == []
    found = breach_of(ELECTION, [StolenPart.FILES, StolenPart.KEYS], known_at=AS_OF)
    written = write_drafts(found, tmp_path / "drill", by="account test")
    assert all(path.stat().st_mode & 0o077 == 0 for path in written)
    with (tmp_path / "drill" / "recipients.csv").open(encoding="utf-8") as file:
        report, *rows = csv.DictReader(file)
    assert report["to"] == "breaches@inspectorate.example"
    assert len(rows) == len(found.people) + len(found.organisations)
    for row in rows[: len(found.people)]:
        letter = (tmp_path / "drill" / row["letter"]).read_text("utf-8")
        assert words(LetterKind.BREACH, row["language"])["heading.person"] in letter.splitlines()[0]
        assert row["about"] in letter
        assert not row["to"] or row["to"] not in letter
    assert f"People concerned: {len(found.people)}\n" in (tmp_path / "drill" / "authority.txt").read_text("utf-8")
    assert len(looks_table(ELECTION)) == len(found.people)


@pytest.mark.usefixtures("issued")
def test_an_officer_signs_for_the_letters_once_the_clock_runs_and_the_check_sees_who_was_not_told() -> None:
    found = breach_of(ELECTION, [StolenPart.DATABASE, StolenPart.KEYS], known_at=AS_OF).revised(facts="A backup.")
    for wrong in (found.revised(facts=""), found.revised(known_at=AS_OF + timedelta(hours=1))):
        with pytest.raises(BadInputError):
            queue_letters(wrong, FIRST)
    with pytest.raises(OfficerRefusedError):  # an auditor
        queue_letters(found, ActingOfficer("OFF-AUDIT-1", ELECTION, AS_OF))
    everybody_else = 1 + len(found.organisations)
    assert queue_letters(found, FIRST) == len(found.people) + everybody_else
    assert queue_letters(found, SECOND) == 0  # told once
    with open_reader(database()) as store:
        letters = store.letters.matching(ELECTION, LetterFilter(kind=LetterKind.BREACH))
        rights = store.elections.profile(ELECTION).data_rights
    assert {letter.envelope.application_id for letter in letters} - {None} == {*found.people}
    (report,) = [letter.envelope for letter in letters if letter.envelope.key.endswith(":report")]
    assert report.to == rights.supervisor_email == "breaches@inspectorate.example"
    assert found.due_at
    late = found.due_at + timedelta(minutes=1)
    assert [row["stands"] for row in breaches_table(ELECTION, now=AS_OF, waiting=True)] == ["open"]
    assert "accredit breaches" in {pile.next for pile in waiting_work(ELECTION, status_of(ELECTION))}
    assert "accredit breaches" in {pile.next for pile in late_work(ELECTION, now=late)}
    assert _told(AS_OF) == []
    known = next(letter.envelope.key for letter in letters if letter.envelope.application_id)
    with open_store(database()) as store:
        store.session.execute(update(LetterRow).where(LetterRow.key == known).values(state=LetterState.CANCELLED.value))
    assert [told.about for told in _told(AS_OF)] == [known.rpartition(":")[2]]
    assert [told.about for told in _told(late)] == [found.mark, known.rpartition(":")[2]]
    with pytest.raises(UnknownThingError):
        note_report("another", FIRST, ground="File 31")
    assert note_report(found.mark, FIRST, ground="File 31").ground == "File 31"
    assert breaches_table(ELECTION, now=late, waiting=True) == []
    assert found.mark not in {told.about for told in _told(late)}
    assert audit(ELECTION).is_whole


def _told(now: UtcTime) -> list[Contradiction]:
    return [told for told in check_election(ELECTION, now=now) if told.rule == "breach_told"]


def test_every_part_says_what_lies_in_it_and_what_to_do() -> None:
    assert LIES_IN.keys() == MEASURES.keys() == {*StolenPart}
