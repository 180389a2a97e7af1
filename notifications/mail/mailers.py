"""What takes a message away: a connection, an answer for every message, and three ways to fail."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from domain.errors import AccreditationError, UnavailableError

_TOGETHER: Final = 25
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


@dataclass(frozen=True, slots=True)
class SealedMessage:
    """A message in its bytes (RFC 5322), with what handing it over needs to know of it."""

    message_id: str
    sender: str
    to: tuple[str, ...] = field(repr=False)
    copies: tuple[str, ...] = field(repr=False)
    needs_utf8: bool
    contents: bytes = field(repr=False)


class Mailer(Protocol):
    """A way out for messages, open while it is entered."""

    @property
    def together(self) -> int:
        """How many messages may go before what became of them is recorded: one, where a repeat would be noticed."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, message: SealedMessage) -> str:
        """Return the server's answer once it has taken *message*.

        Raises MailRefusedError or MailDeferredError for this message alone, MailUnavailableError for all.
        """
        ...

    def secure(self) -> None:
        """Return when what was sent outlives a power cut; before, nothing may be recorded as sent."""
        ...


class MaildirMailer:
    """Writes messages into a Maildir; one that is there already for the same people, read or unread, stays as it is.

    The file is named after Message-ID and recipients: a repeat after a crash changes nothing, and what is sent to a
    corrected address is there as well. It appears under ``new`` complete or not at all. Files appear some at a time,
    because the disk is asked once for all of them. Folder and files can be read by their owner only.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: frozenset[str] = frozenset()
        self._written: dict[str, int] = {}

    @property
    def together(self) -> int:
        """Some, because what is written again changes nothing."""
        return _TOGETHER

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
        self.secure()

    def send(self, message: SealedMessage) -> str:
        """Write *message*, which appears in the folder when it is secured; see :class:`Mailer`."""
        named = " ".join([message.message_id, *message.to, *message.copies])
        name = hashlib.sha256(named.encode()).hexdigest()[:40]
        try:
            if name in self._read or name in self._written or (self._folder / "new" / name).exists():
                return f"250 2.0.0 already stored as {name}"
            self._written[name] = _written(self._folder / "tmp" / name, message.contents)
        except OSError as error:
            raise self._unavailable(error) from error
        if len(self._written) >= self.together:
            self.secure()
        return f"250 2.0.0 stored as {name}"

    def secure(self) -> None:
        """Let what was written appear, for good; see :class:`Mailer`."""
        written, self._written = self._written, {}
        try:
            for descriptor in written.values():
                os.fsync(descriptor)
            for name in written:
                (self._folder / "tmp" / name).replace(self._folder / "new" / name)
            if written:
                _secure_folder(self._folder / "new")
        except OSError as error:
            raise self._unavailable(error) from error
        finally:
            for descriptor in written.values():
                os.close(descriptor)

    def _unavailable(self, error: OSError) -> MailUnavailableError:
        return MailUnavailableError(
            f"the folder {self._folder}",
            error.strerror or type(error).__name__,
            remedy="Give a folder that this program can write to.",
        )


def _written(path: Path, contents: bytes) -> int:
    """Write *contents* to *path* and return the descriptor, still open and not yet synchronised."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        rest = memoryview(contents)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _secure_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class ArchivingMailer:
    """Keeps a copy of every message in *archive*, then hands it to *mailer*, whose answer counts.

    The archive comes first and ignores repeats: if it failed after sending, a sent message would look unsent.
    """

    @property
    def together(self) -> int:
        """As many as the mailer lets go together."""
        return self._mailer.together

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

    def send(self, message: SealedMessage) -> str:
        """Archive and send *message*; see :class:`Mailer`."""
        self._archive.send(message)
        self._archive.secure()
        return self._mailer.send(message)

    def secure(self) -> None:
        """Secure what was sent; see :class:`Mailer`."""
        self._mailer.secure()
