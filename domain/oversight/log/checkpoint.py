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
        return signed_text(self.text, signer, key)


def signed_text(text: str, signer: NoteSigner, key: NoteKey) -> str:
    """Return *text*, which ends with a line break, as a note that *signer* signed, whose public key is *key*."""
    return f"{text}\n{_line(key.name, key.id + signer.sign(text.encode()))}"


def text_signed(note: str, key: NoteKey) -> str:
    """Return the text of *note*; raises :class:`CheckpointRefusedError` unless *key* has signed it."""
    text, signatures = _parts(note)
    if not _is_signed(key, text, signatures):
        raise _refused("was not signed by the log's key")
    return text


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


def is_of(note: str, log: NoteKey) -> bool:
    """Return whether *note* is a checkpoint that the key *log* signed."""
    try:
        opened(note, log)
    except CheckpointRefusedError:
        return False
    return True


def as_signed(note: str) -> str:
    """Return *note* with its first signature alone, as the log gave it out before any witness signed."""
    text, signatures = _parts(note)
    return f"{text}\n{_line(*signatures[0])}"


def cosigned(note: str, addition: str, witnesses: Iterable[NoteKey]) -> tuple[str, tuple[str, ...]]:
    """Return *note* with the signatures of *witnesses* that *addition*, the same checkpoint, bears; and their names.

    A witness who signed before is named again, and the note keeps the first signature. Raises
    :class:`CheckpointRefusedError` for another checkpoint, a wrong signature, or none of a known witness.
    """
    text, held = _parts(note)
    said, given = _parts(addition)
    known = tuple(witnesses)
    if said != text:
        raise _refused("is not the one that the log gave out")
    names = tuple(key.name for key in known if _is_signed(key, text, given))
    if not names:
        raise _refused("bears no signature of a witness that the profile names")
    before = {(name, content[:KEY_ID_BYTES]) for name, content in held}
    added = [each for key in known for each in given if _names(key, each) and _names(key, each) not in before]
    return note + "".join(_line(*each) for each in dict.fromkeys(added)), names


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


def _line(name: str, content: bytes) -> str:
    return f"{_DASH}{name} {_base64(content)}\n"


def _names(key: NoteKey, signature: tuple[str, bytes]) -> tuple[str, bytes] | None:
    """Return name and id of *key* where *signature* is under them."""
    name, content = signature
    return (name, key.id) if (name, content[:KEY_ID_BYTES]) == (key.name, key.id) else None


def _is_signed(key: NoteKey, text: str, signatures: Iterable[tuple[str, bytes]]) -> bool:
    own = [signature[1][KEY_ID_BYTES:] for signature in signatures if _names(key, signature)]
    if not all(key.has_signed(text, signature) for signature in own):
        raise _refused(f"has a signature of {key.name} that is wrong")
    return bool(own)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _refused(problem: str) -> CheckpointRefusedError:
    return CheckpointRefusedError("the checkpoint", f"{problem}.", remedy="Ask for the checkpoint again.")
