"""The page behind a letter's link: for the person alone, without a session, in every language of the profile."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from support.builders import ELECTION
from support.signing import rewritten
from support.stages import AS_OF, Stages
from support.visitor import Visitor

from db.store import open_reader
from domain.application.status import Status
from domain.assignment.consents import Consent
from domain.letters.asking import link_token
from domain.letters.envelope import LetterKind
from flows.assignment.consents import ask_now
from flows.context import database
from flows.desk.address import Address
from flows.desk.application import create_app
from flows.settings import change_settings

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
