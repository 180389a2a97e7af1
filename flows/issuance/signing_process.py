"""The signing process: it alone has the badge keys and their pass-phrase, and listens on a socket of this user.

A request names an election, cases and a moment, and nothing that would be signed. The process ends with whoever
started it. Requests and answers are JSON behind their length; photographs follow an answer as they are.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import socket
import socketserver
import struct
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Final, cast
from uuid import UUID

from pydantic import TypeAdapter

from domain.credentials.ring import KeyFolderError
from domain.errors import AccreditationError, UnavailableError, UnknownThingError
from domain.values import ElectionCode, UtcTime
from flows.issuance.signatory import NotApprovedError, Signatory, SignedBadge, Signing
from flows.runtime.lifeline import Child, end_with_parent
from flows.runtime.shield import shielded
from flows.settings import Settings, change_settings, reset_settings, settings

SECONDS_TO_START: Final = 60.0
SECONDS_TO_SIGN: Final = 300.0
LARGEST: Final = 64_000_000
"""Bytes of one message."""
OFTEN: Final = 4
"""Signatures under one serial in an hour that are still no alarm: a run that was cut off asks again."""
HOUR: Final = 3600.0
ALARM: Final = "ALARM"
SIGNING_LOG: Final = "signing.log"

KEY_SETTINGS: Final = ("ACCREDIT_KEY_PASSPHRASE", "ACCREDIT_SIGNING_KEYS")
"""What opens keys; no other process of a served office has it."""

_NOT_DUMPABLE: Final = 4
_IDS: Final = TypeAdapter(list[UUID])
_MOMENT: Final = TypeAdapter(UtcTime)
_LENGTH: Final = struct.Struct("!I")


class RateAlarm:
    """Notices when more is signed than an office can want: very many in an hour, or one serial again and again."""

    def __init__(self, most: int, *, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._say = say
        self._clock = clock
        self._signed: deque[tuple[float, UUID]] = deque()
        self._counts: Counter[UUID] = Counter()
        self._lock = Lock()

    def note(self, ids: Iterable[UUID]) -> None:
        """Count *ids* as signed now, and say so where that is too much."""
        with self._lock:
            now = self._clock()
            while self._signed and self._signed[0][0] < now - HOUR:
                self._counts[self._signed.popleft()[1]] -= 1
            before = len(self._signed)
            for known in ids:
                self._signed.append((now, known))
                self._counts[known] += 1
                if self._counts[known] == OFTEN + 1:
                    self._say(f"{ALARM} the credential of {known} was signed {OFTEN + 1} times within an hour")
            if before <= self._most < len(self._signed):
                self._say(f"{ALARM} more than {self._most} credentials were signed within an hour")


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: Path) -> None:
        self.signatory = Signatory()
        self.alarm = RateAlarm(settings().signing_per_hour, say=_say)
        super().__init__(str(path), _Handler)


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Answer one request, with what was signed or with why not."""
        with suppress(OSError, EOFError):
            asked = json.loads(_received(self.request))
            header, photos = self._answer(asked)
            _sent(self.request, json.dumps(header).encode(), *photos)

    def _answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        served = cast("_Server", self.server)
        try:
            with shielded():
                election, now = str(asked["election"]), _MOMENT.validate_python(asked["now"])
                ids = _IDS.validate_python(asked["ids"])
                if not ids:
                    served.signatory.require_key(election, now=now)
                signed = served.signatory.sign(election, ids, now=now)
        except KeyFolderError as error:
            return {"key": [error.place, error.problem, error.remedy]}, []
        except AccreditationError as error:
            kind = "refused" if isinstance(error, NotApprovedError | UnknownThingError) else "failed"
            _say(f"{kind}: {error}")
            return {kind: str(error)}, []
        served.alarm.note(signed)
        lines = [(str(known), badge.token, badge.key_id, badge.photo is not None) for known, badge in signed.items()]
        return {"signed": lines}, [badge.photo for badge in signed.values() if badge.photo is not None]


class RemoteSignatory:
    """Asks the signing process that listens on *path*."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def require_key(self, election: ElectionCode, *, now: UtcTime) -> None:
        """Return where there is a key that can sign; raises KeyFolderError."""
        self.sign(election, (), now=now)

    def sign(self, election: ElectionCode, ids: Sequence[UUID], *, now: UtcTime) -> dict[UUID, SignedBadge]:
        """Return the signed credential of each of *ids*; raises what the process raised, or UnavailableError."""
        asked = {"election": election, "ids": [str(known) for known in ids], "now": now.isoformat()}
        try:
            with _connected(self._path) as connection:
                _sent(connection, json.dumps(asked).encode())
                header = json.loads(_received(connection))
                lines = header.get("signed", [])
                photos = [_received(connection) if pictured else None for *_, pictured in lines]
        except (OSError, EOFError) as error:
            raise UnavailableError(f"The signing process does not answer ({type(error).__name__}).") from error
        _raise_refusal(header)
        return {
            UUID(known): SignedBadge(token, key_id, photo)
            for (known, token, key_id, _), photo in zip(lines, photos, strict=True)
        }


def signing() -> Signing:
    """Return who signs for this process: the signing process where one is set up, else this process itself."""
    path = settings().signing_socket
    return RemoteSignatory(path) if path else Signatory()


@contextmanager
def signing_process(settled: Settings | None = None) -> Generator[Child | None]:
    """Let a process of its own hold the badge keys for the time of the block.

    For that time neither this process nor one that it starts has pass-phrase or keys in its environment. Where the
    settings name a socket already, whoever listens there signs.
    """
    known = settled or settings()
    if known.signing_socket:
        yield None
        return
    known.prefect_home.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = dict(os.environ)
    # A short path: the address of a socket has 107 bytes at most.
    with TemporaryDirectory(prefix="accredit-") as folder:
        path = Path(folder) / "sign"
        log = known.prefect_home / SIGNING_LOG
        child = Child("flows.issuance.signing_process", str(path), environment=before, log=log)
        try:
            for name in KEY_SETTINGS:
                os.environ.pop(name, None)
            change_settings({"signing_socket": path})
            yield child
        finally:
            os.environ.clear()
            os.environ.update(before)
            reset_settings()
            child.stop()


def _raise_refusal(header: dict[str, Any]) -> None:
    if key := header.get("key"):
        raise KeyFolderError(key[0], key[1], remedy=key[2])
    if refused := header.get("refused"):
        raise NotApprovedError(refused)
    if failed := header.get("failed"):
        raise UnavailableError(f"The signing process could not sign: {failed}")


def _connected(path: Path) -> socket.socket:
    until = time.monotonic() + SECONDS_TO_START
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SECONDS_TO_SIGN)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):  # it is still starting
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return connection


def _sent(connection: socket.socket, *parts: bytes) -> None:
    connection.sendall(b"".join(_LENGTH.pack(len(part)) + part for part in parts))


def _received(connection: socket.socket) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    if length > LARGEST:
        raise EOFError
    return _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts: list[bytes] = []
    while length:
        part = connection.recv(min(length, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _say(line: str) -> None:
    print(f"{datetime.now():%Y-%m-%d %H:%M:%S} {line}", file=sys.stderr, flush=True)  # noqa: DTZ005, T201 -- a log


def _hidden() -> None:
    """Let no other process of this user read memory or environment of this one (Linux; elsewhere nothing)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_NOT_DUMPABLE, 0, 0, 0, 0)


def listen(path: Path, *, group: str = "") -> None:
    """Sign for this user, and for members of *group* where one is named, at the socket *path*, until ended."""
    _hidden()
    os.umask(0o117 if group else 0o177)
    with suppress(FileNotFoundError):
        if path.is_socket():  # of one that was killed
            path.unlink()
    with _Server(path) as server:
        if group:
            shutil.chown(path, group=group)
        server.serve_forever()


def main() -> None:
    """Listen on the socket that is the only argument, for as long as the parent lives."""
    end_with_parent()
    listen(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
