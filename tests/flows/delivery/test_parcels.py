"""Parcels: organisations get what concerns their people one by one together, persons their own letters."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select, update
from support.builders import ELECTION
from support.stages import AS_OF, Stages, deliver, due

from db.letters.letters import LetterFilter
from db.letters.outbox import QueuedLetter, Settlement
from db.store import open_reader, open_store
from db.tables.letters import LetterRow
from domain.application.status import Status
from domain.letters.envelope import LetterKind, LetterState
from domain.letters.parcels import STAGE_OF
from flows.context import database, election_context
from flows.delivery.notices import start_clocks
from flows.delivery.parcels import make_parcels, set_apart
from flows.delivery.recipients import mail_by_recipient
from flows.election.archiving import archive
from flows.oversight.contradictions import check_election
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer

HOUR = timedelta(hours=1)


@pytest.fixture
def issued(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("issued"):
        yield


@pytest.fixture
def taken_in(stages: Stages) -> Iterator[None]:
    with stages.copy("taken in"):
        yield


def gather(later: timedelta = timedelta()) -> int:
    profile = election_context(ELECTION, AS_OF).profile
    set_apart(ELECTION, profile)
    return make_parcels(ELECTION, profile, now=AS_OF + later)


def letters(kind: LetterKind | None = None) -> list[QueuedLetter]:
    with open_reader(database()) as store:
        return store.letters.matching(ELECTION, LetterFilter(kind=kind), limit=10_000)


def messages() -> list[EmailMessage]:
    return [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((Path(settings().maildir) / "new").iterdir())
    ]


def packed(message: EmailMessage) -> ZipFile:
    (attached,) = message.iter_attachments()
    return ZipFile(BytesIO(attached.get_content()))


@pytest.mark.usefixtures("issued")
def test_an_organisation_gets_one_message_a_stage_with_everything_in_it() -> None:
    before = {mail.recipients: mail for mail in mail_by_recipient(ELECTION)}
    written = [letter for letter in letters() if letter.envelope.kind in STAGE_OF and letter.envelope.organisation]
    assert gather() > 0
    assert gather() == 0, "what is in a parcel goes in no other"
    assert deliver() == sum(letter.state is not LetterState.GATHERED for letter in letters())
    after = {mail.recipients: mail for mail in mail_by_recipient(ELECTION)}
    assert after["organisations"].most <= 12 < before["organisations"].most
    assert after["persons"] == before["persons"]
    assert not any(message["Cc"] for message in messages() if "badge" in str(message["Subject"]).lower())
    listed: Counter[str] = Counter()
    brought = 0
    for message in messages():
        if "nominees" not in str(message["Subject"]):
            continue
        archive = packed(message)
        rows = [*csv.reader(StringIO(archive.read("list.csv").decode("utf-8-sig")))][1:]
        pages = [name for name in archive.namelist() if name.endswith(".html")]
        assert [row[0] for row in rows] == [name.partition(" ")[0] for name in pages]
        assert all(
            row[1] in archive.read(name).decode()
            for row, name in zip(rows, pages, strict=True)
            if "&" not in row[1] and "'" not in row[1]
        )
        listed.update(row[2] for row in rows)
        brought += sum(name.endswith(".pdf") for name in archive.namelist())
    badges = sum(letter.envelope.kind is LetterKind.CREDENTIAL for letter in written)
    assert brought == badges == listed["Badges"]
    assert listed.total() == sum(letter.envelope.kind is not LetterKind.REFERRAL for letter in written)


@pytest.mark.usefixtures("issued")
def test_two_letters_about_one_version_of_a_case_are_two_files_of_an_archive() -> None:
    fresh = letters(LetterKind.RECEIPT)[0].envelope
    with open_store(database()) as store:
        kind, known, version = fresh.key.split(":")
        store.outbox.put(ELECTION, fresh.revised(key=f"{kind}:again-{known}:{version}"), now=AS_OF)
    gather()
    deliver()
    names = [name for mail in messages() if "nominees" in str(mail["Subject"]) for name in packed(mail).namelist()]
    number = fresh.contents["case_number"]
    assert {f"{number} receipt {version}.html", f"{number} receipt {version} 2.html"} <= set(names)


@pytest.mark.usefixtures("issued")
def test_what_comes_soon_after_a_parcel_waits_for_the_next_one() -> None:
    assert gather() > 0
    fresh = letters(LetterKind.RECEIPT)[0]
    with open_store(database()) as store:
        again = fresh.envelope.revised(key=f"{fresh.envelope.key}:again")
        store.outbox.put(ELECTION, again, now=AS_OF)
    assert gather(HOUR) == 0
    assert gather(4 * HOUR) == 1


@pytest.mark.usefixtures("issued")
@pytest.mark.parametrize(("leave", "state"), [(list, LetterState.CANCELLED), (deliver, LetterState.GATHERED)])
def test_archiving_stops_letters_in_a_parcel_that_waits_and_none_that_it_has_brought(
    leave: Callable[[], object], state: LetterState
) -> None:
    gather()
    leave()
    in_parcels = {letter.envelope.key for letter in letters() if letter.state is LetterState.GATHERED}
    assert in_parcels
    for officer in ("OFF-ADMIN-1", "OFF-ADMIN-2"):
        archive("Archives Act, art. 4", ActingOfficer(officer, ELECTION, AS_OF))
    after = {letter.state for letter in letters() if letter.envelope.key in in_parcels}
    assert after == {state}


@pytest.mark.usefixtures("issued")
def test_a_letter_that_is_cancelled_before_its_parcel_leaves_is_not_in_it() -> None:
    gather()
    receipts = letters(LetterKind.RECEIPT)
    code = receipts[0].envelope.organisation
    own = [letter.envelope.application_id for letter in receipts if letter.envelope.organisation == code]
    with open_store(database()) as store:
        gone = store.letters.overtake(ELECTION, [LetterKind.RECEIPT], [known for known in own if known], now=AS_OF)
    assert gone == len(own)
    deliver()
    parcels = [letter for letter in letters(LetterKind.PARCEL) if letter.envelope.organisation == code]
    states = {letter.envelope.key.split(":")[1]: letter.state for letter in parcels}
    assert states["intake"] is LetterState.CANCELLED
    assert states["issuance"] is LetterState.SENT
    with open_store(database()) as store:
        known = next(
            letter.envelope.application_id
            for letter in letters(LetterKind.RECEIPT)
            if letter.state is LetterState.GATHERED
        )
        assert known
        assert not store.letters.overtake(ELECTION, [LetterKind.RECEIPT], [known], now=AS_OF), "it has left"


@pytest.mark.usefixtures("taken_in")
def test_every_time_in_a_parcel_begins_when_the_parcel_arrives() -> None:
    asked = due(Status.INCOMPLETE)
    _without_addresses()
    gather()
    later = AS_OF + 5 * HOUR
    start_clocks(ELECTION, now=later)
    with open_reader(database()) as store:
        before = {known: store.applications.get(known).due_at for known in asked}
        assert all(notice.accepted_at is None for notice in store.notices.requests(asked).values())
    period = election_context(ELECTION, AS_OF).profile.cure_due(AS_OF) - AS_OF
    with open_store(database()) as store:
        keys = [letter.envelope.key for letter in letters(LetterKind.PARCEL)]
        store.outbox.settle([Settlement(key, LetterState.SENT, "250 2.0.0 Ok") for key in keys], now=later)
    assert start_clocks(ELECTION, now=later) == len(asked) > 1
    with open_reader(database()) as store:
        ends = {known: store.applications.get(known).due_at for known in asked}
    assert set(ends.values()) == {later + period}
    assert all(ends[known] != before[known] for known in asked)
    assert check_election(ELECTION, now=later + HOUR) == ()


def _without_addresses() -> None:
    """Let every letter that asks for something go to the focal point alone, as where a person has no address."""
    with database().begin() as session:
        rows = session.execute(select(LetterRow.key, LetterRow.body).where(LetterRow.kind == "deficiency")).all()
        for key, body in rows:
            alone = {**body, "to": body["copy_to"] or body["to"], "copy_to": "", "copy_language": None}
            session.execute(update(LetterRow), [{"key": key, "body": alone}])
