"""Alarms of the signing process, as its log tells them or as it tells them itself."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from domain.oversight.alarms import Alarm
from domain.values import ElectionCode
from flows.runtime.processes.wire import connected, receive, send
from flows.settings import settings

SIGNING_LOG: Final = "signing.log"
_SECONDS: Final = 5.0


def heard_alarms(election: ElectionCode) -> list[Alarm]:
    """Return the alarms of an election, first to last: of the log in this home, and of the process that signs now."""
    log = settings().prefect_home / SIGNING_LOG
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    read = (Alarm.read(line) for line in [*lines, *_asked()])
    known = {alarm.line: alarm for alarm in read if alarm and alarm.election == election}
    return [known[line] for line in sorted(known)]


def note_alarm(alarm: Alarm) -> None:
    """Write *alarm* where those of the signing process stand, once an hour, for a process that signs by itself."""
    if any((known.key, known.about) == (alarm.key, alarm.about) for known in heard_alarms(alarm.election)):
        return
    log = settings().prefect_home / SIGNING_LOG
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as lines:
        lines.write(alarm.line + "\n")


def _asked() -> list[str]:
    if (path := settings().signing_socket) is None:
        return []
    with suppress(OSError, ValueError), connected(path) as connection:
        connection.settimeout(_SECONDS)
        send(connection, {"alarms": True})
        answer = receive(connection)
        return [str(line) for line in answer[0].get("alarms", [])] if answer else []
    return []
