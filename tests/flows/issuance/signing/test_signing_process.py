"""The signing process signs what the database says was approved, and nobody else can."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session
from support.builders import ELECTION
from support.databases import overwrite
from support.forgery import written
from support.stages import AS_OF, Stages, due, vet

from db.application.applications import step
from db.journal import Book, Journal, touch
from db.letters.letters import LetterFilter
from db.oversight.kept_rows import journal_touched, kept_now
from db.store import Store, open_reader, open_store
from db.tables.base import Base
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.chain import GENESIS, chained, link
from domain.application.events import (
    ApplicationApproved,
    CompletenessConfirmed,
    Event,
    NominationCorrected,
    NominationReleased,
    RegionAssigned,
)
from domain.application.status import Status
from domain.credentials.ring import KeyFolderError
from domain.errors import BadInputError, UnavailableError
from domain.letters.envelope import LetterKind
from domain.oversight.alarms import AlarmKind
from flows.cli.app import main
from flows.context import ENGINE_KEY_FILE, database, election_context, engine_key
from flows.election.database import upgraded
from flows.issuance import flow as issuance
from flows.issuance.signing import signatory
from flows.issuance.signing.approvals import NotApprovedError, Proofs
from flows.issuance.signing.process import KEY_SETTINGS, OFTEN, RateAlarm, signing, signing_process
from flows.issuance.signing.seen_heads import SeenHeads
from flows.issuance.signing.signatory import Signatory
from flows.oversight.counts import status_of
from flows.oversight.overview import audit
from flows.oversight.reminders import remind
from flows.runtime.processes.wire import connected
from flows.settings import change_settings, settings

PHRASE = "an unusual phrase"
pytestmark = pytest.mark.xdist_group("signing")


@pytest.fixture
def apart(sqlite_stages: Stages) -> Iterator[int]:
    """Give the election after assignment, with a signing process, and return the process's id."""
    with sqlite_stages.copy("assigned"), signing_process() as child:
        assert child is not None
        signing().require_key(ELECTION, now=AS_OF)
        yield child.pid


def reserved(ids: list[UUID]) -> None:
    with open_store(database()) as store:
        issuance.reserve(store, election_context(ELECTION, AS_OF), ids)


@pytest.mark.usefixtures("apart")
def test_badges_are_issued_by_the_process_in_one_request_a_chunk() -> None:
    waiting = due(Status.ASSIGNED)
    path = settings().signing_socket
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    assert settings().keys_folder.stat().st_mode & 0o777 == 0o700  # the process made it, for a user who is not root
    assert issuance.issue_applications(waiting, ELECTION, now=AS_OF) == len(waiting)
    assert due(Status.ASSIGNED) == []


@pytest.mark.usefixtures("apart")
def test_the_folder_of_keys_that_the_process_makes_can_be_entered_by_its_user_who_need_not_be_root() -> None:
    folder = settings().keys_folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.usefixtures("apart")
def test_nothing_is_signed_for_whom_nobody_approved_or_for_whom_no_serial_is_reserved() -> None:
    first, second, *_ = due(Status.ASSIGNED)
    reserved([first])
    assert signing().sign(ELECTION, [first], now=AS_OF).keys() == {first}
    for asked in ([second], [first, second], [uuid4()], due(Status.IN_REVIEW, Status.INCOMPLETE)[:1]):
        with pytest.raises(NotApprovedError):
            signing().sign(ELECTION, asked, now=AS_OF)
    with pytest.raises(NotApprovedError):
        signing().sign("ELSEWHERE-2027", [first], now=AS_OF)


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("said", [(2**23, 0), (2, 1), (2, 10_000)])
def test_whoever_sends_more_than_anybody_asks_is_left_and_others_get_their_signatures(said: tuple[int, int]) -> None:
    socket_path = settings().signing_socket
    assert socket_path is not None
    with connected(socket_path) as connection:
        connection.settimeout(20)
        connection.sendall(struct.pack(">II", *said))
        assert connection.recv(1) == b""
    (first, *_) = due(Status.ASSIGNED)
    reserved([first])
    assert signing().sign(ELECTION, [first], now=AS_OF).keys() == {first}


@pytest.mark.usefixtures("apart")
def test_keys_of_a_real_election_are_chosen_by_the_clock_of_who_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[datetime] = []
    monkeypatch.setattr(signatory, "badge_signer", lambda _profile, *, now: asked.append(now))
    for issuer in ("TEST", "VALDARA"):
        with open_store(database()) as store:
            rules, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
            real = rules.revised(credential=rules.credential.revised(issuer=issuer))
            store.elections.put(real, land, now=AS_OF)
        Signatory().require_key(ELECTION, now=AS_OF)
    assert (asked[0], abs(asked[1] - datetime.now(UTC)) < timedelta(minutes=5)) == (AS_OF, True)


def approved(case: UUID, by: Actor) -> Event:
    return ApplicationApproved(application_id=case, at=AS_OF, actor=by)


def at_large(case: UUID) -> Event:
    engine = Actor.engine("assignment")
    return RegionAssigned(application_id=case, at=AS_OF, actor=engine, region=None, office=None, plan_id=uuid4())


def hand_written(session: Session, case: UUID) -> None:
    session.execute(text("UPDATE application SET status = 'assigned' WHERE id = :case"), {"case": case.hex})


def exchanged(session: Session, case: UUID) -> None:
    """Let somebody whom officers approved become somebody else, with version, findings, hashes and journal."""
    store = Store.over(session)
    person = store.people.current([case])[case]
    application = store.applications.get(case)
    engine, version = Actor.engine("intake"), application.person_version + 1
    written(
        session, case,
        NominationCorrected(application_id=case, at=AS_OF, actor=engine, person_version=version),
    )  # fmt: skip
    store.people.put(store.applications.get(case), person.revised(surname="OTHER"), now=AS_OF)


def renamed(session: Session, case: UUID) -> dict[str, str]:
    """Let the person be exchanged in place; return what the journal would say of all people now."""
    person = Store.over(session).people.current([case])[case]
    other = person.revised(surname="OTHER")
    body = other.model_dump(mode="json")
    sha256 = hashlib.sha256(other.model_dump_json(include=set(body)).encode()).hexdigest()
    people = Base.metadata.tables["person"]
    for row in session.execute(select(people).where(people.c.application_id == case)).mappings().all():
        overwrite(session, people, row, body=body, sha256=sha256)
    return kept_now(session, ELECTION, Book.PEOPLE)


def journalled_again(session: Session, case: UUID) -> None:
    """Let the person be exchanged in place, with one more entry of the journal."""
    now = renamed(session, case)
    mine = {subject: content for subject, content in now.items() if subject.startswith(str(case))}
    Journal(session).append(ELECTION, Book.PEOPLE, mine, by="engine", at=AS_OF)


def rejournalled(session: Session, case: UUID) -> None:
    """Let the person be exchanged in place, and the entry of the journal with all that follow it."""
    rows, now, head = Base.metadata.tables["journal"], renamed(session, case), GENESIS
    here = (rows.c.election == ELECTION, rows.c.book == Book.PEOPLE.value)
    for row in session.execute(select(rows).where(*here).order_by(rows.c.sequence)).all():
        content = now[row.subject] if row.subject.startswith(str(case)) else row.content
        facts = [row.election, row.book, row.sequence, row.subject, content, row.by, row.at.astimezone(UTC).isoformat()]
        head = chained(head, facts)
        session.execute(update(rows).where(*here, rows.c.sequence == row.sequence).values(content=content, hash=head))


@pytest.mark.parametrize(
    ("edit", "why"),
    [(exchanged, "exchanged after"), (journalled_again, "not those"), (rejournalled, "journal of people")],
)
def test_whom_officers_approved_nobody_exchanges_with_all_hashes_and_the_journal_written_anew(
    edit: Callable[[Session, UUID], None], why: str, sqlite_stages: Stages
) -> None:
    with sqlite_stages.copy("assigned"):
        with open_reader(database()) as store:
            case = next(
                case
                for case in store.applications.ids_in(ELECTION, Status.ASSIGNED)
                if any(event.actor.kind == "officer" for event in store.applications.history(case))
            )
        reserved([case])
        with open_store(database()) as store:
            edit(store.session, case)
        with pytest.raises(NotApprovedError, match=why):
            Signatory().sign(ELECTION, [case], now=AS_OF)


FORGERIES: Final[dict[str, Callable[[Session, UUID], object]]] = {
    "a status alone": hand_written,
    "an approval in an officer's name": lambda session, case: written(
        session, case, approved(case, Actor.officer("OFF-DEMO-1")), at_large(case)
    ),
    "an approval in the engine's name": lambda session, case: written(
        session, case, approved(case, Actor.engine("vetting")), at_large(case)
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_somebody_wrote_into_the_database_gets_no_credential_and_officers_are_told(
    forgery: str, sqlite_stages: Stages
) -> None:
    with sqlite_stages.copy("vetted"), signing_process():
        undecided = due(Status.IN_REVIEW)[0]
        with open_store(database()) as store:
            FORGERIES[forgery](store.session, undecided)
        reserved([undecided])
        for _ in range(2):
            with pytest.raises(NotApprovedError, match="audit verify"):
                signing().sign(ELECTION, [undecided], now=AS_OF)
        told = [(alarm["kind"], alarm["about"]) for alarm in status_of(ELECTION)["alarms"]]
        assert told == [("unproved", str(undecided))]
        assert [remind(ELECTION, now=AS_OF)["alarms"] for _ in range(2)] == [1, 0]


@pytest.mark.parametrize("apart_from_us", [True, False])
def test_one_forged_case_is_left_out_and_told_and_the_others_of_its_chunk_get_their_badges(
    sqlite_stages: Stages, *, apart_from_us: bool
) -> None:
    with sqlite_stages.copy("assigned"), signing_process() if apart_from_us else nullcontext():
        first, *others = sorted(due(Status.ASSIGNED))[:5]
        unreadable = others.pop()
        reserved([first, *others, unreadable])
        with open_store(database()) as store:
            store.session.execute(
                text("UPDATE person SET sha256 = 'a' WHERE application_id = :case"), {"case": first.hex}
            )
            store.session.execute(
                text("UPDATE person SET body = '{}' WHERE application_id = :c"), {"c": unreadable.hex}
            )
        counts, refused = issuance.issue([first, *others, unreadable], ELECTION, now=AS_OF)
        assert counts["issued"] == len(others)
        assert refused.keys() == {first, unreadable}
        assert {alarm["about"] for alarm in status_of(ELECTION)["alarms"]} == {str(first), str(unreadable)}
        with open_reader(database()) as store:
            (letter,) = store.letters.matching(ELECTION, LetterFilter(kind=LetterKind.ALARM))
        assert letter.envelope.contents["about"] in {str(first), str(unreadable)}


def invented(session: Session, like: UUID) -> UUID:
    """Let somebody whom nobody nominated be written with history, person, hashes and journals, like a clear case."""
    session.info.clear()  # whoever writes the database has no key of the engine
    new, store, at = uuid4(), Store.over(session), datetime.now(UTC)
    history = [event.revised(application_id=new) for event in store.applications.history(like)]
    rows, application, top = Base.metadata.tables, Application.replayed(history), GENESIS
    events = []
    for number, event in enumerate(history, start=1):
        top = link(top, event)
        row = {"application_id": new, "sequence": number, "kind": event.kind, "at": event.at}
        events.append(row | {"body": event.model_dump(mode="json"), "hash": top})
    fields = {name: getattr(application, name) for name in Application.model_fields}
    session.execute(insert(rows["application"]).values(**fields | {"head": top, "reasons": [], "proposal": None}))
    session.execute(insert(rows["application_event"]), events)
    store.people.put(application, store.people.current([like])[like].revised(surname="OTHER"), now=at)
    store.people.flush()
    touch(session, Book.CASES, [(new,)])
    journal_touched(session)
    Journal(session).append(ELECTION, Book.HISTORIES, {str(new): step(0, len(history), top)}, by="engine", at=at)
    return new


def clear_case() -> UUID:
    with open_reader(database()) as store:
        return next(
            case
            for case in store.applications.ids_in(ELECTION, Status.ASSIGNED)
            if not any(event.actor.kind == "officer" for event in store.applications.history(case))
        )


def test_somebody_invented_with_all_hashes_and_journals_gets_no_badge_and_what_follows_is_not_sealed(
    sqlite_stages: Stages,
) -> None:
    with sqlite_stages.copy("assigned"):
        known = clear_case()
        with database().begin() as session:
            new = invented(session, known)
        reserved([new])
        with pytest.raises(NotApprovedError, match="without a seal"):
            Signatory().sign(ELECTION, [new], now=AS_OF)
        vet([])  # the engine goes on, and seals nothing that came before
        with open_store(database()) as store:
            store.people.note(store.applications.get(known), (), now=AS_OF)
        with pytest.raises(NotApprovedError, match="without a seal"):
            Signatory().sign(ELECTION, [known], now=AS_OF)
        assert [str(link) for link in audit(ELECTION).links if "no seal" in str(link)]
        assert (settings().home / ENGINE_KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_an_approval_that_no_transaction_of_the_engine_wrote_counts_for_nothing_whatever_comes_after_it(
    sqlite_stages: Stages,
) -> None:
    with sqlite_stages.copy("vetted"):
        with open_store(database()) as store:
            held = store.applications.ids_in(ELECTION, Status.HELD)
            case = next(known for known in held if not store.people.held_up([known]).get(known))
            engine = Actor.engine("vetting")
            released = NominationReleased(application_id=case, at=AS_OF, actor=engine)
            confirmed = CompletenessConfirmed(application_id=case, at=AS_OF, actor=engine, due_at=AS_OF)
            written(store.session, case, released, confirmed, approved(case, engine))
        with open_store(database()) as store:  # the engine places whom it finds approved
            store.applications.record(store.applications.get(case), at_large(case))
        reserved([case])
        with pytest.raises(NotApprovedError, match="nobody of the engine"):
            Signatory().sign(ELECTION, [case], now=AS_OF)
        assert f"histories: {case} was changed" in map(str, audit(ELECTION).links)


@pytest.mark.parametrize(("journalled", "why"), [(False, "not the one"), (True, "without a seal")])
def test_a_record_that_somebody_founded_anew_before_any_badge_was_signed_counts_for_nothing(
    sqlite_stages: Stages, *, journalled: bool, why: str
) -> None:
    with sqlite_stages.copy("vetted"):
        with database().begin() as session:
            session.info.clear()
            statements = Store.over(session).statements
            founding = statements.founding(ELECTION)
            assert founding is not None
            session.execute(text("DELETE FROM statement"))
            statements.found(founding.revised(founded_at=AS_OF), now=AS_OF)
            if journalled:
                statements.journal(ELECTION, at=AS_OF)
        proofs = Proofs(SeenHeads(settings().keys_folder), key=engine_key)
        with pytest.raises(NotApprovedError, match=why), proofs.opened(ELECTION):
            pass
        assert not audit(ELECTION).is_whole


def test_seals_of_another_key_count_for_nothing_until_who_has_the_home_seals_anew(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("assigned"):
        known = clear_case()
        reserved([known])
        apart = Proofs(SeenHeads(settings().keys_folder))  # as a user of its own, who reads no home
        with apart.opened(ELECTION):
            pass
        with open_store(database()) as store:
            store.journal.seal(ELECTION, Ed25519PrivateKey.generate())
        with pytest.raises(NotApprovedError, match="without a seal"), apart.opened(ELECTION):
            pass
        with pytest.raises(NotApprovedError, match="without a seal"):
            Signatory().sign(ELECTION, [known], now=AS_OF)
        (settings().home / ENGINE_KEY_FILE).unlink()
        with pytest.raises(BadInputError, match="seal-anew"):
            upgraded()
        upgraded(seal_anew=True)
        assert Signatory().sign(ELECTION, [known], now=AS_OF).keys() == {known}


PLANTED: Final = {
    "a trigger that exchanges whom is recorded": "CREATE TRIGGER x AFTER INSERT ON person BEGIN UPDATE person SET "
    "body = json_set(body, '$.surname', 'OTHER') WHERE application_id = new.application_id; END",
    "a view": "CREATE VIEW x AS SELECT * FROM person",
}


@pytest.mark.parametrize("plant", PLANTED)
def test_nothing_is_recorded_or_signed_in_a_database_that_changes_what_is_written(
    plant: str, sqlite_stages: Stages
) -> None:
    with sqlite_stages.copy("assigned"):
        first = due(Status.ASSIGNED)[0]
        reserved([first])
        with database().begin() as session:
            session.execute(text(PLANTED[plant]))
        with pytest.raises(UnavailableError, match="never makes"):
            reserved(due(Status.ASSIGNED)[1:2])
        with pytest.raises(NotApprovedError, match="trigger"):
            Signatory().sign(ELECTION, [first], now=AS_OF)
        assert any("trigger" in str(link) for link in audit(ELECTION).links)


EDITS: Final[dict[str, tuple[str, str, Callable[[Any], object]]]] = {
    "another name": ("person", "body", lambda body: {**body, "surname": "OTHER"}),
    "another name and its hash": ("person", "sha256", lambda _: "a" * 64),
    "another validity": ("credential", "valid_until", lambda end: end + timedelta(days=300)),
    "another region": ("application", "region", lambda _: "R-99"),
    "another role": ("application", "role", lambda role: "expert" if role != "expert" else "interpreter"),
    "other rules": ("election", "profile", lambda body: {**body, "automatic_approval": not body["automatic_approval"]}),
}


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("edit", EDITS)
def test_what_a_badge_says_of_somebody_is_what_the_engine_recorded(edit: str) -> None:
    case = due(Status.ASSIGNED)[0]
    reserved([case])
    name, column, change = EDITS[edit]
    table = Base.metadata.tables[name]
    own = {"application": "id", "election": "code"}.get(name, "application_id")
    here = table.c[own] == (ELECTION if name == "election" else case)
    with open_store(database()) as store:
        row = store.session.execute(select(table).where(here)).mappings().one()
        overwrite(store.session, table, row, **{column: change(row[column])})
    with pytest.raises(NotApprovedError):
        signing().sign(ELECTION, [case], now=AS_OF)


def shortened() -> None:
    """Restore an older state: the last act of an officer is gone."""
    with open_store(database()) as store:
        store.session.execute(text("DELETE FROM statement WHERE sequence = (SELECT max(sequence) FROM statement)"))


@pytest.mark.usefixtures("apart")
def test_a_record_that_was_verified_must_stay_as_it_was() -> None:
    first, second, *_ = due(Status.ASSIGNED)
    reserved([first, second])
    signing().sign(ELECTION, [first], now=AS_OF)
    shortened()
    with pytest.raises(NotApprovedError, match="older state was restored"):
        signing().sign(ELECTION, [second], now=AS_OF)
    assert [alarm["about"] for alarm in status_of(ELECTION)["alarms"]] == [ELECTION]


def test_a_record_that_was_replaced_while_nobody_signed_is_refused_until_who_has_the_keys_accepts_it(
    sqlite_stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_stages.copy("assigned"):
        first, *_ = due(Status.ASSIGNED)
        reserved([first])
        Signatory().sign(ELECTION, [first], now=AS_OF)
        (seen,) = settings().keys_folder.glob("seen*")
        assert seen.stat().st_mode & 0o777 == 0o600
        with open_reader(database()) as store:
            number, head = store.statements.head(ELECTION)
        other = text("UPDATE statement SET hash = :h WHERE sequence = :n")
        with open_store(database()) as store:
            store.session.execute(other, {"h": "a" * 64, "n": number})
        with pytest.raises(NotApprovedError, match="another one than before"):
            Signatory().sign(ELECTION, [first], now=AS_OF)
        with open_store(database()) as store:
            store.session.execute(other, {"h": head, "n": number})
        kept = SeenHeads(settings().keys_folder)
        kept.note(ELECTION, kept.of(ELECTION).revised(record=(number + 1, head)))  # one entry more was there
        signatory = Signatory()
        with pytest.raises(NotApprovedError, match="older state was restored"):
            signatory.sign(ELECTION, [first], now=AS_OF)
        monkeypatch.setattr("sys.argv", ["accredit", "keys", "accept-record", f"{number}:{head}", "-e", ELECTION])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        assert signatory.sign(ELECTION, [first], now=AS_OF).keys() == {first}


def test_no_other_process_has_what_opens_the_keys_nor_can_look_into_the_one_that_has(
    sqlite_stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_stages.copy("assigned"):
        monkeypatch.setenv(KEY_SETTINGS[0], PHRASE)
        change_settings({})
        with signing_process() as child:
            assert child is not None
            signing().require_key(ELECTION, now=AS_OF)
            shown = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout
            assert not [name for name in KEY_SETTINGS if name in shown]
            assert settings().key_passphrase is None
            if sys.platform == "linux" and os.geteuid():
                with pytest.raises(PermissionError):
                    Path(f"/proc/{child.pid}/environ").read_bytes()
        assert os.environ[KEY_SETTINGS[0]] == PHRASE
        assert settings().signing_socket is None


@pytest.mark.usefixtures("apart")
def test_what_a_request_may_say_is_a_case_and_never_what_is_signed() -> None:
    path = settings().signing_socket
    for said in (
        b"{}",
        b"not json",
        b"[]",
        json.dumps({"election": ELECTION, "ids": ["x"], "now": "yesterday"}).encode(),
    ):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.sendall(struct.pack(">II", len(said), 0) + said)
            assert b"signed" not in connection.recv(1 << 16)
    signing().require_key(ELECTION, now=AS_OF)  # it listens still


def test_a_folder_of_keys_that_is_open_to_others_is_refused_with_the_remedy(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("assigned"), signing_process():
        signing().require_key(ELECTION, now=AS_OF)
        settings().keys_folder.chmod(0o755)
        with pytest.raises(KeyFolderError, match="0700"):
            signing().require_key(ELECTION, now=AS_OF)


def test_very_many_signatures_or_one_serial_again_and_again_raise_an_alarm() -> None:
    said: list[tuple[AlarmKind, str]] = []
    now = [0.0]
    alarm = RateAlarm(10, say=lambda kind, about: said.append((kind, about)), clock=lambda: now[0])
    known = uuid4()
    for _ in range(OFTEN):
        alarm.note([known])
    assert said == []
    alarm.note([known])
    assert said == [(AlarmKind.AGAIN, str(known))]
    alarm.note([uuid4() for _ in range(6)])
    assert said[-1] == (AlarmKind.RATE, "10")
    now[0], said[:] = 4000.0, []
    alarm.note([known])
    assert said == []
