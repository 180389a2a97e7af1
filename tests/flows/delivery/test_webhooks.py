"""Other systems are told of every event at least once, signed, under the same id, whatever they or we do meanwhile."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from support.builders import ELECTION, FIRST
from support.databases import Backend, let_go
from support.post_office import certificate

from db.assignment.plans import StoredPlan
from db.engine import sessions
from db.oversight.erasures import Erasures
from db.store import open_reader, open_store
from domain.application.application import application_id
from domain.application.events import ApplicationWithdrawn, NominationRecorded
from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.errors import BadInputError
from domain.letters.webhooks import WAITS, EventState, new_secret, next_attempt, secret_in
from domain.organisations.organisation import OrganisationAct, OrganisationActKind
from domain.oversight.erasure import ErasureEntry
from domain.statements.officer_acts import Step
from flows.context import database
from flows.delivery.webhooks import sending
from flows.delivery.webhooks.receivers import Receiver, receivers
from flows.delivery.webhooks.rounds import listen, tell_everybody
from flows.delivery.webhooks.standing import receivers_table, replay, try_out
from flows.election.database import upgraded
from flows.settings import change_settings, reset_settings
from flows.upkeep.diagnosis import Standing
from flows.upkeep.work import told_of_events

NOW = datetime(2027, 3, 10, 8, 0, tzinfo=UTC)
LATER = datetime.now(UTC) + timedelta(days=400)
"""When every next attempt is due."""


@dataclass
class Heard:
    """What reached the receiver, and what it answers next: a status, or nothing for so many seconds."""

    port: int = 0
    answers: deque[int | float] = field(default_factory=deque[int | float])
    always: int | float = 200
    messages: list[tuple[dict[str, str], bytes]] = field(default_factory=list[tuple[dict[str, str], bytes]])

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.messages]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.messages]


@pytest.fixture
def heard() -> Iterator[Heard]:
    with serving() as told:
        yield told


@contextmanager
def serving(certified: tuple[Path, Path] | None = None) -> Generator[Heard]:
    """Give a real HTTP server on this machine, with TLS where it has a certificate."""
    told = Heard()

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.messages.append(({name.lower(): said for name, said in self.headers.items()}, body))
            answer = told.answers.popleft() if told.answers else told.always
            if isinstance(answer, float):
                time.sleep(answer)
                answer = 200
            self.send_response(answer)
            self.send_header("Location", f"http://127.0.0.1:{told.port}/elsewhere")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # who waits no longer has hung up
    if certified:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(*certified)
        server.socket = trust.wrap_socket(server.socket, server_side=True)
    told.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def office(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give an installation with nothing in it but its tables, made once; its address."""
    url = backend.empty()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACCREDIT_HOME", str(tmp_path_factory.mktemp("office") / "var"))
        patch.setenv("ACCREDIT_DATABASE_URL", url)
        reset_settings()
        upgraded()
        yield url
        let_go(url)
    reset_settings()


@pytest.fixture
def named(office: str, heard: Heard, tmp_path: Path) -> Iterator[Path]:
    """Give the folder of the file in which the receiver stands, named from now on and told of nothing yet."""
    with sessions(office).begin() as session:
        for table in ("webhook", "webhook_event"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 -- names of ours
    for name in ("new", "old"):
        (tmp_path / name).touch(0o600)
        (tmp_path / name).write_text(new_secret())
    name_receivers(tmp_path, planning={"url": f"http://127.0.0.1:{heard.port}/events"})
    yield tmp_path
    del os.environ["ACCREDIT_WEBHOOKS"]
    reset_settings()


def name_receivers(folder: Path, **named_: dict[str, Any]) -> None:
    entries = [{"code": code, "secrets": ["new"], **said} for code, said in named_.items()]
    (folder / "webhooks.yaml").write_text(json.dumps({"receivers": entries}))
    change_settings({"webhooks": folder / "webhooks.yaml"})
    listen(ELECTION, now=NOW)


_NUMBERS = count(1)


def happen(*, fails: bool = False) -> UUID:
    """Record that somebody was nominated and withdrew: two events in one transaction, which may come to nothing."""
    known = application_id(ELECTION, "ORG-01", str(next(_NUMBERS)))
    nominated = NominationRecorded(
        application_id=known, at=NOW, actor=FIRST, election=ELECTION, organisation="ORG-01", role=Role.CORE_TEAM,
        received_at=NOW,
    )  # fmt: skip
    with open_store(database()) as store:
        opened = store.applications.open(nominated)
        store.applications.record(opened, ApplicationWithdrawn(application_id=known, at=NOW, actor=FIRST))
        store.flush()
        if fails:
            raise BadInputError("this", "comes to nothing.", remedy="")
    return known


def tell(now: datetime | None = None) -> Counter[str]:
    return asyncio.run(tell_everybody(ELECTION, now=now or datetime.now(UTC)))


def counts(receiver: str = "planning") -> Counter[EventState]:
    with open_reader(database()) as store:
        return next(one.counts for one in store.webhooks.receivers(ELECTION) if one.receiver == receiver)


def test_plans_organisations_and_erasures_are_told_of_and_told_again(named: Path, heard: Heard) -> None:
    del named
    cases = (uuid4(), uuid4())
    act = OrganisationAct(
        organisation="ORG-01", act=OrganisationActKind.REFUSE, officer="OFF-1", reasons=(ReasonCode.R01,),
        facts="Mr Somebody", proof="signature", at=NOW,
    )  # fmt: skip
    erased = ErasureEntry(
        id=uuid4(), step=Step.CONFIRMED, applications=cases, ground="File 7", officer="OFF-1", proof="signature", at=NOW
    )
    with open_store(database()) as store:
        store.admissions.add(ELECTION, act)
        store.plans.put(ELECTION, StoredPlan(id=uuid4(), problem={}, body={"placements": {}}), now=NOW)
        Erasures(store.session).add(ELECTION, erased.revised(step=Step.PROPOSED))
        Erasures(store.session).add(ELECTION, erased)
        Erasures(store.session).add(
            ELECTION, erased.revised(id=uuid4(), applications=(), ground="retention of photo: 4")
        )
    heard.answers.append(500)
    assert tell() == Counter({"put off": 1, "sent": 3})
    assert tell(LATER)["sent"] == 1
    told = {one["type"]: one["data"] for one in heard.events}
    assert [*told] == [
        "accreditation.organisation.refuse", "accreditation.plan.adopted", "accreditation.data.erased",
        "accreditation.data.ended",
    ]  # fmt: skip
    assert told["accreditation.data.erased"]["applications"] == [*map(str, cases)]
    assert told["accreditation.data.ended"]["class"] == "photo"
    assert not any(word in body for _, body in heard.messages for word in (b"Somebody", b"OFF-1", b"File 7", b"R01"))
    before = heard.messages[1:]
    heard.messages.clear()
    assert replay(ELECTION, "planning", since=datetime.now(UTC) - timedelta(hours=1)) == 4
    assert tell() == Counter(sent=4)
    assert {(headers["webhook-id"], body) for headers, body in heard.messages} == {
        (headers["webhook-id"], body) for headers, body in before
    }


def test_every_event_is_told_once_in_order_with_ids_and_codes_only(named: Path, heard: Heard) -> None:
    del named
    cases = [str(happen()) for _ in range(3)]
    assert tell() == Counter(sent=6)
    assert tell() == Counter(sent=0)
    told = heard.events
    assert [(one["subject"], one["sequence"]) for one in told] == [(case, n) for case in cases for n in ("1", "2")]
    assert len({*heard.ids}) == 6
    last = told[-1]
    assert (last["specversion"], last["type"]) == ("1.0", "accreditation.application.application_withdrawn")
    assert last["source"] == f"/elections/{ELECTION}"
    assert {*last["data"]} == {
        "application", "case", "election", "organisation", "role", "status", "version", "way",
    }  # fmt: skip
    assert last["data"]["status"] == "withdrawn"
    assert heard.messages[0][0]["content-type"].startswith("application/cloudevents+json")
    assert FIRST.code not in str(heard.messages)


def test_a_receiver_that_knows_the_old_or_the_new_secret_finds_its_signature(named: Path, heard: Heard) -> None:
    name_receivers(named, planning={"url": f"http://127.0.0.1:{heard.port}/", "secrets": ["new", "old"]})
    happen()
    tell()
    headers, body = heard.messages[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    for name in ("new", "old"):
        secret = base64.b64decode((named / name).read_text().removeprefix("whsec_"))
        digest = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        assert f"v1,{digest}" in headers["webhook-signature"].split(" ")
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 300


def test_what_comes_to_nothing_and_what_was_before_is_told_to_nobody(named: Path, heard: Heard) -> None:
    with pytest.raises(BadInputError):
        happen(fails=True)
    happen()
    name_receivers(named, planning={"url": f"http://127.0.0.1:{heard.port}/"}, late={
        "url": f"http://127.0.0.1:{heard.port}/late", "kinds": ["application_withdrawn"]
    })  # fmt: skip
    happen()
    tell()
    assert (counts("planning")[EventState.SENT], counts("late")[EventState.SENT]) == (4, 1)


def test_a_failing_receiver_is_told_again_later_under_the_same_id_and_then_given_up(named: Path, heard: Heard) -> None:
    del named
    happen()
    heard.always = 500
    assert tell() == Counter({"put off": 2, "sent": 0})
    assert tell(datetime.now(UTC) - timedelta(minutes=1)) == Counter(sent=0)
    for _ in WAITS:
        tell(LATER)
    assert counts() == Counter({EventState.DEAD: 2})
    assert Counter(heard.ids).most_common() == [(known, len(WAITS) + 1) for known in dict.fromkeys(heard.ids)]
    (row,) = receivers_table(ELECTION)
    assert (row["dead"], row["last failure"]) == (2, "HTTP 500")
    assert [told.standing for told in told_of_events()] == [Standing.WRONG]
    heard.always = 200
    assert replay(ELECTION, "planning") == 2
    tell()
    assert counts() == Counter({EventState.SENT: 2})
    assert len({*heard.ids}) == 2


def test_one_event_that_is_never_taken_holds_up_no_other(named: Path, heard: Heard) -> None:
    del named
    for _ in range(3):
        happen()
    heard.answers.extend([400])
    tell()
    assert counts() == Counter({EventState.SENT: 5, EventState.QUEUED: 1})


def test_a_stalling_receiver_holds_up_no_other(named: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.5)
    address = f"http://127.0.0.1:{heard.port}"
    name_receivers(named, planning={"url": address, "kinds": ["application_withdrawn"]})
    happen()
    heard.answers.extend([5.0])
    assert tell() == Counter({"put off": 1, "sent": 0})
    (row,) = receivers_table(ELECTION)
    assert str(row["last failure"]).startswith("no answer")
    assert tell(LATER) == Counter(sent=1)
    assert len({*heard.ids}) == 1


def test_who_says_it_is_gone_is_told_nothing_more_until_somebody_says_so_and_loses_nothing(
    named: Path, heard: Heard
) -> None:
    del named
    happen()
    heard.answers.append(410)
    tell()
    happen()
    assert tell(LATER) == Counter(sent=0)
    assert len(heard.messages) == 1
    assert [told.standing for told in told_of_events()] == [Standing.WRONG]
    replay(ELECTION, "planning")
    tell(LATER)
    assert counts() == Counter({EventState.SENT: 4})


def test_what_was_left_for_a_receiver_no_longer_named_is_there_when_it_is_named_again(
    named: Path, heard: Heard
) -> None:
    happen()
    name_receivers(named)
    happen()
    assert tell() == Counter(sent=0)
    name_receivers(named, planning={"url": f"http://127.0.0.1:{heard.port}/"})
    assert replay(ELECTION, "planning") == 2
    assert tell() == Counter(sent=2)


def test_no_redirect_is_followed(named: Path, heard: Heard) -> None:
    del named
    heard.always = 307
    answer = asyncio.run(try_out(ELECTION, "planning"))
    assert (answer.said, answer.taken, len(heard.messages)) == ("HTTP 307", False, 1)


def test_a_certificate_that_nobody_vouches_for_is_refused(named: Path) -> None:
    certified = certificate(named)
    with serving(certified) as heard:
        place = {"url": f"https://127.0.0.1:{heard.port}/"}
        name_receivers(named, strange=place, known={**place, "authorities": certified[0].name})
        answers = [asyncio.run(try_out(ELECTION, code)).said for code in ("strange", "known")]
    assert (answers, len(heard.messages)) == (["TLS refused", "HTTP 200"], 1)


@pytest.mark.parametrize(
    ("place", "public", "own"),
    [
        ("8.8.8.8", True, True), ("10.0.0.1", False, True), ("127.0.0.1", False, True),
        ("169.254.169.254", False, False),
        ("::1", False, True), ("fd00::1", False, True), ("::ffff:10.0.0.1", False, True), ("::", False, False),
        ("64:ff9b::a9fe:a9fe", False, False), ("2002:a00:1::", False, True), ("224.0.0.1", False, False),
        ("fe80::1", False, False), ("64:ff9b:1::a00:1", False, True), ("::10.0.0.1", False, True),
        ("fec0::1", False, True), ("::ffff:0:10.0.0.1", False, True), ("2606:4700::1111", True, True),
    ],
)  # fmt: skip
def test_events_go_to_the_public_internet_and_elsewhere_only_where_the_setting_says_so(
    place: str, *, public: bool, own: bool
) -> None:
    told = Receiver(code="planning", url="https://planning.example/", secrets=(Path("new"),))
    assert sending._may_go_to(ip_address(place), told) == public
    assert sending._may_go_to(ip_address(place), told.revised(private_addresses=True)) == own


def test_a_name_that_leads_into_the_own_network_is_connected_to_by_nobody(named: Path, heard: Heard) -> None:
    name_receivers(named, inside={"url": f"https://localhost.:{heard.port}/"})
    assert asyncio.run(try_out(ELECTION, "inside")).said in {"address not allowed", "name cannot be looked up"}
    assert heard.messages == []


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"url": "http://planning.example/"}, "neither https"),
        ({"url": "https://me@planning.example/"}, "user name"),
        ({"url": "https://planning.example/", "kinds": ["refused"]}, "no kind of event"),
        ({"url": "https://planning.example/", "secret": "x"}, "did you mean secrets"),
    ],
)
def test_a_mistake_in_the_file_is_named(named: Path, said: dict[str, Any], problem: str) -> None:
    entry = {"code": "other", "secrets": ["new"], **said}
    (named / "webhooks.yaml").write_text(json.dumps({"receivers": [entry]}))
    with pytest.raises(BadInputError, match=problem):
        receivers()


def test_a_secret_that_others_can_read_or_that_is_none_is_refused(named: Path) -> None:
    (named / "new").chmod(0o644)
    with pytest.raises(BadInputError, match="open to group or others"):
        tell()
    with pytest.raises(BadInputError, match="is no secret"):
        secret_in("whsec_c2hvcnQ=", "new")


def test_a_receiver_may_ask_for_a_longer_wait() -> None:
    assert next_attempt(1, now=NOW, asked=timedelta(hours=1)) == NOW + timedelta(hours=1)
    assert next_attempt(1, now=NOW, asked=timedelta(days=90)) == NOW + timedelta(days=1)
    assert next_attempt(len(WAITS) + 1, now=NOW) is None


def test_who_is_killed_in_the_middle_loses_no_event_and_tells_it_again_under_the_same_id(
    named: Path, heard: Heard
) -> None:
    del named
    for _ in range(5):
        happen()
    heard.answers.extend([200, 200, 200, 60.0])
    told = "import asyncio,datetime; from flows.delivery.webhooks.rounds import tell_everybody as t; "
    told += f"asyncio.run(t({ELECTION!r}, now=datetime.datetime.now(datetime.UTC)))"
    child = subprocess.Popen([sys.executable, "-c", told], cwd=Path(__file__).parents[3])
    until = time.monotonic() + 120
    while len(heard.messages) < 4 and time.monotonic() < until:
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    before = heard.ids
    assert len(before) == 4
    tell()
    assert counts() == Counter({EventState.SENT: 10})
    assert heard.ids[4] == before[3]
    assert len({*heard.ids}) == 10
    assert max(Counter(heard.ids).values()) == 2
