"""The signing process signs what the database says was approved, and nobody else can."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due

from db.store import open_store
from domain.application.status import Status
from domain.credentials.ring import KeyFolderError
from flows.context import database, election_context
from flows.issuance import flow as issuance
from flows.issuance.signatory import NotApprovedError
from flows.issuance.signing_process import KEY_SETTINGS, OFTEN, RateAlarm, signing, signing_process
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
    assert settings().signing_socket is not None
    assert settings().signing_socket.stat().st_mode & 0o777 == 0o600
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


@pytest.mark.usefixtures("apart")
def test_a_status_that_somebody_wrote_by_hand_gets_no_credential() -> None:
    refused = due(Status.IN_REVIEW, Status.INCOMPLETE, Status.REFUSED)[0]
    with open_store(database()) as store:
        store.session.connection().exec_driver_sql(
            "UPDATE application SET status = 'assigned' WHERE id = ?", (refused.hex,)
        )
    reserved([refused])
    with pytest.raises(NotApprovedError):
        signing().sign(ELECTION, [refused], now=AS_OF)


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
    for said in (b"{}", b"not json", json.dumps({"election": ELECTION, "ids": ["x"], "now": "yesterday"}).encode()):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.sendall(struct.pack("!I", len(said)) + said)
            assert b"signed" not in connection.recv(1 << 16)
    signing().require_key(ELECTION, now=AS_OF)  # it listens still


def test_a_folder_of_keys_that_is_open_to_others_is_refused_with_the_remedy(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("assigned"), signing_process():
        signing().require_key(ELECTION, now=AS_OF)
        settings().keys_folder.chmod(0o755)
        with pytest.raises(KeyFolderError, match="0700"):
            signing().require_key(ELECTION, now=AS_OF)


def test_very_many_signatures_or_one_serial_again_and_again_raise_an_alarm() -> None:
    said: list[str] = []
    now = [0.0]
    alarm = RateAlarm(10, say=said.append, clock=lambda: now[0])
    known = uuid4()
    for _ in range(OFTEN):
        alarm.note([known])
    assert said == []
    alarm.note([known])
    assert [str(known) in line for line in said] == [True]
    alarm.note([uuid4() for _ in range(6)])
    assert "more than 10" in said[-1]
    now[0], said[:] = 4000.0, []
    alarm.note([known])
    assert said == []
