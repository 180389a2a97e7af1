"""What processes of ours say to each other: JSON with bytes beside it, never anything that could run."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

_HEAD: Final = struct.Struct(">II")
_SIZE: Final = struct.Struct(">Q")
_LONGEST_TEXT: Final = 2**28
_MOST_BLOBS: Final = 10_000
_LARGEST_BLOB: Final = 2**28


def connected(path: Path, *, patience: float = 0.0) -> socket.socket:
    """Return a connection to who listens at *path*; who is still starting has so many seconds. Raises OSError."""
    until = time.monotonic() + patience
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return connection


def send(connection: socket.socket, said: object, blobs: Sequence[bytes] = ()) -> None:
    """Send *said*, which JSON can hold, and *blobs* beside it."""
    text = json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")
    connection.sendall(_HEAD.pack(len(text), len(blobs)) + text)
    for blob in blobs:
        connection.sendall(_SIZE.pack(len(blob)))
        connection.sendall(blob)


def receive(
    connection: socket.socket, *, longest: int = _LONGEST_TEXT, most: int = _MOST_BLOBS
) -> tuple[dict[str, Any], list[bytes]] | None:
    """Return what comes next, of at most *longest* bytes of JSON and *most* blobs; None where the other side ended.

    Raises :class:`ValueError` for what is none of this.
    """
    head = _exactly(connection, _HEAD.size)
    if head is None:
        return None
    length, number = _HEAD.unpack(head)
    if length > longest or number > most:
        raise ValueError("longer than anything that is said here")
    text = _exactly(connection, length)
    blobs: list[bytes] = []
    for _ in range(number):
        size = _exactly(connection, _SIZE.size)
        if size is None or _SIZE.unpack(size)[0] > _LARGEST_BLOB:
            return None
        blob = _exactly(connection, _SIZE.unpack(size)[0])
        if blob is None:
            return None
        blobs.append(blob)
    if text is None:
        return None
    said: Any = json.loads(text.decode("utf-8", "surrogatepass"))
    return said, blobs


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    found = bytearray()
    while len(found) < length:
        block = connection.recv(min(length - len(found), 2**20))
        if not block:
            return None
        found += block
    return bytes(found)
