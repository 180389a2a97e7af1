"""The processes in which files from outside are read: ``python -m flows.intake.reading.child FD``.

The first process loads the libraries and reads nothing. For each connection that it is given it makes a copy of
itself with limits of memory, time and descriptors, which reads what is asked there and ends. Whatever a file does to
its reader, it does to a process that knows no key, no database and no other file.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from domain.errors import BadInputError
from domain.identity.file_rules import DocumentLimits, PhotoRules
from domain.identity.photo import DocumentReport, PhotoReport, check_document, check_photo, exhibit
from domain.intake.messages import read_message
from flows.intake.reading.packages import Package, inside_of, pack
from flows.intake.reading.people import RawRow
from flows.intake.reading.tables import Table, open_table
from flows.runtime.processes.wire import receive, send
from notifications.badge.reader import read_codes
from notifications.mail.delivery_reports import delivery_reports

_ROWS: Final = 200
"""Rows sent at once."""
_DESCRIPTORS: Final = 40
_LARGEST_WRITTEN: Final = 256 * 2**20
"""Bytes of a table unpacked from an archive; the largest that is read has 200 MB."""


def main() -> None:
    """Copy this process for each connection that comes over the socket given as the only argument, until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when this ends
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a copy ended
    with socket.socket(fileno=int(sys.argv[1])) as control:
        while True:
            said, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            if not said:
                return
            if os.fork() == 0:
                control.close()
                _serve(socket.socket(fileno=descriptors[0]))
            os.close(descriptors[0])


def _serve(connection: socket.socket) -> None:
    """Answer what is asked on *connection* until it closes, and end without any of the parent's farewells."""
    status = 0
    try:
        while (asked := receive(connection)) is not None:
            _answer(connection, *asked)
    except BaseException:  # noqa: BLE001 -- nothing may run on in a copy of the process
        status = 1
    os._exit(status)


def _answer(connection: socket.socket, asked: Mapping[str, Any], blobs: list[bytes]) -> None:
    _limit(asked["memory"], asked["seconds"], written=asked.get("written", _LARGEST_WRITTEN))
    try:
        _JOBS[asked["job"]](connection, asked, blobs)
    except BadInputError as error:
        told = {"kind": type(error).__name__, "place": error.place, "message": error.message.model_dump()}
        send(connection, {"refused": told})
    except (BrokenPipeError, ConnectionError):
        raise
    except Exception:  # noqa: BLE001 -- whatever a parser raises, MemoryError and RecursionError among it
        send(connection, {"stopped": True})
        os._exit(1)  # nobody knows what state the parser left behind


def _limit(memory: int, seconds: int, *, written: int) -> None:
    """Allow so many bytes more than are in use, and so many seconds of computing more; beyond, the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    if (size := _size()) and resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_AS, (size + memory, resource.RLIM_INFINITY))


def _size() -> int:
    """Return how many bytes of address space this process has; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def _table(connection: socket.socket, asked: Mapping[str, Any], _: list[bytes]) -> None:
    path, inside = Path(asked["path"]), Path(asked["inside"])
    with open_table(path, name=asked["name"], agreed=asked["agreed"], inside=inside) as table:
        known = {"header": table.header.model_dump(), "form": table.form, "encoding": table.encoding}
        send(connection, {"table": known, "ignored": list(table.ignored), "notes": _notes(table)})
        batch: list[RawRow] = []
        for row in table.rows:
            batch.append(row)
            if len(batch) >= _ROWS or row.pictures:
                _send_rows(connection, batch)
                batch = []
        _send_rows(connection, batch)
        send(connection, {"end": True, "ignored": list(table.ignored), "notes": _notes(table)})


def _notes(table: Table) -> list[dict[str, Any]]:
    return [note.model_dump() for note in table.notes]


def _send_rows(connection: socket.socket, rows: list[RawRow]) -> None:
    blobs = [content for row in rows for content in row.pictures.values()]
    lines = [
        [row.number, dict(row.cells), row.extra_cells, row.broken and row.broken.model_dump(), list(row.pictures)]
        for row in rows
    ]
    send(connection, {"rows": lines}, blobs)


def _member(connection: socket.socket, asked: Mapping[str, Any], _: list[bytes]) -> None:
    package = _package(asked["path"], asked["name"])
    content = package.unpacked(asked["member"])
    nearest = package.names.nearest(asked["member"]) if content is None else ""
    send(connection, {"nearest": nearest}, [] if content is None else [content])


@lru_cache(maxsize=1)
def _package(path: str, name: str) -> Package:
    return Package.of(Path(path).open("rb"), name)


def _message(connection: socket.socket, _: Mapping[str, Any], blobs: list[bytes]) -> None:
    read = read_message(blobs[0])
    known = read.model_dump(exclude={"attached"}) | {"names": [attachment.name for attachment in read.attached]}
    send(connection, {"message": known}, [attachment.content for attachment in read.attached])


def _inside(connection: socket.socket, asked: Mapping[str, Any], blobs: list[bytes]) -> None:
    send(connection, {"inside": inside_of((asked["name"], blobs[0]))})


def _pack(connection: socket.socket, asked: Mapping[str, Any], blobs: list[bytes]) -> None:
    named, (start, end) = [*zip(asked["names"], blobs, strict=True)], asked["cuts"]
    pack(Path(asked["path"]), named[start:end], first=named[:start], last=named[end:])
    send(connection, {"packed": True})


def _reports(connection: socket.socket, _: Mapping[str, Any], blobs: list[bytes]) -> None:
    send(connection, {"reports": [report.model_dump(mode="json") for report in delivery_reports(blobs[0])]})


def _photo(connection: socket.socket, asked: Mapping[str, Any], blobs: list[bytes]) -> None:
    _send_report(connection, check_photo(blobs[0], PhotoRules.model_validate_json(asked["rules"])))


def _document(connection: socket.socket, asked: Mapping[str, Any], blobs: list[bytes]) -> None:
    _send_report(connection, check_document(blobs[0], DocumentLimits.model_validate_json(asked["rules"])))


def _codes(connection: socket.socket, _: Mapping[str, Any], blobs: list[bytes]) -> None:
    send(connection, {"codes": [*read_codes(blobs[0])]})


def _send_report(connection: socket.socket, report: PhotoReport | DocumentReport) -> None:
    content = [] if report.content is None else [report.content]
    send(connection, {"report": report.model_dump(mode="json", exclude={"content"})}, content)


def _exhibit(connection: socket.socket, asked: Mapping[str, Any], blobs: list[bytes]) -> None:
    found = exhibit(blobs[0], asked["page"])
    send(connection, {"pages": found.pages if found else 0}, [found.content] if found else [])


_JOBS: Final[Mapping[str, Callable[[socket.socket, Mapping[str, Any], list[bytes]], None]]] = {
    "table": _table,
    "member": _member,
    "message": _message,
    "inside": _inside,
    "pack": _pack,
    "reports": _reports,
    "photo": _photo,
    "document": _document,
    "codes": _codes,
    "exhibit": _exhibit,
}


if __name__ == "__main__":
    main()
