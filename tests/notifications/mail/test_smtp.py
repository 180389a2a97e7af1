from __future__ import annotations

import mailbox
import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword, Session
from aiosmtpd.smtp import Envelope as Received
from pydantic import SecretStr, ValidationError
from support import post_office
from support.messages import SENDER, a_sealed

from notifications.mail.mailers import (
    ArchivingMailer,
    MailDeferredError,
    MaildirMailer,
    MailRefusedError,
    MailUnavailableError,
)
from notifications.mail.smtp import Security, SmtpAddress, SmtpMailer


class Post:
    """A mail server's mind: refuses, defers or hangs up by the local part of the recipient."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.has_hung_up = False

    async def handle_EHLO(  # noqa: N802 -- the server library's name
        self, server: smtp.SMTP, session: Session, envelope: Received, hostname: str, responses: list[str]
    ) -> list[str]:
        del server, envelope
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802 -- the server library's name
        self, server: smtp.SMTP, session: Session, envelope: Received, address: str, options: list[str]
    ) -> str:
        del session
        answers = {
            "gone": f"550 5.1.1 <{address}> unknown here",
            "full": "552 5.2.2 mailbox full",
            "later": "451 4.3.0 try later",
            "relay": "554 5.7.1 relay access denied",
        }
        local = address.partition("@")[0]
        if local == "closing" and not self.has_hung_up and server.transport is not None:
            self.has_hung_up = True
            server.transport.close()
        if local in answers:
            return answers[local]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: smtp.SMTP, session: Session, envelope: Received) -> str:  # noqa: N802 -- the server library's name
        del session
        if envelope.rcpt_tos == ["cut@league.example"] and server.transport is not None:
            server.transport.close()
        if envelope.rcpt_tos == ["spam@league.example"]:
            return "554 5.7.1 content not accepted"
        self.received.append(envelope)
        return "250 2.0.0 queued as 4711"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, valid now."""
    return post_office.certificate(tmp_path_factory.mktemp("tls"))


def _login(server: object, session: object, envelope: object, mechanism: str, credentials: object) -> AuthResult:
    del server, session, envelope, mechanism
    good = isinstance(credentials, LoginPassword) and credentials == LoginPassword(b"engine", b"right")
    return AuthResult(success=good, handled=False)


@contextmanager
def a_server(post: Post, tls: tuple[Path, Path] | None, **changes: object) -> Generator[SmtpAddress]:
    """Run a real SMTP server on loopback, with STARTTLS and login where there is a certificate."""
    options: dict[str, object] = {"enable_SMTPUTF8": True}
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        options |= {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": _login}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port, **options)  # type: ignore[arg-type]  # mixed options
    controller.start()
    try:
        facts: dict[str, object] = {"host": "127.0.0.1", "port": port, "security": Security.NONE, "timeout": 10}
        if tls is not None:
            facts |= {"security": "starttls", "user": "engine", "password": SecretStr("right"), "authorities": tls[0]}
        yield SmtpAddress.model_validate(facts | changes)
    finally:
        controller.stop()


def test_one_refused_recipient_does_not_stop_the_others(certificate: tuple[Path, Path]) -> None:
    post = Post()
    with a_server(post, certificate) as address, SmtpMailer(address) as mailer:
        assert mailer.send(a_sealed("first@league.example")) == "250 2.0.0 queued as 4711"
        with pytest.raises(MailRefusedError, match=r"550 5\.1\.1") as refused:
            mailer.send(a_sealed("gone@league.example"))
        with pytest.raises(MailRefusedError, match="content"):
            mailer.send(a_sealed("spam@league.example"))
        for temporary in ("full", "later"):
            with pytest.raises(MailDeferredError):
                mailer.send(a_sealed(f"{temporary}@league.example"))
        mailer.send(a_sealed("last@league.example", copy_to="gone@league.example, also@league.example"))

    assert "league.example" not in str(refused.value)
    assert [envelope.rcpt_tos for envelope in post.received] == [
        ["first@league.example"],
        ["last@league.example", "also@league.example"],
    ]
    assert post.received[0].mail_from == SENDER.address
    assert post.received[0].content == a_sealed("first@league.example").contents


def test_many_mails_use_one_connection_and_renew_it_in_time() -> None:
    post = Post()
    with a_server(post, None, mails_per_connection=4) as address, SmtpMailer(address) as mailer:
        for place in range(10):
            mailer.send(a_sealed(f"person{place}@league.example"))

    assert len(post.received) == 10
    assert post.connections == 3


def test_an_international_address_travels_as_it_is() -> None:
    post = Post()
    with a_server(post, None) as address, SmtpMailer(address) as mailer:
        mailer.send(a_sealed("zoë@bücher.example"))

    assert post.received[0].rcpt_tos == ["zoë@xn--bcher-kva.example"]
    assert post.received[0].smtp_utf8


def test_a_connection_cut_after_the_message_defers_it_alone() -> None:
    post = Post()
    with a_server(post, None) as address, SmtpMailer(address) as mailer:
        mailer.send(a_sealed("first@league.example"))
        with pytest.raises(MailDeferredError):
            mailer.send(a_sealed("cut@league.example"))
        mailer.send(a_sealed("last@league.example"))

    assert post.connections == 2


def test_a_server_that_closes_a_long_connection_is_called_again() -> None:
    post = Post()
    with a_server(post, None) as address, SmtpMailer(address) as mailer:
        mailer.send(a_sealed("first@league.example"))
        assert mailer.send(a_sealed("closing@league.example")).startswith("250")

    assert post.connections == 2


def test_a_server_that_is_down_or_does_not_know_us_makes_all_mail_wait(certificate: tuple[Path, Path]) -> None:
    post = Post()
    with a_server(post, certificate) as address:
        wrong = address.revised(password=SecretStr("wrong"))
        with pytest.raises(MailUnavailableError, match="login refused") as refused, SmtpMailer(wrong):
            pass
        untrusted = address.revised(authorities=None)
        with pytest.raises(MailUnavailableError, match="certificate"), SmtpMailer(untrusted):
            pass
        with SmtpMailer(address) as mailer, pytest.raises(MailUnavailableError, match="relay"):
            mailer.send(a_sealed("relay@league.example"))
    with pytest.raises(MailUnavailableError) as down, SmtpMailer(address):
        pass

    assert down.value.retryable
    assert down.value.exit_code == 3
    assert "wrong" not in str(refused.value)


def test_an_archive_keeps_what_is_sent_and_repeats_nothing(tmp_path: Path) -> None:
    post = Post()
    with a_server(post, None) as address, ArchivingMailer(SmtpMailer(address), MaildirMailer(tmp_path)) as mailer:
        mailer.send(a_sealed())
        mailer.send(a_sealed())

    assert len(post.received) == 2
    assert len(mailbox.Maildir(tmp_path)) == 1


def test_mail_never_leaves_this_machine_unprotected() -> None:
    with pytest.raises(ValidationError, match="starttls or tls"):
        SmtpAddress(host="mail.commission.example", security=Security.NONE)
