"""A mail server for tests with TLS, login and a bad day, and letters to send through it."""

from __future__ import annotations

import asyncio
import hashlib
import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from db.engine import sessions
from db.schema import upgrade
from db.store import open_store
from domain.letters.envelope import Envelope
from flows.rehearsal import valdara
from flows.rehearsal.package.election_files import geography
from notifications.letters import contents_of
from notifications.letters.samples import SAMPLES
from support.builders import ELECTION, NOW
from support.databases import keys_of

USER, PASSWORD = b"engine", b"right"
PLAIN = ("receipt", "approval", "deficiency", "refusal", "placement", "referral")


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1 and its key, valid now, and return their paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Valdara test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


@dataclass
class BadDay:
    """What the server takes, and how often it refuses, closes, or hangs up after it took a letter (shares of 1)."""

    rng: random.Random
    later: float = 0.06
    closing: float = 0.02
    cut: float = 0.02
    password: bytes = PASSWORD
    unknown: frozenset[str] = frozenset()
    taken: list[str] = field(default_factory=list[str])
    contents: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    cuts: int = 0
    logins_refused: int = 0
    answers: int = 0

    def authenticate(self, _server: object, _session: object, _envelope: object, _how: str, given: Any) -> AuthResult:
        good = isinstance(given, LoginPassword) and given == LoginPassword(USER, self.password)
        self.logins_refused += not good
        return AuthResult(success=good, handled=False)

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: Any, _session: object, envelope: Any, address: str, _options: object
    ) -> str:
        chance = self.rng.random()
        if address in self.unknown:
            return f"550 5.1.1 <{address}> unknown"
        if chance < self.later + self.closing:
            self.answers += 1
            return "450 4.2.1 try later" if chance < self.later else "421 4.3.2 closing"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: object, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        await asyncio.sleep(0)
        message = message_from_bytes(envelope.content)
        known = str(message["Message-ID"])
        self.taken.append(known)
        self.contents.setdefault(known, set()).add(hashlib.sha256(envelope.content).hexdigest())
        if self.rng.random() < self.cut:
            self.cuts += 1
            server.transport.close()
        return "250 2.0.0 taken"


class PostOffice:
    """The server on one port: it can close and open again."""

    def __init__(self, day: BadDay, port: int, tls: tuple[Path, Path]) -> None:
        self._day, self._port, self._tls = day, port, tls
        self._controller: Controller | None = None

    def open(self, tls: tuple[Path, Path] | None = None) -> None:
        """Answer on the port, with another certificate where one is named."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*(tls or self._tls))
        self._controller = Controller(
            self._day, hostname="127.0.0.1", port=self._port, tls_context=context, require_starttls=True,
            auth_required=True, authenticator=self._day.authenticate,
        )  # fmt: skip
        self._controller.start()

    def close(self) -> None:
        """Answer no more; connections break."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


def outbox_of(url: str, letters: int, address: Callable[[int], str] = "p{0}@d{0}.example".format) -> list[str]:
    """Prepare the SQLite database at *url* with an election and so many queued letters; returns their keys."""
    upgrade(url)
    samples = [SAMPLES[name] for name in PLAIN]
    keys = [f"{samples[n % len(samples)].kind}:{n:06}" for n in range(letters)]
    home = Path(url.removeprefix("sqlite:///")).parent
    with keys_of(home), open_store(sessions(url)) as store:
        store.elections.put(valdara(), geography(20, valdara()), now=NOW)
        for n, key in enumerate(keys):
            letter = samples[n % len(samples)]
            envelope = Envelope(
                key=key,
                kind=letter.kind,
                to=address(n),
                language=("en", "fr", "ar")[n % 3],
                contents=contents_of(letter),
            )
            store.outbox.put(ELECTION, envelope, now=NOW + timedelta(seconds=n))
    return keys
