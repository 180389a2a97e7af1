"""The signing process signs what the database says was approved, and nobody else can."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due

from db.store import Store, open_store
from db.tables.base import Base
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.chain import link
from domain.application.events import ApplicationApproved, Event, RegionAssigned
from domain.application.status import Status
from domain.credentials.ring import KeyFolderError
from domain.oversight.alarms import AlarmKind
from flows.context import database, election_context
from flows.issuance import flow as issuance
from flows.issuance.approvals import NotApprovedError
from flows.issuance.signing_process import KEY_SETTINGS, OFTEN, RateAlarm, signing, signing_process
from flows.oversight.counts import status_of
from flows.oversight.reminders import remind
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
    assert issuance.issue_applications(waiting, ELECTION, now=AS_OF) == len(waiting)
    assert due(Status.ASSIGNED) == []


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


def written(session: Session, case: UUID, *events: Event) -> None:
    """Let somebody who writes the database add *events* to a case, with every hash as the engine would have it."""
    applications, rows = Base.metadata.tables["application"], Base.metadata.tables["application_event"]
    store = Store.over(session)
    application = Application.replayed([*store.applications.history(case)])
    top = store.applications.hashes(case)[-1]
    for event in events:
        application, top = application.after(event), link(top, event)
        body = event.model_dump(mode="json")
        row = {"application_id": case, "sequence": application.version, "kind": event.kind, "at": event.at}
        session.execute(insert(rows).values(**row, body=body, hash=top))
    now = {name: getattr(application, name) for name in Application.model_fields if name in applications.columns}
    session.execute(update(applications).where(applications.c.id == case).values(**now | {"head": top}))


def approved(case: UUID, by: Actor) -> Event:
    return ApplicationApproved(application_id=case, at=AS_OF, actor=by)


def at_large(case: UUID) -> Event:
    engine = Actor.engine("assignment")
    return RegionAssigned(application_id=case, at=AS_OF, actor=engine, region=None, office=None, plan_id=uuid4())


def hand_written(session: Session, case: UUID) -> None:
    session.execute(text("UPDATE application SET status = 'assigned' WHERE id = :case"), {"case": case.hex})


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
        (before,) = store.session.execute(select(table.c[column]).where(here)).scalars()
        store.session.execute(update(table).where(here).values({column: change(before)}))
    with pytest.raises(NotApprovedError):
        signing().sign(ELECTION, [case], now=AS_OF)


@pytest.mark.usefixtures("apart")
def test_a_record_that_was_verified_must_stay_as_it_was() -> None:
    first, second, *_ = due(Status.ASSIGNED)
    reserved([first, second])
    signing().sign(ELECTION, [first], now=AS_OF)
    with open_store(database()) as store:  # an older state is restored: the last act of an officer is gone
        store.session.execute(text("DELETE FROM statement WHERE sequence = (SELECT max(sequence) FROM statement)"))
    with pytest.raises(NotApprovedError, match="another one than before"):
        signing().sign(ELECTION, [second], now=AS_OF)
    assert [alarm["about"] for alarm in status_of(ELECTION)["alarms"]] == [ELECTION]


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
