"""Messages by SMTP (RFC 5321): many over one connection, with TLS and login, and errors told apart."""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Annotated, Final, NoReturn, Self

from pydantic import Field, SecretStr, model_validator

from domain.values import Frozen
from notifications.mail.dkim import DkimKey
from notifications.mail.mailers import MailDeferredError, MailRefusedError, MailUnavailableError, SealedMessage

_ENHANCED: Final = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")
_LEADING_DOT: Final = re.compile(rb"(?m)^\.")
_CLOSING: Final = 421
_GO_AHEAD: Final = 354
_PERMANENT: Final = 500
_MAILBOX_FULL: Final = "5.2.2"
_NOT_ALLOWED: Final = frozenset({"5.7.0", "5.7.8", "5.7.9"})


class Security(StrEnum):
    """How the connection is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class SmtpAddress(Frozen):
    """A mail server and how to reach it. Without TLS only on this machine."""

    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Security = Security.STARTTLS
    user: str = ""
    password: SecretStr = SecretStr("")
    timeout: Annotated[float, Field(gt=0, description="seconds for every answer")] = 30.0
    authorities: Annotated[Path | None, Field(description="PEM file of the authorities to trust; unset: the usual")] = (
        None
    )
    mails_per_connection: Annotated[int, Field(ge=1)] = 200
    return_path: Annotated[str, Field(description="where delivery reports go; empty: the sender")] = ""

    @model_validator(mode="after")
    def _is_protected(self) -> Self:
        if self.security is Security.NONE and not _is_loopback(self.host):
            raise ValueError(f"{self.host} is another machine: security must be starttls or tls")
        return self

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _ClosedError(Exception):
    """The server ended the connection before it took the message."""


class SmtpMailer:
    """Sends over one connection at a time, renewed after a number of mails or when the server closes it.

    If the connection breaks after a message was handed over but before the answer, nobody knows whether it was taken;
    it is deferred, and its next attempt has the same Message-ID. With a *key* every message is signed for its domain.
    """

    def __init__(self, address: SmtpAddress, *, key: DkimKey | None = None) -> None:
        self._address = address
        self._key = key
        self._server: smtplib.SMTP | None = None
        self._sent = 0

    def __enter__(self) -> Self:
        self._connected()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    @property
    def together(self) -> int:
        """One, because a repeated message is seen."""
        return 1

    def secure(self) -> None:
        """Nothing is left to do: the server has answered for every message."""

    def send(self, message: SealedMessage) -> str:
        """Send *message* to all in To and Cc; see :class:`notifications.mail.mailers.Mailer`.

        A refused recipient in Cc does not stop the letter; the answer mentions it.
        """
        if self._sent >= self._address.mails_per_connection:
            self._leave()
        try:
            return self._transmit(message)
        except _ClosedError as closed:
            if not self._sent:
                raise self._unavailable(str(closed)) from closed
        try:
            return self._transmit(message)
        except _ClosedError as closed:
            raise self._unavailable(str(closed)) from closed

    def _transmit(self, message: SealedMessage) -> str:
        server = self._connected()
        contents = message.contents if self._key is None else self._key.signed(message.contents)
        try:
            self._announce(server, message, len(contents))
            refused = self._name_recipients(server, message)
            self._expect(server, *server.docmd("DATA"), wanted=_GO_AHEAD)
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self._drop()
            raise _ClosedError("the connection broke") from error
        answer = self._hand_over(server, contents)
        self._sent += 1
        return answer + refused

    def _announce(self, server: smtplib.SMTP, message: SealedMessage, size: int) -> None:
        limit = server.esmtp_features.get("size", "")
        if limit.isdigit() and 0 < int(limit) < size:
            raise MailRefusedError(f"552 5.3.4 the message has {size} bytes, the server takes {limit}")
        options: list[str] = []
        if message.needs_utf8:
            if not server.has_extn("smtputf8"):
                raise MailRefusedError("550 5.6.7 the server does not take international addresses (SMTPUTF8)")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        if server.has_extn("dsn"):
            # RFC 3461: a delivery report then names the letter even where it does not return it.
            options += ["RET=HDRS", f"ENVID={message.message_id.strip('<>')}"]
        code, reply = server.mail(self._address.return_path or message.sender, options)
        if code >= _PERMANENT and not _text(reply).startswith(("5.2.3", "5.3.4")):
            self._reset(server)
            raise self._unavailable(f"{code} {_text(reply)}", remedy="The server does not take mail from this sender.")
        self._expect(server, code, reply)

    def _name_recipients(self, server: smtplib.SMTP, message: SealedMessage) -> str:
        """Name To, all of which must be taken, then Cc; return what to add to the answer for the refused."""
        for address in message.to:
            self._expect(server, *server.rcpt(address))
        refused = ""
        for address in message.copies:
            code, reply = server.rcpt(address)
            if code >= 400:  # noqa: PLR2004 -- RFC 5321: 4yz and 5yz refuse
                refused += f"; copy refused: {code} {_text(reply).split(' ')[0]}"
        return refused

    def _hand_over(self, server: smtplib.SMTP, contents: bytes) -> str:
        ending = b".\r\n" if contents.endswith(b"\r\n") else b"\r\n.\r\n"
        try:
            server.send((_LEADING_DOT.sub(b"..", contents) if b"\n." in contents else contents) + ending)
            code, reply = server.getreply()
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self._drop()
            raise MailDeferredError("the connection broke before the server had answered") from error
        self._expect(server, code, reply)
        return f"{code} {_text(reply)}"

    def _expect(self, server: smtplib.SMTP, code: int, reply: bytes, *, wanted: int = 250) -> None:
        """Return if the server agrees; else clear the transaction and raise what its answer means (RFC 3463)."""
        if code == wanted or (wanted == 250 and code in {251, 252}):  # noqa: PLR2004 -- RFC 5321, 4.2.3
            return
        answer = f"{code} {_text(reply)}"
        if code == _CLOSING:
            self._drop()
            raise _ClosedError(answer)
        self._reset(server)
        self._raise(code, answer, _text(reply))

    def _raise(self, code: int, answer: str, reply: str) -> NoReturn:
        match = _ENHANCED.match(reply)
        status = match[1] if match else ""
        if code < _PERMANENT or status == _MAILBOX_FULL:
            raise MailDeferredError(answer)
        if code == 530 or status in _NOT_ALLOWED or "relay" in reply.lower():  # noqa: PLR2004 -- RFC 4954
            raise self._unavailable(answer, remedy="Correct user, password or the server's permission to send.")
        raise MailRefusedError(answer)

    def _reset(self, server: smtplib.SMTP) -> None:
        try:
            server.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            try:
                self._server = self._connect()
            except ssl.SSLCertVerificationError as error:
                raise self._unavailable(
                    f"its certificate is not valid ({error.verify_message})", remedy="Correct host or authorities."
                ) from error
            except smtplib.SMTPAuthenticationError as error:
                raise self._unavailable(
                    f"{error.smtp_code} login refused", remedy="Correct user and password."
                ) from error
            except (OSError, smtplib.SMTPException) as error:
                raise self._unavailable(_reason(error)) from error
            self._sent = 0
        return self._server

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """Whom to trust; to read the system's authorities takes as long as a hundred letters."""
        return ssl.create_default_context(cafile=self._address.authorities)

    def _connect(self) -> smtplib.SMTP:
        at = self._address
        if at.security is Security.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(at.host, at.port, timeout=at.timeout, context=self._trust)
        else:
            server = smtplib.SMTP(at.host, at.port, timeout=at.timeout)
        try:
            server.ehlo_or_helo_if_needed()
            if at.security is Security.STARTTLS:
                server.starttls(context=self._trust)
                server.ehlo()
            if at.user:
                server.login(at.user, at.password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server

    def _unavailable(
        self, answer: str, *, remedy: str = "Nothing is lost; sending can be tried again later."
    ) -> MailUnavailableError:
        return MailUnavailableError(str(self._address), answer, remedy=remedy)

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _leave(self) -> None:
        if self._server is not None:
            try:
                self._server.quit()
            except (OSError, smtplib.SMTPException):
                self._server.close()
            self._server = None


def _text(reply: bytes) -> str:
    return reply.decode("utf-8", "replace")


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {error.smtp_error!r}"
    return (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
