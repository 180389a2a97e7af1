"""What takes a message away: a connection, an answer for every message, and three ways to fail."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from domain.errors import AccreditationError, UnavailableError

_ADDRESS: Final = re.compile(r"[^\s<>:;,]+@[^\s<>:;,]+")


class MailRefusedError(AccreditationError):
    """One message will never be taken as it is (RFC 3463 class 5); the others can still be sent.

    *answer* is what the server said, without addresses.
    """

    def __init__(self, answer: str) -> None:
        super().__init__(f"The mail server refuses this message for good: {(said := without_addresses(answer))}")
        self.answer = said


class MailDeferredError(AccreditationError):
    """One message was not taken now (RFC 3463 class 4), or whether it was is unknown; the others can still be sent."""

    retryable = True
    exit_code = 3

    def __init__(self, answer: str) -> None:
        super().__init__(f"The mail server does not take this message now: {(said := without_addresses(answer))}")
        self.answer = said


class MailUnavailableError(UnavailableError):
    """No message can be sent now: server, login, certificate or mail folder fail. Stop; everything stays queued."""

    def __init__(self, place: str, answer: str, *, remedy: str = "") -> None:
        said = without_addresses(answer)
        super().__init__(f"Mail cannot be sent through {place}: {said}. {remedy}".rstrip())
        self.place = place
        self.answer = said


def without_addresses(answer: str) -> str:
    """Return a server's *answer* on one line, without the addresses that servers like to repeat."""
    return _ADDRESS.sub("‹address›", " ".join(answer.split()))[:500]


class Mailer(Protocol):
    """A way out for messages, open while it is entered."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, message: EmailMessage) -> str:
        """Return the server's answer once it has taken *message*.

        Raises MailRefusedError or MailDeferredError for this message alone, MailUnavailableError for all.
        """
        ...


class MaildirMailer:
    """Writes messages into a Maildir; a message whose id is there already, read or unread, is not written again.

    The file is named after the Message-ID and appears under ``new`` complete or not at all, so that a repeat after a
    crash changes nothing. Folder and files can be read by their owner only.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: frozenset[str] = frozenset()

    def __enter__(self) -> Self:
        try:
            for name in ("tmp", "new", "cur"):
                (self._folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            # Mail programs move what was read to cur and add flags after a colon.
            self._read = frozenset(path.name.partition(":")[0] for path in (self._folder / "cur").iterdir())
        except OSError as error:
            raise self._unavailable(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def send(self, message: EmailMessage) -> str:
        """Store *message*; see :class:`Mailer`."""
        name = hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:40]
        arrived = self._folder / "new" / name
        try:
            if name in self._read or arrived.exists():
                return f"250 2.0.0 already stored as {name}"
            _write_durably(self._folder / "tmp" / name, message.as_bytes())
            (self._folder / "tmp" / name).replace(arrived)
        except OSError as error:
            raise self._unavailable(error) from error
        return f"250 2.0.0 stored as {name}"

    def _unavailable(self, error: OSError) -> MailUnavailableError:
        return MailUnavailableError(
            f"the folder {self._folder}",
            error.strerror or type(error).__name__,
            remedy="Give the engine a folder that it can write to.",
        )


def _write_durably(path: Path, contents: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(contents)
        file.flush()
        os.fsync(file.fileno())


class ArchivingMailer:
    """Keeps a copy of every message in *archive*, then hands it to *mailer*, whose answer counts.

    The archive comes first and ignores repeats: if it failed after sending, a sent message would look unsent.
    """

    def __init__(self, mailer: Mailer, archive: Mailer) -> None:
        self._mailer = mailer
        self._archive = archive
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self._archive)
            opening.enter_context(self._mailer)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def send(self, message: EmailMessage) -> str:
        """Archive and send *message*; see :class:`Mailer`."""
        self._archive.send(message)
        return self._mailer.send(message)
