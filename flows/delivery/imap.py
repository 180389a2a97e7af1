"""A mailbox over IMAP (RFC 9051, RFC 3501), always encrypted, its server's certificate always checked."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import mktime
from typing import Any, Final, Literal, Self

from pydantic import SecretStr

from domain.errors import BadInputError, UnavailableError
from flows.settings import Settings

LARGEST_MESSAGE: Final = 64 * 2**20
"""Bytes; mail servers seldom pass more than 50 MB."""
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")
_FAILS: Final = (imaplib.IMAP4.error, OSError, EOFError, ValueError)


class MailboxUnavailableError(UnavailableError):
    """The mailbox does not answer, or not as it should; what was fetched is kept, the rest is fetched next time."""


@dataclass(frozen=True, slots=True)
class MailboxAddress:
    """Where a mailbox is and how it is opened."""

    host: str
    port: int
    security: Literal["tls", "starttls"]
    user: str
    password: SecretStr = field(repr=False)
    authorities: Path | None = None
    timeout: float = 60.0


def configured_mailbox(chosen: Settings) -> MailboxAddress | None:
    """Return the mailbox that the settings name, if any; raises :class:`BadInputError` for one without login."""
    if chosen.imap_host is None:
        return None
    if chosen.imap_user is None or chosen.imap_password is None:
        raise BadInputError(
            "ACCREDIT_IMAP_USER, ACCREDIT_IMAP_PASSWORD", "are not both set.",
            remedy="Set the login of the mailbox; keep the password as a file in ACCREDIT_SECRETS_FOLDER.",
        )  # fmt: skip
    return MailboxAddress(
        host=chosen.imap_host,
        port=chosen.imap_port,
        security=chosen.imap_security,
        user=chosen.imap_user,
        password=chosen.imap_password,
        authorities=chosen.imap_authorities,
        timeout=chosen.imap_timeout,
    )


class Mailbox:
    """An open mailbox; use it as a context manager. Messages are known by their UID in the folder chosen last."""

    def __init__(self, address: MailboxAddress) -> None:
        self._address = address
        self._server: Any = None
        self._can: set[str] = set()

    def __enter__(self) -> Self:
        """Connect, check the certificate and log in; raises :class:`MailboxUnavailableError`."""
        try:
            self._server = self._connected()
            self._log_in()
            # Servers can do more for those who are logged in; imaplib remembers only what was said before.
            self._can = {word.upper() for word in self._done("CAPABILITY", self._server.capability)[0].decode().split()}
        except ssl.SSLError as error:
            self.__exit__()
            raise MailboxUnavailableError(
                "The mail server's certificate or encryption was not accepted; nothing was sent to it. Check "
                "ACCREDIT_IMAP_HOST, ACCREDIT_IMAP_SECURITY and ACCREDIT_IMAP_AUTHORITIES."
            ) from error
        except _FAILS as error:
            self.__exit__()
            refused = isinstance(error, imaplib.IMAP4.error) and not isinstance(error, imaplib.IMAP4.abort)
            words = "refuses the login" if refused else "does not answer"
            raise MailboxUnavailableError(f"The mail server {words}. Check the settings ACCREDIT_IMAP_….") from error
        return self

    def __exit__(self, *_: object) -> None:
        """Log out, if there is still somebody to say it to."""
        if self._server is not None:
            with suppress(*_FAILS):
                self._server.logout()

    def _connected(self) -> imaplib.IMAP4:
        known = self._address
        context = ssl.create_default_context(cafile=str(known.authorities) if known.authorities else None)
        if known.security == "tls":
            return imaplib.IMAP4_SSL(known.host, known.port, ssl_context=context, timeout=known.timeout)
        server = imaplib.IMAP4(known.host, known.port, timeout=known.timeout)
        self._server = server
        server.starttls(context)
        return server

    def _log_in(self) -> None:
        """Authenticate by SASL PLAIN (RFC 4616), which takes any character, else by LOGIN."""
        user, password = self._address.user, self._address.password.get_secret_value()
        if "AUTH=PLAIN" in self._server.capabilities:
            self._server.authenticate("PLAIN", _plain(user, password))
        else:
            self._server.login(_quoted(user), password)

    def choose(self, folder: str) -> None:
        """Work in *folder* from now on."""
        self._done("SELECT", lambda: self._server.select(_quoted(folder)))

    def search(self, *criteria: str) -> list[str]:
        """Return the UIDs of the messages that are not marked deleted and meet *criteria*, oldest first."""
        found = self._done("SEARCH", lambda: self._server.uid("SEARCH", "UNDELETED", *criteria))
        return [uid.decode("ascii") for uid in (found[0] or b"").split()]

    def size(self, uid: str) -> int:
        """Return the size of a message in bytes."""
        found = self._done("FETCH", lambda: self._server.uid("FETCH", uid, "(RFC822.SIZE)"))
        sizes = [size for line in found if isinstance(line, bytes) and (size := _SIZE.search(line))]
        return int(sizes[0][1]) if sizes else 0

    def fetch(self, uid: str) -> tuple[bytes, datetime] | None:
        """Return a message, unmarked, and when the server received it; None where it is gone."""
        found = self._done("FETCH", lambda: self._server.uid("FETCH", uid, "(INTERNALDATE BODY.PEEK[])"))
        parts: list[tuple[bytes, bytes]] = [part for part in found if isinstance(part, tuple)]
        if not parts:
            return None
        said = imaplib.Internaldate2tuple(b" ".join(part for part in _lines(found) if b"INTERNALDATE" in part))
        received = datetime.fromtimestamp(mktime(said), UTC) if said else datetime.now(UTC)
        return parts[0][1], received

    def make_folders(self, *folders: str) -> None:
        """Make the folders that are not there."""
        for folder in folders:
            if self._done("LIST", partial(self._server.list, '""', _quoted(folder))) == [None]:
                self._done("CREATE", partial(self._server.create, _quoted(folder)))

    def move(self, uid: str, folder: str) -> None:
        """Move a message to *folder*: in one step where the server can (RFC 6851), else by copy and deletion of it."""
        if "MOVE" in self._can:
            self._done("MOVE", lambda: self._server.uid("MOVE", uid, _quoted(folder)))
            return
        self._done("COPY", lambda: self._server.uid("COPY", uid, _quoted(folder)))
        self._done("STORE", lambda: self._server.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"))
        if "UIDPLUS" in self._can:
            # Without it EXPUNGE would remove what other people marked; the mark alone keeps it from being read again.
            self._done("EXPUNGE", lambda: self._server.uid("EXPUNGE", uid))

    def _done(self, command: str, ask: Callable[[], tuple[str, Sequence[Any]]]) -> list[Any]:
        """Return the answer; raises without the server's own words, which may quote an address."""
        try:
            said, answer = ask()
        except _FAILS as error:
            raise MailboxUnavailableError(f"The mail server broke off at {command}. Nothing is lost.") from error
        if said != "OK":
            raise MailboxUnavailableError(f"The mail server refuses {command}. Check the folders ACCREDIT_IMAP_….")
        return list(answer)


def _plain(user: str, password: str) -> Callable[[bytes], bytes]:
    def answer(_challenge: bytes) -> bytes:
        return f"\0{user}\0{password}".encode()

    return answer


def _lines(answer: Sequence[Any]) -> list[bytes]:
    return [part[0] if isinstance(part, tuple) else part for part in answer if part]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
