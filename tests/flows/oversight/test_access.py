"""Who asks what is held about them gets all of it, in time, in their language, and nothing about anybody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from support.builders import ELECTION, a_nomination
from support.stages import AS_OF, Stages, deliver, due

from db.store import open_reader
from db.tables.catalogue import Base
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.errors import BadInputError
from domain.oversight.access import SOMEBODY_ELSE, IdentityCheck, masked
from domain.oversight.erasure import Marks
from domain.statements.officers import OfficerRefusedError
from domain.words import LANGUAGES
from flows.context import database
from flows.decisions.casework import write_note
from flows.decisions.openings import looks_table, record_opening
from flows.oversight.access import answer_request, as_data, note_request
from flows.oversight.answers import HEADINGS, answer_of, require_free, written_answer
from flows.oversight.counts import status_of
from flows.oversight.open_work import late_work, waiting_work
from flows.oversight.overview import audit
from flows.oversight.requests import requests_table
from flows.statements.acceptance import ActingOfficer
from notifications.oversight.answers import answer_pdf, answer_words

OFFICER = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)
CHECK, GROUND = IdentityCheck.DOCUMENT, "Request 2027-20"


@pytest.fixture
def issued(stages: Stages) -> Iterator[None]:
    with stages.copy("issued"):
        yield


def people() -> dict[UUID, Nomination]:
    with open_reader(database()) as store:
        return store.people.current([case.id for case in store.applications.all_in(ELECTION)])


def marks_of(person: Nomination) -> list[str]:
    found = (person.email, person.document_number, person.native_name, person.phone)
    return [mark for mark in found if len(mark) > 3]


def tables_that_name(person: Nomination) -> set[str]:
    """Return the tables in which something tells the person apart, read row by row."""
    marks = [mark.casefold() for mark in marks_of(person)]
    with open_reader(database()) as store:
        return {
            table.name
            for table in Base.metadata.sorted_tables
            for row in store.session.execute(select(table))
            if any(mark in json.dumps([str(one) for one in row], ensure_ascii=False).casefold() for mark in marks)
        }


@pytest.mark.usefixtures("issued")
def test_the_answer_has_all_that_is_held_of_the_person_and_nobody_else(tmp_path: Path) -> None:
    deliver()
    everybody = people()
    known = next(one for one in due(Status.CREDENTIALED) if everybody[one].photo and everybody[one].phone)
    me, neighbour = everybody[known], next(person for one, person in everybody.items() if one != known and person.phone)
    write_note(known, f"Not to be taken for {neighbour.name}, {neighbour.document_number}.", OFFICER)
    record_opening(ELECTION, "OFF-DEMO-2", "photo", known)
    held = answer_request(known, OFFICER, CHECK, ground=GROUND)
    said = json.dumps(as_data(held), ensure_ascii=False)
    assert all(mark in said for mark in marks_of(me))
    assert tables_that_name(me) - {"intake_row"} <= held.content.keys() | {"incoming_message", "reference_entry"}
    strangers = [person for one, person in everybody.items() if one != known]
    own = {*marks_of(me)}
    told = [mark for person in strangers for mark in marks_of(person) if mark not in own and mark in said]
    assert told == []
    assert neighbour.name not in said
    assert SOMEBODY_ELSE in said
    assert {"photo", "identity_page", "badge"} == {name.split()[0] for name in held.files}
    assert [(look["by"], look["what"]) for look in held.content["looks"]] == [
        ("OFF-DEMO-2", "photo"), ("OFF-DEMO-1", "answer"),
    ]  # fmt: skip
    pdf, data = written_answer(held, tmp_path / "answer.pdf")
    assert (pdf.stat().st_mode & 0o077, data.stat().st_mode & 0o077) == (0, 0)
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)).replace("\u200b", "")
    assert all(mark in text for mark in (me.document_number, me.surname, "OFF-DEMO-2", held.case.case_number))
    with pytest.raises(BadInputError, match="already"):
        require_free(tmp_path / "answer.pdf")
    assert audit(ELECTION).is_whole


@pytest.mark.usefixtures("issued")
def test_a_request_is_a_clock_from_when_it_arrived_until_it_is_answered() -> None:
    known = due(Status.CREDENTIALED)[0]
    asked = note_request(known, OFFICER, ground=GROUND)
    assert note_request(known, OFFICER, ground="Request again") == asked
    assert asked.due_at is not None
    assert asked.due_at.date() == (AS_OF + timedelta(days=30)).date()
    later = asked.due_at + timedelta(hours=1)
    assert "requests for access" in [pile.what for pile in waiting_work(ELECTION, status_of(ELECTION))]
    late = "requests for access past their time"
    assert late not in [pile.what for pile in late_work(ELECTION, now=asked.due_at)]
    assert late in [pile.what for pile in late_work(ELECTION, now=later)]
    with pytest.raises(OfficerRefusedError, match="case officer"):
        answer_request(known, replace(OFFICER, officer="OFF-AUDIT-1"), CHECK)
    answer_request(known, replace(OFFICER, now=later), IdentityCheck.ADDRESS)
    (row,) = requests_table(ELECTION, now=later)
    assert (row["stands"], row["identity"], row["ground"], row["officer"]) == ("late", "address", GROUND, "OFF-DEMO-1")
    assert requests_table(ELECTION, now=later, waiting=True) == []
    assert [line["what"] for line in looks_table(ELECTION, known)] == ["answer"]


@pytest.mark.usefixtures("issued")
def test_who_asks_without_a_file_number_is_asked_for_one_and_nothing_is_recorded() -> None:
    known = due(Status.CREDENTIALED)[0]
    for attempt in (lambda: note_request(known, OFFICER, ground=""), lambda: answer_request(known, OFFICER, CHECK)):
        with pytest.raises(BadInputError, match="ground"):
            attempt()
    assert requests_table(ELECTION, now=AS_OF) == []


def test_the_pages_speak_every_language_of_the_forms(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("issued"):
        held = answer_request(due(Status.CREDENTIALED)[0], OFFICER, CHECK, ground=GROUND)
        with open_reader(database()) as store:
            profile = store.elections.profile(ELECTION)
    for language in LANGUAGES:
        answer = answer_of(replace(held, language=language), profile)
        assert answer_words(language)["looks"] in [part.heading for part in answer.parts]
        assert answer_pdf(answer).startswith(b"%PDF")
        assert answer_words(language).keys() == answer_words("en").keys()


def test_each_table_is_told_under_a_heading_that_there_is() -> None:
    assert {*HEADINGS.values()} <= answer_words("en").keys()
    names = {table.name for table in Base.metadata.sorted_tables}
    assert HEADINGS.keys() - {"looks", "requests"} <= names


@given(
    st.lists(st.sampled_from(["Straße 4", "İzmir Ⅷ", "K1234567", "ODA LINDENGARD", "ava@mission.example"])), st.text()
)
def test_whatever_is_written_around_them_nobody_else_is_left_in_an_answer(parts: list[str], between: str) -> None:
    other = a_nomination(
        surname="LINDENGARD", given_names="ODA", native_name="İzmir Ⅷ", document_number="K1234567", email="straße 4@b.c"
    )
    own = a_nomination(surname="TORNEK", given_names="MILO", document_number="Z9", email="", native_name="")
    content = masked(
        [between.join(parts), {"x": parts[0] if parts else ""}], others=Marks.of([other]), own=Marks.of([own])
    )
    assert not Marks.of([other]).are_in(content)
