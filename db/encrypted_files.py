"""Files encrypted in segments, so that a large one is never held in memory as a whole.

A file begins with a mark, the name of its key and a prefix of seven random bytes. Each segment of 1 MiB is encrypted
with AES-256-GCM under that key; its nonce is the prefix, its number (four bytes) and whether it is the last (one byte),
as in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015). The name of the content is bound in: segments
cannot be exchanged, left out, or stand in another file.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from itertools import count
from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db.personal_keys import PersonalKeys
from domain.errors import UnavailableError

MARK: Final = b"accredit-file-1\n"
_NAME: Final = 32
_PREFIX: Final = 7
_SEGMENT: Final = 1 << 20
_TAG: Final = 16
HEAD: Final = len(MARK) + _NAME + _PREFIX
PLACE: Final = "file"
"""What keys of files are for; they are made in advance, before it is known for which."""


class UnreadableFileError(UnavailableError):
    """A stored file that no key opens under this name."""


def encrypt(source: IO[bytes], target: IO[bytes], *, name: str, keys: PersonalKeys) -> None:
    """Write the content of *source*, which is called *name*, to *target* under a key of its own."""
    known, key = keys.spare(PLACE)
    prefix = os.urandom(_PREFIX)
    target.write(MARK + known.encode() + prefix)
    segment = source.read(_SEGMENT)
    for number in count():
        following = source.read(_SEGMENT)
        target.write(key.encrypt(_nonce(prefix, number, is_last=not following), segment, name.encode()))
        if not following:
            return
        segment = following


def decrypt(source: IO[bytes], *, name: str, keys: PersonalKeys) -> Iterator[bytes]:
    """Yield the content of the encrypted file *source*, which is called *name*; raises :class:`UnreadableFileError`."""
    head = source.read(HEAD)
    if (known := key_name(head)) is None:
        raise UnreadableFileError(
            f"The stored file {name} is not encrypted. Run: accredit db upgrade. If it stays so, it is not what its "
            "name says: restore it from a backup."
        )
    key, prefix = keys.get(known), head[-_PREFIX:]
    segment = source.read(_SEGMENT + _TAG)
    for number in count():
        following = source.read(_SEGMENT + _TAG)
        yield _opened(key, _nonce(prefix, number, is_last=not following), segment, name)
        if not following:
            return
        segment = following


def decrypted(content: bytes, *, name: str, keys: PersonalKeys) -> bytes:
    """Return the content of an encrypted file that is in memory."""
    return b"".join(decrypt(io.BytesIO(content), name=name, keys=keys))


def key_name(head: bytes) -> str | None:
    """Return the name of the key that a file's *head* gives; None for a file that is not encrypted."""
    if len(head) < HEAD or not head.startswith(MARK):
        return None
    return head[len(MARK) : len(MARK) + _NAME].decode("ascii", "replace")


def _opened(key: AESGCM, nonce: bytes, segment: bytes, name: str) -> bytes:
    try:
        return key.decrypt(nonce, segment, name.encode())
    except InvalidTag as error:
        raise UnreadableFileError(f"The stored file {name} was changed, or lies under another name.") from error


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])
