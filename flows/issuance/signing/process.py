"""The signing process: it alone has the badge keys and their pass-phrase, and listens on a socket of this user.

A request names an election, cases and a moment, and nothing that would be signed. The process ends with whoever
started it. It speaks as :mod:`flows.runtime.processes.wire` says; photographs go beside an answer.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socketserver
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Final, cast
from uuid import UUID

from pydantic import TypeAdapter

from domain.credentials.ring import KeyFolderError
from domain.errors import AccreditationError, BadInputError, UnavailableError, UnknownThingError
from domain.oversight.alarms import Alarm, AlarmKind
from domain.values import ElectionCode, UtcTime
from flows.issuance.signing.approvals import NotApprovedError, UnprovedError
from flows.issuance.signing.signatory import Signatory, SignedBadge, Signing
from flows.runtime.alarms import SIGNING_LOG
from flows.runtime.processes.lifeline import Child, end_with_parent
from flows.runtime.processes.wire import connected, receive, send
from flows.runtime.shield import shielded
from flows.settings import Settings, change_settings, reset_settings, settings

SECONDS_TO_START: Final = 60.0
SECONDS_TO_SIGN: Final = 300.0
SECONDS_TO_ASK: Final = 60.0
"""Whoever says nothing for so long is left."""
LONGEST_REQUEST: Final = 2**22
"""Bytes: a hundred thousand cases."""
OFTEN: Final = 4
"""Signatures under one serial in an hour that are still no alarm: a run that was cut off asks again."""
HOUR: Final = 3600.0
MOST_KEPT: Final = 200

KEY_SETTINGS: Final = ("ACCREDIT_KEY_PASSPHRASE", "ACCREDIT_SIGNING_KEYS")
"""What opens keys; no other process of a served office has it."""

_NOT_DUMPABLE: Final = 4
_IDS: Final = TypeAdapter(list[UUID])
_MOMENT: Final = TypeAdapter(UtcTime)


class RateAlarm:
    """Notices when more is signed than an office can want: very many in an hour, or one serial again and again."""

    def __init__(
        self, most: int, *, say: Callable[[AlarmKind, str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
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
                    self._say(AlarmKind.AGAIN, str(known))
            if before <= self._most < len(self._signed):
                self._say(AlarmKind.RATE, str(self._most))


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: Path) -> None:
        self.signatory = Signatory()
        self.alarms: deque[Alarm] = deque(maxlen=MOST_KEPT)
        self.rates: dict[ElectionCode, RateAlarm] = {}
        self._lock = Lock()
        super().__init__(str(path), _Handler)

    def raise_alarm(self, election: ElectionCode, kind: AlarmKind, about: str) -> None:
        """Keep an alarm for whoever asks, and write it into the log; the same one within the hour counts once."""
        alarm = Alarm(at=datetime.now(UTC), kind=kind, election=election, about=about)
        if not any((kept.key, kept.about) == (alarm.key, about) for kept in self.alarms):
            self.alarms.append(alarm)
            _say(alarm.line)

    def rate(self, election: ElectionCode) -> RateAlarm:
        """Return what counts the signatures of an election."""
        say = partial(self.raise_alarm, election)
        with self._lock:
            return self.rates.setdefault(election, RateAlarm(settings().signing_per_hour, say=say))


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Answer one request, with what was signed or with why not."""
        with suppress(OSError, ValueError):
            self.request.settimeout(SECONDS_TO_ASK)
            if (asked := receive(self.request, longest=LONGEST_REQUEST, most=0)) is not None:
                header, photos = self._answer(asked[0])
                send(self.request, header, photos)

    def _answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        served = cast("_Server", self.server)
        if asked.get("alarms"):
            return {"alarms": [alarm.line for alarm in [*served.alarms]]}, []
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
            if isinstance(error, UnprovedError):
                served.raise_alarm(str(asked["election"]), AlarmKind.UNPROVED, error.about)
                return {"unproved": [error.about, error.why]}, []
            kind = "refused" if isinstance(error, NotApprovedError | UnknownThingError) else "failed"
            _say(f"{kind}: {error}")
            return {kind: str(error)}, []
        served.rate(election).note(signed)
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
            with connected(self._path, patience=SECONDS_TO_START) as connection:
                connection.settimeout(SECONDS_TO_SIGN)
                send(connection, asked)
                header, blobs = receive(connection) or ({"failed": "it ended"}, [])
        except (OSError, ValueError) as error:
            raise UnavailableError(f"The signing process does not answer ({type(error).__name__}).") from error
        _raise_refusal(header)
        photos = iter(blobs)
        return {
            UUID(known): SignedBadge(token, key_id, next(photos) if pictured else None)
            for known, token, key_id, pictured in header["signed"]
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
        child = Child("flows.issuance.signing.process", str(path), environment=before, log=log)
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
    if unproved := header.get("unproved"):
        raise UnprovedError(*unproved)
    if refused := header.get("refused"):
        raise NotApprovedError(refused)
    if failed := header.get("failed"):
        raise UnavailableError(f"The signing process could not sign: {failed}")


def _say(line: str) -> None:
    print(f"{datetime.now():%Y-%m-%d %H:%M:%S} {line}", file=sys.stderr, flush=True)  # noqa: DTZ005, T201 -- a log


def _hidden() -> None:
    """Let no other process of this user read memory or environment of this one (Linux; elsewhere nothing)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_NOT_DUMPABLE, 0, 0, 0, 0)


def listen(path: Path, *, group: str = "") -> None:
    """Sign for this user, and for members of *group* where one is named, at the socket *path*, until ended."""
    _hidden()
    os.umask(0o077)  # what it writes beside the socket, the folder of keys first of all, is for its user alone
    with suppress(FileNotFoundError):
        if path.is_socket():  # of one that was killed
            path.unlink()
    with _listening(path, group) as server:
        server.serve_forever()


def _listening(path: Path, group: str) -> _Server:
    try:
        server = _Server(path)
        if group:
            shutil.chown(path, group=group)
        path.chmod(0o660 if group else 0o600)
    except (OSError, LookupError) as error:
        remedy = "Name a new file in a folder that is there, and a group that exists."
        raise BadInputError(f"socket {path}", f"nobody can listen there ({error}).", remedy=remedy) from error
    return server


def main() -> None:
    """Listen on the socket that is the only argument, for as long as the parent lives."""
    end_with_parent()
    listen(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
