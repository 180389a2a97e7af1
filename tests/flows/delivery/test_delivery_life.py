"""What a delivery keeps, and for whom it makes room: killed processes, several at a time, signed letters."""

from __future__ import annotations

import importlib
import os
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from support.builders import ELECTION
from support.stages import AS_OF, Stages

from db import locks
from db.letters.outbox import Settlement
from db.locks import exclusive
from db.store import open_reader, open_store
from domain.errors import BadInputError
from domain.letters.delivery import Pace
from domain.letters.envelope import LetterState
from flows.context import database
from flows.delivery import postman, transport
from flows.delivery.journal import DeliveryJournal, left_behind
from flows.runtime.server.lifetime import free_port
from flows.settings import reset_settings, settings

LEASE = timedelta(minutes=15)
TAKEN = "250 2.0.0 taken"


@pytest.fixture
def issued(stages: Stages) -> Iterator[Stages]:
    """Every stage done but the delivery."""
    with stages.copy("issued"):
        yield stages


def deliver() -> None:
    with open_reader(database()) as store:
        profile = store.elections.profile(ELECTION)
    for _ in postman.send_due(ELECTION, profile, now=AS_OF):
        pass


def states() -> dict[str, LetterState]:
    with open_reader(database()) as store:
        return {letter.envelope.key: letter.state for letter in store.letters.matching(ELECTION)}


def test_what_a_killed_process_had_noted_is_recorded_and_only_the_rest_is_sent_again(issued: Stages) -> None:
    del issued
    folder = settings().home / postman.JOURNALS
    with open_store(database()) as store:
        claimed = store.outbox.claim(ELECTION, "elsewhere:1:1", limit=5, now=AS_OF, clock=AS_OF, lease=LEASE)
    keys = [one.envelope.key for one in claimed]
    journal = DeliveryJournal(folder, "elsewhere:1:1", now=AS_OF)
    journal.__enter__()
    journal.note([Settlement(key, LetterState.SENT, TAKEN) for key in keys[:2]])
    journal.note([Settlement(keys[2], LetterState.DEFERRED, "450 later", AS_OF + timedelta(minutes=2))])
    assert list(left_behind(folder)) == [], "who still writes has not left it"
    journal.__exit__(None, None, None)
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes() + b'{"key": "torn')

    assert postman.recover(ELECTION, lambda name: name == "elsewhere:1:1") == 2

    found = states()
    assert [found[key] for key in keys] == ["sent", "sent", "deferred", "queued", "queued"]
    assert list(folder.iterdir()) == []
    with open_reader(database()) as store:
        assert [one.answer for one in store.letters.history(keys[0])] == [TAKEN]


def test_one_delivery_at_a_time_whatever_the_process(issued: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    del issued
    monkeypatch.setattr(locks, "PATIENCE", 0.05)
    with exclusive(database(), "delivery") as had:
        assert had
        with pytest.raises(postman.UnderWayError, match="is running"):
            deliver()
    assert set(states().values()) == {LetterState.QUEUED}
    deliver()
    assert set(states().values()) == {LetterState.SENT}


class SteadyTime:
    """Clocks that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return self.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_domains_limit_holds_from_one_run_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pace, clock, memory = Pace(per_second=10, burst=5, domain_per_minute=3), SteadyTime(), tmp_path / "turns"
    had: list[float] = []
    monkeypatch.setattr(transport, "time", clock)
    for _ in range(5):
        run = transport.SendingPace(pace, memory=memory)
        for _ in range(2):
            run.take("mission.example")
            had.append(clock.now)
        with memory.open("a", encoding="utf-8") as file:
            file.write("1000.0 cut-o")  # killed while it wrote
    assert all(later - first >= 60 for first, later in zip(had, had[3:], strict=False))
    assert had[-1] - had[0] == pytest.approx(180, abs=1)


class Post:
    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        self.taken.append(envelope.original_content)
        return TAKEN


@pytest.fixture
def signing(issued: Stages, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Post, rsa.RSAPrivateKey]]:
    """Settings that sign, and the mail server that they name."""
    del issued
    key, post, port = rsa.generate_private_key(65537, 2048), Post(), free_port()
    pem = settings().home / "dkim.pem"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    chosen = {
        "SMTP_HOST": "127.0.0.1", "SMTP_PORT": port, "SMTP_SECURITY": "plain", "SMTP_PER_SECOND": 100_000,
        "SMTP_BURST": 100_000, "DKIM_DOMAIN": "elections.example", "DKIM_SELECTOR": "letters", "DKIM_KEY": pem,
    }  # fmt: skip
    for name, value in chosen.items():
        monkeypatch.setenv(f"ACCREDIT_{name}", str(value))
    reset_settings()
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    yield post, key
    controller.stop()
    monkeypatch.undo()
    reset_settings()


def test_settings_alone_make_letters_that_another_library_finds_signed(
    signing: tuple[Post, rsa.RSAPrivateKey],
) -> None:
    post, key = signing
    verifier: Any = importlib.import_module("dkim")
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def looked_up(name: bytes, timeout: int = 5) -> bytes:
        del timeout
        assert name == b"letters._domainkey.elections.example."
        return b"v=DKIM1; k=rsa; p=" + b64encode(public)

    deliver()

    assert len(post.taken) == len(states())
    assert all(verifier.verify(contents, dnsfunc=looked_up) for contents in post.taken[::20])
    assert not verifier.verify(post.taken[0].replace(b"=\r\n", b" \r\n", 1) + b"more", dnsfunc=looked_up)


@pytest.mark.parametrize("trouble", ["absent", "unreadable", "no key", "domain"])
def test_a_key_that_cannot_sign_is_said_before_anything_is_sent(
    signing: tuple[Post, rsa.RSAPrivateKey], trouble: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    post, _ = signing
    file = tmp_path / "key.pem"
    if trouble != "absent":
        file.write_bytes(b"\xff\xfe" if trouble == "unreadable" else b"-----BEGIN NOTHING-----")
    monkeypatch.setenv(
        *(("ACCREDIT_DKIM_DOMAIN", "No Domain") if trouble == "domain" else ("ACCREDIT_DKIM_KEY", os.fspath(file)))
    )
    reset_settings()

    with pytest.raises(BadInputError, match="DKIM"):
        deliver()

    assert post.taken == []
    assert set(states().values()) == {LetterState.QUEUED}
