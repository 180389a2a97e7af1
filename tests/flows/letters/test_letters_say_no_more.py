"""What no letter may hold: a document's number, a birth date, another person."""

from __future__ import annotations

import json

import pytest
from support.builders import ELECTION
from support.stages import Stages

from db.letters.letters import LetterFilter
from db.store import open_reader
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.letters.envelope import LetterKind
from flows.context import database
from notifications.letters import LETTERS

NEVER = {
    "document_number", "passport_number", "document_issuer", "birth_date", "mrz", "photo", "sex", "disclosure",
    "conflict", "note", "hits", "watchlist", "phone", "email",
}  # fmt: skip


@pytest.mark.parametrize("kind", LetterKind)
def test_no_letter_has_a_field_for_what_it_need_not_say(kind: LetterKind) -> None:
    assert not NEVER & LETTERS[kind].model_fields.keys()


def test_no_letter_of_an_election_names_a_document_or_anybody_else(stages: Stages) -> None:
    with stages.copy("issued"), open_reader(database()) as store:
        letters = store.letters.matching(ELECTION, LetterFilter(), limit=100_000)
        known = [application.id for application in store.applications.all_in(ELECTION, *Status)]
        people = store.people.current(known)
    secrets = {secret for person in people.values() for secret in _secrets(person)}
    names = {person.name for person in people.values()}
    assert len(letters) > len(people)
    for letter in letters:
        # Who observes together is told of each other.
        said = json.dumps({**letter.envelope.contents, "partner_name": ""}, ensure_ascii=False)
        assert not [True for secret in secrets if secret in said], letter.envelope.key
        about = people.get(letter.envelope.application_id) if letter.envelope.application_id else None
        own = about.name if about else ""
        assert not [True for name in names if name in said and name not in own], letter.envelope.key


def _secrets(person: Nomination) -> list[str]:
    born = person.birth_date.isoformat() if person.birth_date else ""
    return [one for one in (person.document_number, person.mrz, person.phone, person.email, born) if one]
