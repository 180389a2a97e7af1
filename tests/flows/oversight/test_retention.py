"""Each class of data ends when its time is over, by two officers; what is still needed stays and says why."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from support.builders import ELECTION, a_nomination
from support.stages import AS_OF, Kept, Stages, deliver, due

from db.journal import Book, touch
from db.oversight.ending import Ending
from db.oversight.erasures import Erasures
from db.store import open_reader, open_store
from db.tables.intake import IntakeChunkRow
from db.tables.letters import LetterRow
from db.tables.organisations import OrganisationRow
from domain.application.actors import ArrivalWay
from domain.application.held_classes import FIELDS, HeldClass, without
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.errors import BadInputError
from domain.letters.envelope import LetterState
from domain.statements.officers import OfficerRefusedError
from flows.context import database
from flows.intake.withdrawal import withdraw
from flows.oversight import erasure
from flows.oversight.contradictions import check_election
from flows.oversight.erasure import erasures_table
from flows.oversight.overview import audit
from flows.oversight.retention import class_plans, confirm, due_classes, propose, retention_table
from flows.settings import change_settings, settings
from flows.statements.acceptance import ActingOfficer
from flows.storage.files import file_store

FIRST, SECOND = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF), ActingOfficer("OFF-DEMO-2", ELECTION, AS_OF)
MOST_OVER, ALL_OVER = datetime(2027, 7, 15, tzinfo=UTC), datetime(2027, 12, 1, tzinfo=UTC)
CODES = {"role", "accepted_notices", "pledge_accepted_on", "pledge_text", "unreadable", "remarks"}


@pytest.fixture
def issued(stages: Stages) -> Iterator[Kept]:
    with stages.copy("issued") as kept:
        yield kept


@pytest.fixture
def issued_here(sqlite_stages: Stages) -> Iterator[Kept]:
    """Give the same on SQLite only: for folders, and for words of tables."""
    with sqlite_stages.copy("issued") as kept:
        yield kept


def person_of(known: UUID) -> Nomination:
    with open_reader(database()) as store:
        return store.people.current([known])[known]


def one_closed() -> UUID:
    """Return one accredited person whose case is closed now; nothing waits to be sent."""
    known: UUID = next(one for one in due(Status.CREDENTIALED) if person_of(one).photo)
    withdraw(known, "applicant", ArrivalWay.PHONE, FIRST)
    with open_store(database()) as store:
        store.session.execute(update(LetterRow).values(state=LetterState.SENT.value))
    return known


def test_every_field_of_a_nomination_is_in_one_class_or_is_a_code() -> None:
    sorted_out = [name for names in FIELDS.values() for name in names]
    assert len(sorted_out) == len({*sorted_out})
    assert {*sorted_out} | CODES == {*Nomination.model_fields}


@given(st.sampled_from(sorted(FIELDS)))
def test_what_is_left_of_a_person_is_a_nomination_without_the_class(held_class: HeldClass) -> None:
    body = a_nomination(phone="+1 555 0100", disclosure="Nothing.").model_dump(mode="json")
    left = without(body, held_class)
    assert without(left, held_class) == left
    Nomination.model_validate(left)
    assert {name for name in left if left[name] != body[name]} <= {*FIELDS[held_class]}


def test_at_its_time_a_class_of_closed_cases_is_wiped_by_two_officers_and_every_history_adds_up(issued: Kept) -> None:
    del issued
    known, other = one_closed(), due(Status.CREDENTIALED)[0]
    before, neighbour, contradictions = person_of(known), person_of(other), check_election(ELECTION, now=MOST_OVER)
    with open_store(database()) as store:
        chunk = store.session.scalars(select(IntakeChunkRow)).first()
        assert chunk is not None
        chunk.notes = ["Row 3: a file is called like AVA LINDENGARD."]
        touch(store.session, Book.CHUNKS, [(chunk.file_id,)])
    assert due_classes(ELECTION, now=AS_OF) == []
    with pytest.raises(BadInputError, match="no time is over"):
        propose(FIRST)
    assert {HeldClass.PHOTO, HeldClass.DOCUMENT, HeldClass.LIST} <= {*propose(replace(FIRST, now=MOST_OVER))}
    with pytest.raises(OfficerRefusedError, match="second"):
        confirm(replace(FIRST, now=MOST_OVER))
    counts = confirm(replace(SECOND, now=MOST_OVER))
    assert min(counts[name] for name in ("photo", "document", "identity", "list", "arrival", "files")) > 0
    left = person_of(known)
    assert (left.photo, left.document_number, left.birth_date, left.identity_page) == (None, "", None, None)
    assert (left.surname, left.email) == (before.surname, before.email)
    assert person_of(other) == neighbour
    assert all(not _is_stored(name) for name in (before.photo, before.identity_page) if name)
    assert neighbour.photo is None or _is_stored(neighbour.photo)
    assert audit(ELECTION).is_whole
    assert check_election(ELECTION, now=MOST_OVER) == contradictions
    assert due_classes(ELECTION, now=MOST_OVER) == []
    with open_reader(database()) as store:
        assert not any(store.session.scalars(select(IntakeChunkRow.notes)))
    register = [row["ground"] for row in erasures_table(ELECTION) if row["step"] == "confirmed"]
    assert f"retention of photo: {counts['photo']}" in register


def _is_stored(name: str) -> bool:
    try:
        return bool(file_store().get(name))
    except Exception:  # noqa: BLE001 -- it is gone
        return False


@pytest.mark.usefixtures("issued_here")
def test_what_stays_says_why() -> None:
    reasons = {str(row["class"]): str(row["stays because"]) for row in retention_table(ELECTION, now=MOST_OVER)}
    assert reasons["name"].startswith("art. 17(1)")
    assert "2027-" in reasons["contact"]
    assert "cases are not closed" in reasons["photo"]


@pytest.mark.usefixtures("issued_here")
def test_a_proposal_that_nobody_made_is_not_confirmed_and_an_administrator_cannot() -> None:
    one_closed()
    with pytest.raises(BadInputError, match="nobody has proposed"):
        confirm(replace(SECOND, now=MOST_OVER))
    with pytest.raises(OfficerRefusedError):
        propose(replace(FIRST, officer="OFF-ADMIN-1", now=MOST_OVER))
    assert erasures_table(ELECTION) == []


def test_contact_persons_and_copies_outside_the_database_go_when_their_time_is_over(
    issued: Kept, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    change_settings({"drop_folder": drop})
    deliver()
    one_closed()
    for place in ("taken/ORG-01/1", "refused/without-folder/1", "quarantined/ORG-01/1"):
        (drop / place).mkdir(parents=True)
        (drop / place / "list.csv").write_text("surname")
    (drop / "fresh.csv").write_text("surname")
    settings().desk_uploads.mkdir(exist_ok=True)
    (settings().desk_uploads / "one").write_text("surname")
    (issued.home / "returned-valdara-2027.csv").write_text("surname")
    assert [*(settings().maildir / "new").iterdir()]
    propose(replace(FIRST, now=ALL_OVER))
    counts = confirm(replace(SECOND, now=ALL_OVER))
    assert [path.name for path in drop.rglob("*") if path.is_file()] == ["fresh.csv"]
    gone = [settings().maildir, settings().desk_uploads]
    assert [path for folder in gone for path in folder.rglob("*") if path.is_file()] == []
    assert not (issued.home / "returned-valdara-2027.csv").exists()
    with open_reader(database()) as store:
        bodies = store.session.scalars(select(OrganisationRow.body)).all()
        assert {body["focal_point"]["email"] for body in bodies} == {"erased"}
        assert Ending(store.session, ELECTION, ()).count(HeldClass.LIST) == 0
        told = {entry.ground for entry in Erasures(store.session).entries(ELECTION)}
    assert counts["mail"] > 0
    assert {f"retention of {kind}: {counts[kind]}" for kind in ("mail", "arrival")} <= told
    assert audit(ELECTION).is_whole


def still_needed(*_: object) -> tuple[str, ...]:
    return ("OTHER-2031",)


@pytest.mark.usefixtures("issued_here")
def test_folders_stay_while_another_election_needs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver()
    one_closed()
    monkeypatch.setattr("flows.oversight.retention._needing", still_needed)
    mail = next(plan for plan in class_plans(ELECTION, now=ALL_OVER) if plan.held_class is HeldClass.MAIL)
    assert "OTHER-2031" in mail.stays_because(ALL_OVER)
    for officer, step in ((FIRST, propose), (SECOND, confirm)):
        step(replace(officer, now=ALL_OVER))
    assert [*(settings().maildir / "new").iterdir()]


@pytest.mark.usefixtures("issued_here")
def test_an_erasure_of_one_person_reaches_their_copies_and_nobody_elses(tmp_path: Path) -> None:
    change_settings({"drop_folder": tmp_path / "drop"})
    deliver()
    known = one_closed()
    me, others = person_of(known), [person_of(one) for one in due(Status.CREDENTIALED)]
    place = tmp_path / "drop" / "refused" / "ORG-01" / "1"
    place.mkdir(parents=True)
    with zipfile.ZipFile(place / "mine.xlsx", "w") as workbook:
        workbook.writestr("xl/sharedStrings.xml", f"<t>{me.document_number}</t>")
    parcel = EmailMessage()
    parcel["To"], parcel["Subject"] = "focal@mission.example", "Parcel"
    parcel.set_content("Letters.")
    parcel.add_attachment((place / "mine.xlsx").read_bytes(), maintype="application", subtype="zip", filename="p.zip")
    (settings().maildir / "new" / "parcel").write_bytes(parcel.as_bytes())
    (place / "others.csv").write_text(others[0].document_number)
    plan = erasure.plan_of(ELECTION, [known])
    erasure.propose(plan, FIRST, ground="Request 2027-14")
    counts = erasure.confirm(plan, SECOND)
    assert counts["copies"] > 1
    assert [path.name for path in place.iterdir()] == ["others.csv"]
    assert not (settings().maildir / "new" / "parcel").exists()
    kept = b"".join(path.read_bytes() for path in settings().maildir.rglob("*") if path.is_file()).decode("latin-1")
    assert me.email not in kept
    assert any(person.email in kept for person in others)
