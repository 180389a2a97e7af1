"""The page behind a letter's link: for the person alone, without a session, in every language of the profile."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from starlette.testclient import TestClient
from support.builders import ELECTION
from support.signing import rewritten
from support.stages import AS_OF, Stages, take_in
from support.visitor import Visitor

from db.store import open_reader
from domain.application.findings import Finding
from domain.application.status import Status
from domain.assignment.consents import Consent
from domain.election.pledge import PledgeRules, PledgeText, lacks_pledge, once_accepted
from domain.errors import UnknownThingError
from domain.letters.asking import link_token
from domain.letters.envelope import Envelope, LetterKind
from flows.assignment.consents import ask_now
from flows.context import database
from flows.desk.address import Address
from flows.desk.application import create_app
from flows.intake.entry import EnteredApplication, correct
from flows.intake.mending.pledges import accept_by_link
from flows.oversight.overview import audit
from flows.settings import change_settings
from flows.statements.acceptance import ActingOfficer

OFFICER = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")


@pytest.fixture
def visitor(sqlite_stages: Stages) -> Iterator[Visitor]:
    with sqlite_stages.copy("vetted"):
        address = Address.of(
            change_settings({"as_of": AS_OF.isoformat(), "desk_url": "https://desk.commission.example"})
        )
        yield Visitor(TestClient(create_app(address), base_url=address.origin), address.origin)


def test_the_page_asks_and_takes_one_answer_in_the_letters_language(visitor: Visitor) -> None:
    with open_reader(database()) as store:
        profile = store.elections.profile(ELECTION)
    rewritten(profile=profile.revised(languages=("en", "ar")))
    assert ask_now(ELECTION, now=AS_OF)
    with open_reader(database()) as store:
        approved = store.applications.ids_in(ELECTION, Status.APPROVED)
        letters = [letter.envelope for known in approved for letter in store.outbox.of_application(known)]
        asks = [letter for letter in letters if letter.kind is LetterKind.CONSENT and letter.contents["mark"]]
        secret = store.elections.secret(ELECTION)
    letter = asks[0]
    token = link_token(secret, letter.key, str(letter.contents["mark"]))
    page = visitor.client.get("/consent/ar")
    assert '<html lang="ar" dir="rtl">' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r"<script(?! src=\"/static/)|style=|\son[a-z]+=|https?://", page.text)
    assert not visitor.client.cookies
    asked = visitor.post("/consent/read", {"token": token, "language": "ar"}).json()["asked"]
    assert f"{letter.application_id}:{asked['notice']}" in letter.key
    assert asked["case_number"] == letter.contents["case_number"]
    assert visitor.post("/consent", {"token": token, "answer": "perhaps"}).status_code == 422
    assert (
        visitor.post("/consent", {"token": token, "answer": "accept"}, origin="https://else.example").status_code == 403
    )
    assert "done" in visitor.post("/consent", {"token": token, "answer": "accept", "language": "ar"}).json()
    for body in ({"token": token, "answer": "decline"}, {"token": "", "answer": "accept"}, {"answer": "accept"}):
        assert visitor.post("/consent", body).status_code == 403
    with open_reader(database()) as store:
        known = letter.application_id
        assert known is not None
        assert store.consents.standing(ELECTION).of(known, asked["notice"], now=AS_OF) is Consent.ACCEPTED
        event = store.applications.history(known)[-1]
    assert (event.actor.kind, event.kind) == ("applicant", "notice_answered")


def test_who_lacks_the_pledge_accepts_it_themselves_by_a_link_that_serves_once(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("loaded"):
        address = Address.of(
            change_settings({"as_of": AS_OF.isoformat(), "desk_url": "https://desk.commission.example"})
        )
        _with_a_pledge(sqlite_stages)
        letter, token = _asked_for_the_pledge()
        known = letter.application_id
        assert known is not None
        assert (letter.copy_to, "#" in str(letter.contents["link"])) == ("", False)
        visitor = Visitor(TestClient(create_app(address), base_url=address.origin), address.origin)
        page = visitor.client.get("/pledge/fr")
        assert ('data-link="/pledge"' in page.text, 'data-answer="accept"' in page.text) == (True, True)
        asked = visitor.post("/pledge/read", {"token": token, "language": "fr"}).json()["asked"]
        assert asked["case_number"] == letter.contents["case_number"]
        text = str(asked["text"])
        assert [*filter(str.strip, text.splitlines())] != []
        before = findings_on(known)
        assert "done" in visitor.post("/pledge", {"token": token, "answer": "accept", "language": "fr"}).json()
        for said in ({"token": token}, {"token": ""}, {}):
            assert visitor.post("/pledge", {**said, "answer": "accept"}).status_code == 403
        with open_reader(database()) as store:
            event = next(e for e in reversed(store.applications.history(known)) if e.kind == "nomination_corrected")
            (accepted,) = store.pledges.of(known)[-1:]
            person = store.people.current([known])[known]
        assert (event.actor.kind, event.way) == ("applicant", "link")
        assert (accepted.version, accepted.sha256) == (asked["version"], hashlib.sha256(text.encode()).hexdigest())
        assert (person.pledge_text, str(person.pledge_accepted_on)) == (asked["version"], f"{AS_OF:%Y-%m-%d}")
        assert not lacks_pledge(findings_on(known))
        assert [*once_accepted(before)] == findings_on(known)
        assert audit(ELECTION).is_whole


def test_no_link_is_written_where_nobody_reaches_the_desk_and_none_serves_once_the_case_is_complete(
    sqlite_stages: Stages,
) -> None:
    with sqlite_stages.copy("taken in"):
        assert not asked_for_the_pledge()
    with sqlite_stages.copy("loaded"):
        change_settings({"as_of": AS_OF.isoformat(), "desk_url": "https://desk.commission.example"})
        _with_a_pledge(sqlite_stages)
        letter, token = _asked_for_the_pledge()
        assert letter.application_id is not None
        correct(letter.application_id, EnteredApplication({"pledge_accepted_on": "2027-02-01"}), OFFICER)
        with pytest.raises(UnknownThingError):
            accept_by_link(ELECTION, token, language="en", now=AS_OF)


def _with_a_pledge(stages: Stages) -> None:
    """Take the nominations in under rules that have a text of the pledge; some lack it."""
    with open_reader(database()) as store:
        profile = store.elections.profile(ELECTION)
    text = PledgeText(version="2027-1", texts={"en": "I observe.\n\nI carry my badge.", "fr": "J'observe."})
    rewritten(profile=profile.revised(pledge=PledgeRules(versions=(text,))))
    take_in(stages.package / "nominations")


def asked_for_the_pledge() -> list[Envelope]:
    with open_reader(database()) as store:
        known = store.applications.ids_in(ELECTION, Status.INCOMPLETE)
        letters = [letter.envelope for each in known for letter in store.outbox.of_application(each)]
    return [letter for letter in letters if letter.kind is LetterKind.PLEDGE]


def _asked_for_the_pledge() -> tuple[Envelope, str]:
    letter = asked_for_the_pledge()[0]
    with open_reader(database()) as store:
        secret = store.elections.secret(ELECTION)
    return letter, link_token(secret, letter.key, str(letter.contents["mark"]))


def findings_on(known: UUID) -> list[Finding]:
    with open_reader(database()) as store:
        return store.people.findings_on([known]).get(known, [])
