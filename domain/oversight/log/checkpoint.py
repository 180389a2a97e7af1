"""Checkpoints: size and root of the log, signed as a note that others' tools open (C2SP signed-note, tlog-checkpoint).

A checkpoint is text: the log's name, its size, its root in base64, an empty line, and one line a signature. Witnesses
add signatures of their own below (C2SP tlog-cosignature); the text above stays as it is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.errors import BadInputError

ED25519: Final = 1
COSIGNED: Final = 4
"""How a note names what a key is: the log's own, and that of a witness, whose signature says when."""
MOST_BYTES: Final = 64_000
KEY_ID_BYTES: Final = 4
HASH_BYTES: Final = 32
"""As many as a root has, and an Ed25519 public key."""
_DASH: Final = "\u2014 "


class CheckpointRefusedError(BadInputError):
    """A text is no checkpoint, or not one of this log."""


class NoteSigner(Protocol):
    """Signs bytes with Ed25519."""

    def sign(self, message: bytes, /) -> bytes:
        """Return the 64 bytes of the signature."""
        ...


@dataclass(frozen=True, slots=True)
class NoteKey:
    """The public key of a log or of a witness, under its name."""

    name: str
    raw: bytes
    kind: int = ED25519

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a key as notes write it: ``name+hash+base64``; raises :class:`CheckpointRefusedError`."""
        name, given, encoded = (*text.strip().split("+", 2), "", "")[:3]
        try:
            content = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            content = b""
        key = cls(name, content[1:], int.from_bytes(content[:1], "big"))
        if len(key.raw) != HASH_BYTES or key.kind not in {ED25519, COSIGNED} or key.id.hex() != given:
            raise CheckpointRefusedError("the key", "is not a key of a log.", remedy="Write it as name+hash+key.")
        return key

    @property
    def id(self) -> bytes:
        """The four bytes that a signature names the key by."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.raw).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(bytes([self.kind]) + self.raw)}"

    def has_signed(self, text: str, signature: bytes) -> bool:
        """Return whether *signature*, without the key's id, is this key's over *text*."""
        signed = text.encode()
        if self.kind == COSIGNED:
            moment, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            signed = f"cosignature/v1\ntime {moment}\n".encode() + signed
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, signed)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Size and root of a log at one moment."""

    origin: str
    """The name of the log."""
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"

    def signed(self, signer: NoteSigner, key: NoteKey) -> str:
        """Return the checkpoint as a note that *signer* signed, whose public key is *key*."""
        return f"{self.text}\n{_DASH}{key.name} {_base64(key.id + signer.sign(self.text.encode()))}\n"


def opened(note: str, log: NoteKey, witnesses: Iterable[NoteKey] = ()) -> tuple[Checkpoint, tuple[str, ...]]:
    """Return the checkpoint in *note* once the key *log* has signed it, and the names of *witnesses* that did, too.

    Raises :class:`CheckpointRefusedError` for anything that is not such a note; signatures of other keys are
    passed over, as the format demands, but a wrong one of a known key is not.
    """
    text, signatures = _parts(note)
    checkpoint = _checkpoint(text)
    if checkpoint.origin != log.name:
        raise _refused(f"is of another log ({checkpoint.origin[:60]})")
    seen = [key.name for key in (log, *witnesses) if _is_signed(key, text, signatures)]
    if log.name not in seen:
        raise _refused("was not signed by the log's key")
    return checkpoint, tuple(name for name in seen if name != log.name)


def read_checkpoint(note: str) -> Checkpoint:
    """Return what *note* says, whoever signed it; raises :class:`CheckpointRefusedError`."""
    return _checkpoint(_parts(note)[0])


def _parts(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    text, blank, below = note.rpartition("\n\n")
    lines = below.splitlines()
    if not blank or not lines or not below.endswith("\n") or len(note) > MOST_BYTES:
        raise _refused("is no checkpoint")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not line.startswith(_DASH) or not name or len(content) <= KEY_ID_BYTES:
        raise _refused("has a line that is no signature")
    return name, content


def _checkpoint(text: str) -> Checkpoint:
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], lines[1], base64.b64decode(lines[2], validate=True)
        fits = bool(origin) and len(root) == HASH_BYTES and size.isascii() and str(int(size)) == size and int(size) >= 0
    except (IndexError, ValueError):
        raise _refused("is no checkpoint") from None
    if not fits:
        raise _refused("is no checkpoint")
    return Checkpoint(origin, int(size), root)


def _is_signed(key: NoteKey, text: str, signatures: Iterable[tuple[str, bytes]]) -> bool:
    own = [
        content[KEY_ID_BYTES:] for name, content in signatures if (name, content[:KEY_ID_BYTES]) == (key.name, key.id)
    ]
    if not all(key.has_signed(text, signature) for signature in own):
        raise _refused(f"has a signature of {key.name} that is wrong")
    return bool(own)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _refused(problem: str) -> CheckpointRefusedError:
    return CheckpointRefusedError("the checkpoint", f"{problem}.", remedy="Ask for the checkpoint again.")
