"""The Merkle tree of RFC 6962, section 2.1: roots, and proofs that an entry is in it and that it only grew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from domain.errors import BadInputError

EMPTY: Final = hashlib.sha256().digest()
"""The root of a tree without entries."""


class ProofRefusedError(BadInputError):
    """A proof does not show what it should."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry, which no inner node can have."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels_above(hashes: list[bytes]) -> list[list[bytes]]:
    """Return *hashes*, and above them level by level the hashes of all full subtrees."""
    levels = [hashes]
    while len(below := levels[-1]) > 1:
        levels.append([node_hash(left, right) for left, right in zip(below[::2], below[1::2], strict=False)])
    return levels


class Tree:
    """The tree over a list of entries; every size up to theirs has its root and proofs."""

    def __init__(self, entries: Iterable[bytes]) -> None:
        self._levels = levels_above([leaf_hash(entry) for entry in entries])

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self._levels[0])

    def full(self, level: int) -> Sequence[bytes]:
        """Return the roots of all full subtrees of 2**level entries, from the left."""
        return self._levels[level] if level < len(self._levels) else []

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first *size* entries; over all without it."""
        wanted = self.size if size is None else size
        return self._subtree(0, wanted) if wanted else EMPTY

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the path of entry *index* in the tree of *size* entries, from the leaf up (RFC 6962, 2.1.1)."""
        return self._path(index, 0, size)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of *new* entries goes on from that of *old* ones (RFC 6962, 2.1.2)."""
        return self._growth(old, 0, new, whole=True) if 0 < old < new else ()

    def _subtree(self, low: int, high: int) -> bytes:
        span = high - low
        if span & (span - 1) == 0:
            return self._node(span.bit_length() - 1, low // span)
        middle = low + _split(span)
        return node_hash(self._subtree(low, middle), self._subtree(middle, high))

    def _node(self, level: int, index: int) -> bytes:
        return self._levels[level][index]

    def _path(self, index: int, low: int, high: int) -> tuple[bytes, ...]:
        if high - low == 1:
            return ()
        middle = low + _split(high - low)
        if index < middle:
            return (*self._path(index, low, middle), self._subtree(middle, high))
        return (*self._path(index, middle, high), self._subtree(low, middle))

    def _growth(self, old: int, low: int, high: int, *, whole: bool) -> tuple[bytes, ...]:
        if old == high:
            return () if whole else (self._subtree(low, high),)
        middle = low + _split(high - low)
        if old <= middle:
            return (*self._growth(old, low, middle, whole=whole), self._subtree(middle, high))
        return (*self._growth(old, middle, high, whole=False), self._subtree(low, middle))


def _split(span: int) -> int:
    """Return the largest power of two below *span*."""
    return 1 << (span - 1).bit_length() - 1


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that *proof* leads to from the hash of entry *index* (RFC 9162, 2.1.3.2).

    Raises :class:`ProofRefusedError` for a proof that no tree of *size* entries has.
    """
    if not 0 <= index < size:
        raise _refused("names an entry that the log does not have")
    left, last, root = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise _refused("is too long")
        if left & 1 or left == last:
            root = node_hash(step, root)
            while left & 1 == 0 and left:
                left, last = left >> 1, last >> 1
        else:
            root = node_hash(root, step)
        left, last = left >> 1, last >> 1
    if last:
        raise _refused("is too short")
    return root


def _refused(problem: str) -> ProofRefusedError:
    return ProofRefusedError("the proof", f"{problem}.", remedy="Ask for a new one.")
