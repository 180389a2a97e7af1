"""Whoever gets an office's list, or a region's summary, says that it arrived; else it is late, and that is seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient
from support.builders import ELECTION
from support.signing import rewritten
from support.stages import AS_OF, Stages, assign, deliver
from support.visitor import Visitor
from typer.testing import CliRunner

from db.letters.letters import LetterFilter
from db.letters.outbox import QueuedLetter
from db.store import open_reader
from domain.assignment.acknowledgements import Recipient
from domain.errors import UnknownThingError
from domain.letters.asking import link_token
from domain.letters.envelope import LetterKind
from flows.assignment.acknowledgements import acknowledge_by_link, record_acknowledgement
from flows.cli.app import app
from flows.context import database
from flows.desk.address import Address
from flows.desk.application import create_app
from flows.oversight.contradictions import check_election
from flows.oversight.open_work import late_work, list_rows
from flows.settings import change_settings
from flows.statements.acceptance import ActingOfficer

DESK = "https://desk.commission.example"
OFFICER = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")


@pytest.fixture
def told(sqlite_stages: Stages) -> Iterator[None]:
    """Everybody is placed, and every list and summary has left."""
    with sqlite_stages.copy("decided"):
        change_settings({"desk_url": DESK, "as_of": AS_OF.isoformat()})
        assign()
        deliver(acknowledged=False)
        yield


def letters(kind: LetterKind) -> list[QueuedLetter]:
    with open_reader(database()) as store:
        return store.letters.matching(ELECTION, LetterFilter(kind=kind), limit=500)


def token_of(letter: QueuedLetter) -> str:
    with open_reader(database()) as store:
        secret = store.elections.secret(ELECTION)
    return link_token(secret, letter.envelope.key, str(letter.envelope.contents["mark"]))


def standing(recipient: Recipient) -> set[object]:
    return {row["stands"] for row in list_rows(ELECTION, now=AS_OF) if row["recipient"] == recipient}


@pytest.mark.usefixtures("told")
def test_the_local_administration_gets_how_many_come_and_nothing_of_teams_and_sites() -> None:
    with open_reader(database()) as store:
        land = store.elections.geography(ELECTION)
    halls = {region.local_administration.email for region in land.regions if region.local_administration}
    summaries = [letter.envelope for letter in letters(LetterKind.SUMMARY)]
    theirs = [letter for letter in summaries if letter.to in halls]
    assert {letter.to for letter in summaries} - halls, "the commission's representatives get theirs besides"
    assert theirs
    assert {(letter.contents["teams"], letter.contents["sites"]) for letter in theirs} == {(None, 0)}
    assert all(letter.contents["people"] for letter in theirs)
    assert all(len(letter.attachments) == 1 and "administration" in letter.attachments[0].filename for letter in theirs)


@pytest.mark.usefixtures("told")
def test_a_link_acknowledges_one_version_once_and_a_list_that_nobody_acknowledges_is_late() -> None:
    lists = [recipient for recipient in Recipient if recipient is not Recipient.STOCK]
    assert [standing(recipient) for recipient in lists] == [{"asked"}] * 3
    assert standing(Recipient.STOCK) == set(), "no badge changed hands"
    assert check_election(ELECTION, now=AS_OF + 23 * HOUR) == ()
    roster = letters(LetterKind.ROSTER)[0]
    acknowledge_by_link(ELECTION, token_of(roster), now=AS_OF)
    with pytest.raises(UnknownThingError):
        acknowledge_by_link(ELECTION, token_of(roster), now=AS_OF)
    late = AS_OF + 25 * HOUR
    rows = list_rows(ELECTION, now=late, late=True)
    found = [told for told in check_election(ELECTION, now=late) if told.rule == "list_acknowledged"]
    (pile,) = [pile for pile in late_work(ELECTION, now=late) if "acknowledged" in pile.what]
    assert pile.number == len(rows) == len(found) == len(list_rows(ELECTION, now=late)) - 1
    shown = CliRunner().invoke(app, ["overdue", "--as-of", f"{late:%Y-%m-%dT%H:%M}", "--json"])
    assert len(rows) == shown.output.count('"stands": "late"'), shown.output


@pytest.mark.usefixtures("told")
def test_an_officer_records_what_was_replied_about_the_last_version() -> None:
    row = next(row for row in list_rows(ELECTION, now=AS_OF) if row["recipient"] == Recipient.ADMINISTRATION)
    with pytest.raises(UnknownThingError):
        record_acknowledgement(Recipient.ADMINISTRATION, str(row["of"]), 7, OFFICER, way="reply")
    command = ["office", "acknowledge", "administration", str(row["of"]), "1", "--officer", "OFF-DEMO-1"]
    for told in ("Recorded.", "already"):
        done = CliRunner().invoke(app, command)
        assert (done.exit_code, told in done.output) == (0, True), done.output
    assert standing(Recipient.ADMINISTRATION) >= {"acknowledged by reply"}


@pytest.mark.usefixtures("told")
def test_the_page_behind_the_link_shows_whose_list_it_is_and_takes_one_answer() -> None:
    address = Address.of(change_settings({"as_of": AS_OF.isoformat(), "desk_url": DESK}))
    visitor = Visitor(TestClient(create_app(address), base_url=address.origin), address.origin)
    assert 'data-link="/received"' in visitor.client.get("/received/en").text
    letter = letters(LetterKind.SUMMARY)[0]
    assert str(letter.envelope.contents["link"]).startswith(f"{DESK}/received/")
    said = {"token": token_of(letter), "language": "en"}
    assert visitor.post("/received/read", said).json()["asked"]["name"] == letter.envelope.contents["region"]
    assert "done" in visitor.post("/received", said).json()
    for body in (said, {"token": ""}, {}):
        assert visitor.post("/received", body).status_code == 403


def test_where_the_profile_asks_nobody_no_letter_asks_and_nothing_is_late(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("decided"):
        with open_reader(database()) as store:
            profile = store.elections.profile(ELECTION)
        rewritten(profile=profile.revised(letters=profile.letters.revised(acknowledge_hours=None)))
        assign()
        assert list_rows(ELECTION, now=AS_OF) == []
        assert {letter.envelope.contents["due"] for letter in letters(LetterKind.ROSTER)} == {None}
