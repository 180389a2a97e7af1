"""Reading what comes from outside in processes of their own, so that a file that breaks its reader breaks nothing else.

See :mod:`flows.intake.reading.child` for the other side, and :mod:`flows.runtime.processes.wire` for how they speak.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from domain.errors import BadInputError
from domain.identity.file_rules import DocumentLimits, PhotoRules
from domain.identity.photo import DocumentReport, FileProblem, PhotoReport
from domain.messages import Message
from flows.runtime.processes.wire import receive, send

INPUT_MEMORY: Final = 2**30
"""Bytes that reading a table may take: 150,000 rows take a third of it."""
PICTURE_MEMORY: Final = 768 * 2**20
"""Bytes: a picture of 25 million pixels, its copy and the file itself take 300 MB."""
PICTURE_SECONDS: Final = 15
MESSAGE_SECONDS: Final = 30
CODES_MEMORY: Final = 2**30
"""Bytes: a scan of 60 million pixels takes half a gigabyte while codes are looked for."""
CODES_SECONDS: Final = 120
"""A PDF of a thousand pages is looked at page by page."""
LARGEST_FILE: Final = 50_000_000
"""Bytes of a picture, scan or PDF that somebody names."""
_SILENT: Final = 900.0
"""Seconds after which a reader that says nothing is given up."""


def plain_content(path: Path, *, most: int = LARGEST_FILE) -> bytes:
    """Return what a file holds; raises :class:`OSError` for a device, a pipe, and what is larger than *most* bytes."""
    known = path.stat()
    if not stat.S_ISREG(known.st_mode) or known.st_size > most:
        raise OSError(errno.EFBIG, "no plain file of a usual size")
    with path.open("rb") as file:
        return file.read(most)


class ReaderStoppedError(BadInputError):
    """A file used up what its reader was given, or ended it; the file, not the engine, is at fault."""

    def __init__(self, place: str) -> None:
        super().__init__(place, Message.of("reading_stopped"))


class _Nursery:
    """The process that makes readers, started when the first is needed and ended with this one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def connection(self) -> socket.socket:
        """Return a connection to a new reader."""
        ours, theirs = socket.socketpair()
        with self._lock, theirs:
            try:
                self._give(theirs)
            except OSError:
                self._control = None
                self._give(theirs)  # somebody ended the process; another one is as good
        ours.settimeout(_SILENT)
        return ours

    def prepare(self) -> None:
        """Start the process, so that nobody waits for it."""
        with suppress(OSError):
            self.connection().close()

    def _give(self, theirs: socket.socket) -> None:
        if self._control is None or self._owner != os.getpid():
            self._control, self._process = _started()
            self._owner = os.getpid()
        socket.send_fds(self._control, [b"r"], [theirs.fileno()])


def _started() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair()
    environment = {
        name: text for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR") if (text := os.environ.get(name))
    }
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    with theirs:
        process = subprocess.Popen(  # noqa: S603 -- our own module
            [sys.executable, "-P", "-m", "flows.intake.reading.child", str(theirs.fileno())],
            env=environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    return ours, process


_NURSERY: Final = _Nursery()


def prepare_readers() -> None:
    """Have the process that makes readers started in advance; the first question would wait for it a second or two."""
    _NURSERY.prepare()


@dataclass(slots=True)
class Reader:
    """One process that reads one input, or several small ones of one kind, and is thrown away; a context manager."""

    _connection: socket.socket | None = None

    def __enter__(self) -> Self:
        """Return it; the process is made when something is asked."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the process end, whatever it is doing."""
        self.throw_away()

    def throw_away(self) -> None:
        """End the process; the next question goes to a new one."""
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()
            self._connection = None

    def ask(
        self, place: str, question: Mapping[str, Any], blobs: tuple[bytes, ...] = ()
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Return the answer; raises :class:`ReaderStoppedError`, or what was refused as it was refused."""
        if self._connection is None:
            self._connection = _NURSERY.connection()
        try:
            send(self._connection, question, blobs)
        except OSError as error:
            self.throw_away()
            raise ReaderStoppedError(place) from error
        return self.hear(place)

    def hear(self, place: str) -> tuple[dict[str, Any], list[bytes]]:
        """Return what the process says next; raises as :meth:`ask` does."""
        try:
            answer = receive(self._connection) if self._connection is not None else None
        except (OSError, ValueError) as error:
            self.throw_away()
            raise ReaderStoppedError(place) from error
        if answer is None or "stopped" in answer[0]:
            self.throw_away()
            raise ReaderStoppedError(place)
        if "refused" in answer[0]:
            raise _refusal(answer[0]["refused"])
        return answer

    def photo(self, content: bytes, rules: PhotoRules) -> PhotoReport:
        """Return what *content* is as a portrait; one that ends its reader is reported as such."""
        found = self._report("photo", content, rules)
        if found is None:
            return PhotoReport(problems=(FileProblem.STOPPED,), received_sha256=_nothing())
        return PhotoReport.model_validate(found)

    def document(self, content: bytes, limits: DocumentLimits) -> DocumentReport:
        """Return what *content* is as a document; one that ends its reader is reported as such."""
        found = self._report("document", content, limits)
        if found is None:
            return DocumentReport(problems=(FileProblem.STOPPED,), received_sha256=_nothing())
        return DocumentReport.model_validate(found)

    def codes(self, content: bytes) -> list[str]:
        """Return the text of every QR code in a picture or PDF; none of one that ends its reader."""
        try:
            answer, _ = self.ask("picture", asked("codes", CODES_MEMORY, CODES_SECONDS), (content,))
        except ReaderStoppedError:
            return []
        return [str(code) for code in answer["codes"]]

    def _report(self, job: str, content: bytes, rules: PhotoRules | DocumentLimits) -> dict[str, Any] | None:
        question = asked(job, PICTURE_MEMORY, PICTURE_SECONDS, rules=rules.model_dump_json())
        try:
            answer, blobs = self.ask("picture", question, (content,))
        except ReaderStoppedError:
            return None
        return {**answer["report"], "content": blobs[0] if blobs else None}


def _nothing() -> str:
    return "0" * 64


def asked(job: str, memory: int, seconds: int, **more: object) -> dict[str, Any]:
    """Return the question that asks for *job*, within so many bytes and so many seconds of computing."""
    return {"job": job, "memory": memory, "seconds": seconds, **more}


def _refusal(told: Mapping[str, Any]) -> BadInputError:
    """Return the error as it was raised on the other side."""
    kind = dict(_kinds_of(BadInputError)).get(told["kind"], BadInputError)
    error = kind.__new__(kind)
    BadInputError.__init__(error, told["place"], Message.model_validate(told["message"]))
    return error


def _kinds_of(kind: type[BadInputError]) -> Iterator[tuple[str, type[BadInputError]]]:
    """Yield *kind* and the kinds of it that this process knows, each by its name."""
    yield kind.__name__, kind
    for special in kind.__subclasses__():
        yield from _kinds_of(special)
