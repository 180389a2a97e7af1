"""A second reader of the published log. It imports nothing of the engine: whoever changes one must not touch the other.

It follows the texts alone: the recursive definitions of RFC 6962, 2.1 (MTH, PATH and PROOF, not the loops of RFC 9162
that the engine uses), and C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-tiles.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class DoesNotHold(Exception):  # noqa: N818 -- a finding, not an error of the program
    """What a reader of the log would go to court with."""


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def below(n: int) -> int:
    """Return the largest power of two smaller than n (RFC 6962: k < n <= 2k)."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(entries: Sequence[bytes]) -> bytes:
    """MTH(D[n]) of RFC 6962, 2.1."""
    if not entries:
        return sha256(b"")
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0])
    k = below(len(entries))
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:]))


def root_by_path(m: int, n: int, entry: bytes, path: Sequence[bytes]) -> bytes:
    """Undo PATH(m, D[n]) of RFC 6962, 2.1.1: the root that the path leads to."""
    if n == 1:
        if path:
            raise DoesNotHold("a path that is too long")
        return sha256(b"\x00" + entry)
    if not path:
        raise DoesNotHold("a path that is too short")
    k, top = below(n), path[-1]
    if m < k:
        return sha256(b"\x01" + root_by_path(m, k, entry, path[:-1]) + top)
    return sha256(b"\x01" + top + root_by_path(m - k, n - k, entry, path[:-1]))


def roots_by_proof(m: int, n: int, proof: Sequence[bytes], old: bytes, *, whole: bool = True) -> tuple[bytes, bytes]:
    """Undo SUBPROOF(m, D[n], b) of RFC 6962, 2.1.2: the roots of m and n entries that the proof leads to."""
    if m == n:
        if whole:
            return old, old
        return proof[0], proof[0]
    k, top = below(n), proof[-1]
    if m <= k:
        first, second = roots_by_proof(m, k, proof[:-1], old, whole=whole)
        return first, sha256(b"\x01" + second + top)
    first, second = roots_by_proof(m - k, n - k, proof[:-1], old, whole=False)
    return sha256(b"\x01" + top + first), sha256(b"\x01" + top + second)


def signers(note: bytes, keys: Sequence[str]) -> list[str]:
    """Return the names of *keys* (as vkeys) that signed a note; kind 1 is Ed25519, kind 4 cosignature/v1."""
    text, _, lines = note.decode().rpartition("\n\n")
    body, found = (text + "\n").encode(), list[str]()
    for vkey in keys:
        name, given, encoded = vkey.strip().split("+", 2)
        material = base64.b64decode(encoded)
        if sha256(name.encode() + b"\n" + material)[:4].hex() != given:
            raise DoesNotHold("a key whose hash is wrong")
        for line in lines.splitlines():
            dash, who, signature = line.split(" ")
            blob = base64.b64decode(signature)
            if (dash, who, blob[:4].hex()) == ("\u2014", name, given):
                check(material, blob[4:], body)
                found.append(name)
    return found


def check(material: bytes, blob: bytes, body: bytes) -> None:
    if material[0] == 4:
        body = b"cosignature/v1\ntime %d\n" % int.from_bytes(blob[:8], "big") + body
        blob = blob[8:]
    try:
        Ed25519PublicKey.from_public_bytes(material[1:]).verify(blob, body)
    except InvalidSignature as error:
        raise DoesNotHold("a wrong signature") from error


def read_checkpoint(note: bytes) -> tuple[str, int, bytes]:
    origin, size, root = note.decode().split("\n")[:3]
    return origin, int(size), base64.b64decode(root)


def place(number: int, width: int) -> str:
    """Return where a tile lies: x001/x234/067, and .p/W where it is not full."""
    digits = str(number).zfill(-(-len(str(number)) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    whole = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return whole if width == 256 else f"{whole}.p/{width}"


def entries_of(log: Path, size: int) -> list[bytes]:
    """Return all entries of a published log, each held against its hash in the tile of level 0."""
    found: list[bytes] = []
    for number in range(-(-size // 256)):
        width = min(256, size - number * 256)
        bundle = (log / "tile/entries" / place(number, width)).read_bytes()
        tile = (log / "tile/0" / place(number, width)).read_bytes()
        for at in range(width):
            length = int.from_bytes(bundle[:2], "big")
            entry, bundle = bundle[2 : 2 + length], bundle[2 + length :]
            if sha256(b"\x00" + entry) != tile[at * 32 : at * 32 + 32]:
                raise DoesNotHold("an entry that its tile does not hash")
            found.append(entry)
        if bundle:
            raise DoesNotHold("a bundle that goes on")
    return found


def verified(log: Path, keys: Sequence[str]) -> tuple[int, list[str]]:
    """Check a published log as a whole: signatures, entries, tiles of all levels, root; return size and signers."""
    note = (log / "checkpoint").read_bytes()
    names = signers(note, keys)
    origin, size, root = read_checkpoint(note)
    if origin not in names:
        raise DoesNotHold("a checkpoint that its log did not sign")
    entries = entries_of(log, size)
    if mth(entries) != root:
        raise DoesNotHold("a root that is not that of the entries")
    level, below_it = 1, 256
    while size // below_it:
        for number in range(size // below_it):
            tile = log / f"tile/{level}" / place(number // 256, min(256, size // below_it - number // 256 * 256))
            at = number % 256 * 32
            if tile.read_bytes()[at : at + 32] != mth(entries[number * below_it : (number + 1) * below_it]):
                raise DoesNotHold("a tile that does not hash those below it")
        level, below_it = level + 1, below_it * 256
    return size, names
