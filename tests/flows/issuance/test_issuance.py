"""Assignment, issuance, delivery and audit by their plain steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from mailbox import Maildir
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from support.builders import ELECTION
from support.signing import rewritten
from support.stages import AS_OF, Stages, assign, deliver, due, everything, issue

from db.letters.outbox import QueuedLetter
from db.store import open_reader, open_store
from domain.application.application import Application
from domain.application.status import Status
from domain.credentials.ring import KeyFolderError
from domain.letters.envelope import LetterKind
from flows.context import database, election_context
from flows.issuance import flow as issuance
from flows.issuance.publication.verification import verify
from flows.issuance.signing.signatory import badge_signer
from flows.oversight.overview import audit
from flows.settings import settings
from flows.storage.files import file_store


@pytest.fixture
def issued(stages: Stages) -> Iterator[Stages]:
    with stages.copy("issued"):
        yield stages


def holders() -> list[Application]:
    with open_reader(database()) as store:
        return store.applications.all_in(ELECTION, Status.ASSIGNED, Status.CREDENTIALED)


def letters_of(kind: LetterKind, known: UUID) -> list[QueuedLetter]:
    with open_reader(database()) as store:
        return [one for one in store.outbox.of_application(known) if one.envelope.kind is kind]


def badge_of(known: UUID) -> bytes:
    (letter,) = letters_of(LetterKind.CREDENTIAL, known)
    (badge,) = letter.envelope.attachments
    return file_store().get(badge.content)


def test_everybody_approved_is_placed_within_capacity_and_consent_or_is_at_large(stages: Stages) -> None:
    with stages.copy("assigned"):
        assert due(Status.APPROVED) == []
        land = election_context(ELECTION, AS_OF).geography
        placed = holders()
        with open_reader(database()) as store:
            people = store.people.current([one.id for one in placed])
        here = Counter(one.region for one in placed)
        for region in land.regions:
            assert here[region.code] <= region.capacity
        for one in placed:
            place = land.region(one.region) if one.region else None
            if place and place.notice:
                assert place.notice.id in people[one.id].accepted_notices
            (letter,) = letters_of(LetterKind.PLACEMENT, one.id)
            assert letter.envelope.contents["region"] == (place.name if place else "")


def test_a_placement_letter_names_the_acting_office_and_for_whom_it_acts(stages: Stages) -> None:
    with stages.copy("assigned"):
        context = election_context(ELECTION, AS_OF)
        land, day = context.geography, context.profile.election.day
        acted_for = {region.code: land.office(region.office) for region in land.regions
                     if land.serving(region.office, on=day).code != region.office}  # fmt: skip
        covered = [holder for holder in holders() if holder.region in acted_for]
        assert covered, "the invented election places somebody where an office is not open yet"
        for one in covered:
            home = acted_for[str(one.region)]
            acting = land.serving(home.code, on=day)
            assert one.office == acting.code
            (letter,) = letters_of(LetterKind.PLACEMENT, one.id)
            serving = letter.envelope.contents["serving"]
            assert (serving["name"], serving["acting_for"]) == (acting.name, home.name)  # type: ignore[index]  # typed by the letter


def test_every_office_gets_one_roster_of_all_its_people(stages: Stages) -> None:
    with stages.copy("assigned"):
        offices = Counter(holder.office for holder in holders() if holder.office)
        with open_reader(database()) as store:
            rosters = [key for key in store.outbox.keys(ELECTION) if key.startswith("roster:")]
        assert sorted(key.split(":")[1] for key in rosters) == sorted(offices)


def test_who_finds_no_place_is_at_large_and_gets_a_valid_credential_all_the_same(
    stages: Stages, tmp_path: Path
) -> None:
    with stages.copy("decided"):
        with open_reader(database()) as store:
            land = store.elections.geography(ELECTION)
        full = [region.revised(no_deployment=region.code != "VD-01") for region in land.regions]
        rewritten(geography=land.revised(regions=full))
        approved = len(due(Status.APPROVED))
        assert assign() == approved
        at_large = [holder for holder in holders() if holder.region is None]
        assert len(at_large) == approved - land.region("VD-01").capacity
        assert {one.office for one in at_large} == {None}
        some = [one.id for one in at_large[:3]]
        assert issue(some) == 3
        badge = tmp_path / "badge.pdf"
        badge.write_bytes(badge_of(some[0]))
        verdict = verify(str(badge), ELECTION, now=AS_OF)
        assert (verdict.is_valid, verdict.claims and verdict.claims.regions) == (True, ())


@pytest.mark.usefixtures("issued")
def test_everybody_has_one_serial_and_the_badge_in_the_letter_is_valid(tmp_path: Path) -> None:
    credentialed = holders()
    assert {one.status for one in credentialed} == {Status.CREDENTIALED}
    assert len({one.serial for one in credentialed}) == len(credentialed)
    badge = tmp_path / "badge.pdf"
    for one in credentialed[:2]:
        badge.write_bytes(badge_of(one.id))
        verdict = verify(str(badge), ELECTION, now=AS_OF)
        assert verdict.is_valid, verdict.sentence
        assert verdict.claims is not None
        assert (verdict.claims.serial, verdict.claims.organisation) == (one.serial, one.organisation)
        assert verdict.claims.regions == (one.region,)


@pytest.mark.usefixtures("issued")
def test_a_revoked_serial_is_not_valid_at_headquarters(tmp_path: Path) -> None:
    one = holders()[0]
    badge = tmp_path / "badge.pdf"
    badge.write_bytes(badge_of(one.id))
    with database().begin() as session:
        session.execute(text("UPDATE credential SET state = 'revoked' WHERE serial = :serial"), {"serial": one.serial})
    assert not verify(str(badge), ELECTION, now=AS_OF).is_valid


def test_an_interrupted_issuance_uses_the_serials_that_were_reserved(stages: Stages) -> None:
    with stages.copy("assigned"):
        some = due(Status.ASSIGNED)[:5]
        with open_store(database()) as store:
            reserved = {one.case.application.id: one.reservation.serial
                        for one in issuance.reserve(store, election_context(ELECTION, AS_OF), some)}  # fmt: skip
        assert issue(some) == 5
        with open_reader(database()) as store:
            found = store.applications.get_many(some)
            assert store.counts.credentials(ELECTION) == {"issued": 5}
        assert {known: one.serial for known, one in found.items()} == reserved


def test_one_application_alone_can_be_placed_and_issued(stages: Stages) -> None:
    with stages.copy("decided"):
        urgent, *others = due(Status.APPROVED)
        assert assign([urgent]) == 1
        assert (due(Status.ASSIGNED), set(due(Status.APPROVED))) == ([urgent], set(others))
        assert issue([urgent]) == 1
        assert issue([urgent]) == 0
        kept = holders()[0]
        assert assign() == len(others)
        with open_reader(database()) as store:
            assert store.applications.get(urgent) == kept, "who has a place keeps it"


def test_a_key_folder_that_others_may_read_stops_issuance_and_nothing_is_reserved(stages: Stages) -> None:
    with stages.copy("assigned"):
        before = everything()
        settings().keys_folder.mkdir(mode=0o700, exist_ok=True)
        badge_signer(election_context(ELECTION, AS_OF).profile, now=AS_OF)
        settings().keys_folder.chmod(0o755)
        with pytest.raises(KeyFolderError, match="0700"):
            issue()
        assert everything() == before


@pytest.mark.usefixtures("issued")
def test_delivery_puts_every_letter_into_the_maildir_once_with_its_attachments() -> None:
    with open_reader(database()) as store:
        queued = store.outbox.keys(ELECTION)
    assert deliver() == len(queued)
    assert deliver() == 0
    assert {state for counts in everything()["states"].values() for state in counts} == {"sent"}  # type: ignore[attr-defined]  # a mapping
    messages = list(Maildir(settings().maildir, create=False))
    assert len({message["Message-ID"] for message in messages}) == len(messages) == len(queued)
    badges = [part.get_filename() for message in messages for part in message.walk() if part.get_filename()]
    assert sum(str(name).startswith("badge-") for name in badges) == len(holders())


TAMPERED = [
    "UPDATE application_event SET body = replace(CAST(body AS TEXT), :old, :new){cast} WHERE {placement}",
    "UPDATE application SET region = :new WHERE id = :id",
    "UPDATE application SET version = version + 1 WHERE id = :id",
    "UPDATE application SET head = '" + "0" * 64 + "' WHERE id = :id",
    "DELETE FROM application_event WHERE application_id = :id AND kind = 'credential_issued'",
    "UPDATE application SET serial = 'VD-999999' WHERE id = :id",
]


@pytest.mark.parametrize("statement", TAMPERED)
@pytest.mark.usefixtures("issued")
def test_the_audit_finds_what_was_changed_behind_the_engines_back(statement: str) -> None:
    whole = audit(ELECTION)
    assert (whole.broken, whole.applications) == ((), len(due(*Status)))
    victim = next(holder for holder in holders() if holder.region)
    on_postgresql = settings().database_url.startswith("postgresql")
    facts = {
        "id": str(victim.id) if on_postgresql else victim.id.hex,
        "old": f'"{victim.region}"',
        "new": '"VD-66"' if ":old" in statement else "VD-66",
    }
    parts = {
        "cast": "::jsonb" if on_postgresql else "",
        "placement": "application_id = :id AND kind = 'region_assigned'",
    }
    statement = statement.format(**parts)
    used = {name: value for name, value in facts.items() if f":{name}" in statement}
    with database().begin() as session:
        changed = session.execute(text(statement), used)
        assert changed.rowcount == 1  # type: ignore[attr-defined]  # an update counts its rows
    assert audit(ELECTION).broken == (victim.id,)
