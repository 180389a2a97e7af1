from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session, sessionmaker
from support.builders import (
    CASE,
    DECISION,
    ELECTION,
    ENGINE,
    FIRST,
    LATER,
    NOW,
    a_file,
    a_nomination,
    an,
)

from db.assignment.plans import StoredPlan
from db.credentials.serials import Reservation
from db.store import Store, open_reader, open_store
from db.tables.intake import ReturnedRow
from domain.application import events as e
from domain.application.application import Application
from domain.application.findings import Finding, Severity
from domain.application.reasons import ReasonCode
from domain.decisions.rulings import Decision, Outcome
from domain.election.geography import Geography
from domain.errors import ConcurrentChangeError, UnknownThingError
from domain.intake.nominations_file import ChunkCounts, RowProblem
from domain.messages import Message
from flows.rehearsal import valdara

Opened = sessionmaker[Session]
NOMINATION = an(e.NominationRecorded, ENGINE)
COURSE: list[e.Event] = [
    an(e.CompletenessConfirmed, ENGINE),
    an(e.ApplicationApproved, FIRST),
    an(e.RegionAssigned, ENGINE),
]


def opened_and(opened: Opened, *events: e.Event) -> Application:
    """Record the nomination and *events* in one store."""
    with open_store(opened) as store:
        application = store.applications.open(NOMINATION)
        for event in events:
            application = store.applications.record(application, event)
    return application


def rows(opened: Opened, table: str) -> int:
    with opened() as session:
        return session.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608 -- own names


def reservation(number: int, version: int = 8) -> Reservation:
    return Reservation(
        serial=f"VD-{number:06d}", election=ELECTION, application_id=CASE, application_version=version, number=number,
        status_index=number * 7, issued_at=NOW, valid_from=NOW, valid_until=LATER,
    )  # fmt: skip


def test_what_was_reserved_stays_reserved_until_it_is_issued(opened: Opened) -> None:
    opened_and(opened, *COURSE)
    with open_store(opened) as store:
        store.credentials.reserve([reservation(1)])
    with open_reader(opened) as store:
        assert store.credentials.reserved([CASE]) == {CASE: reservation(1)}
    for wrong in (reservation(1), reservation(1, version=9), reservation(2)):
        with pytest.raises(ConcurrentChangeError), open_store(opened) as store:
            store.credentials.reserve([wrong])
    line = {"serial": "VD-000001", "key_id": "ab", "token_sha256": "c" * 64, "badge_sha256": "d" * 64}
    with open_store(opened) as store:
        store.credentials.issue([line])
    with open_reader(opened) as store:
        assert store.credentials.reserved([CASE]) == {}
        assert store.counts.credentials(ELECTION) == {"issued": 1}
        assert store.credentials.state_of(ELECTION, "VD-000001") == "issued"
        assert store.credentials.badge_of("VD-000001") == "d" * 64
        assert store.credentials.state_of(ELECTION, "VD-000002") is None


def found(rule: str, about: str = "") -> Finding:
    return Finding(rule=rule, code=ReasonCode.D01, severity=Severity.CURE, fields=("photo",), about=about)


def test_every_version_of_a_person_is_kept_and_findings_belong_to_their_version(opened: Opened) -> None:
    first, second = a_nomination(), a_nomination(surname="LINDENGARD-OSEI")
    with open_store(opened) as store:
        application = store.applications.open(NOMINATION)
        store.people.put(application, first, now=NOW)
        store.people.note(application, [found("document_missing"), found("same_document", "a")], now=NOW)
    with open_store(opened) as store:
        store.people.note(application, [found("document_missing"), found("same_document", "b")], now=LATER)
    with open_reader(opened) as store:
        assert store.people.current([CASE, UUID(int=1)]) == {CASE: first}
        assert [one.about for one in store.people.findings_on([CASE])[CASE]] == ["", "a", "b"]
    with open_store(opened) as store:
        application = store.applications.record(application, an(e.NominationCorrected, ENGINE))
        store.people.put(application, second, now=LATER)
        store.people.note(application, [found("field_missing")], now=LATER)
    with open_reader(opened) as store:
        assert store.people.current([CASE]) == {CASE: second}
        assert [one.rule for one in store.people.findings_on([CASE])[CASE]] == ["field_missing"]
        assert store.people.codes_on_first_version(ELECTION) == {CASE: {"D01"}}
    assert rows(opened, "person") == 2
    with pytest.raises(ConcurrentChangeError), open_store(opened) as store:
        store.people.put(application, first, now=LATER)


def test_a_file_is_taken_once_by_its_content_and_closed_when_all_its_rows_are_accounted_for(opened: Opened) -> None:
    file = a_file()
    returned = RowProblem(
        number=4,
        outcome="returned",
        field="role",
        message=Message.of("cell_too_long", length=501, most=500),
        cells={"role": "x"},
    )
    with open_store(opened) as store:
        assert store.intake.take(file, rows=3, now=NOW)
        assert store.intake.take(a_file(organisation="ORG-02"), rows=3, now=NOW)
    with open_store(opened) as store:
        assert store.intake.take(file.revised(name="again.csv"), rows=3, now=LATER), "half taken in: go on"
        store.intake.put_chunk(file.id, 1, ChunkCounts(recorded=1, returned=1), [returned])
        assert store.intake.finish_counted(ELECTION, now=NOW) == []
    with pytest.raises(ConcurrentChangeError), open_store(opened) as store:
        store.intake.put_chunk(file.id, 1, ChunkCounts(recorded=2), [])
    with open_store(opened) as store:
        assert store.intake.chunks_done(file.id) == {1}
        store.intake.put_chunk(file.id, 2, ChunkCounts(unchanged=1), [])
    with open_store(opened) as store:
        assert store.intake.finish_counted(ELECTION, now=NOW) == [file.id]
        assert store.intake.finish_counted(ELECTION, now=NOW) == []
    with open_store(opened) as store:
        assert not store.intake.take(file, rows=3, now=LATER)
        report = next(one for one in store.intake.reports(ELECTION) if one.file == file)
        assert (report.counts, report.finished) == (ChunkCounts(recorded=1, returned=1, unchanged=1), True)
        assert store.intake.problems(file.id) == [returned]


def test_a_row_that_went_back_before_messages_were_codes_says_what_it_said(opened: Opened) -> None:
    file = a_file()
    old = {"file_id": file.id, "outcome": "returned", "field": "", "problem": "No.", "remedy": "Do.", "cells": {}}
    with open_store(opened) as store:
        assert store.intake.take(file, rows=2, now=NOW)
        store.flush()
        of_another_edition = {"code": "of_another_edition", "facts": {}, "hints": []}
        rows_ = [{**old, "number": 2, "message": None}, {**old, "number": 3, "message": of_another_edition}]
        store.session.execute(insert(ReturnedRow), rows_)
    with open_reader(opened) as store:
        for problem in store.intake.problems(file.id):
            assert (problem.message.problem("fr"), problem.message.remedy("zh")) == ("No.", "Do.")


def test_a_decision_keeps_its_facts(opened: Opened) -> None:
    opened_and(opened)
    decision = Decision(
        id=DECISION, application_id=CASE, officer="OFF-1", outcome=Outcome.REFUSE, reasons=(ReasonCode.R04,),
        facts="The register shows it.", proof="signature", at=NOW,
    )  # fmt: skip
    with open_store(opened) as store:
        store.decisions.put([decision])
    with open_store(opened) as store:
        assert store.decisions.of_application(CASE) == [decision]
        assert (store.decisions.facts(DECISION), store.decisions.facts(CASE)) == ("The register shows it.", "")


def test_rules_are_loaded_once_and_a_change_is_noticed(opened: Opened, land: Geography) -> None:
    profile = valdara()
    with open_store(opened) as store:
        secret = store.elections.secret(ELECTION)
        assert not store.elections.put(profile, land, now=LATER)
        changed = profile.revised(automatic_approval=False)
        assert store.elections.put(changed, land, now=LATER)
    with open_reader(opened) as store:
        assert store.elections.profile(ELECTION) == changed
        assert store.elections.geography(ELECTION) == land
        assert store.elections.secret(ELECTION) == secret
        assert len(secret) == 32
        assert store.elections.codes() == [ELECTION]
        with pytest.raises(UnknownThingError, match="no election NOWHERE-1"):
            store.elections.profile("NOWHERE-1")


def test_an_adopted_plan_is_carried_out_before_another_is_made(opened: Opened) -> None:
    plans = [StoredPlan(UUID(int=n), {"seed": n}, {"placements": {str(CASE): None}}) for n in (1, 2)]

    def state(store: Store) -> tuple[UUID | None, StoredPlan | None]:
        return store.plans.unfinished(ELECTION), store.plans.latest(ELECTION)

    with open_store(opened) as store:
        for plan, day in zip(plans, (1, 2), strict=True):
            store.plans.put(ELECTION, plan, now=NOW + timedelta(days=day))
    with open_store(opened) as store:
        store.plans.put(ELECTION, plans[0], now=LATER)
        assert state(store) == (plans[0].id, plans[1])
        store.plans.finish(plans[0].id, now=LATER)
    with open_reader(opened) as store:
        assert state(store) == (plans[1].id, plans[1])
        assert store.plans.get(plans[0].id) == plans[0]
        assert store.plans.places(plans[0].id).placements == plans[0].placements


@pytest.mark.parametrize("length", [200, 500])
def test_the_longest_fields_a_row_may_have_are_stored(opened: Opened, length: int) -> None:
    long = a_nomination(
        reference="x" * 200, surname="Ω" * length, given_names="\ufdfa" * length, document_number="9" * length
    )
    with open_store(opened) as store:
        application = store.applications.open(an(e.NominationRecorded, ENGINE))
        store.people.put(application, long.revised(birth_date=date(1900, 1, 1)), now=NOW)
    with open_reader(opened) as store:
        assert store.people.current([CASE])[CASE].surname == "Ω" * length
