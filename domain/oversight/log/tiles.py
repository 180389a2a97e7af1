"""The log as static files of 256 hashes each, which any web server carries (C2SP tlog-tiles)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from domain.oversight.log.tree import Tree, levels_above

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT


class TiledTree(Tree):
    """The tree over *size* entries, of whose full tiles the roots are known: entries are read where they are asked for.

    *entries* gives the entries of a tile, by its number.
    """

    def __init__(self, size: int, roots: Sequence[bytes], entries: Callable[[int], Iterable[bytes]]) -> None:
        self._size = size
        self._levels = levels_above([*roots])
        self._entries = entries
        self._read: dict[int, Tree] = {}

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self._size

    def full(self, level: int) -> Sequence[bytes]:
        """Return the roots of all full subtrees of 2**level entries, from the left."""
        return [self._node(level, index) for index in range(self._size >> level)]

    def _node(self, level: int, index: int) -> bytes:
        if level >= HEIGHT:
            return self._levels[level - HEIGHT][index]
        tile, within = divmod(index, WIDTH >> level)
        if tile not in self._read:
            self._read[tile] = Tree(self._entries(tile))
        return self._read[tile].full(level)[within]


def tiles(tree: Tree, entries: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield every tile and every bundle of *entries*, with its path below the log's folder."""
    for number, bundle in enumerate(_chunks(entries)):
        content = b"".join(len(entry).to_bytes(2, "big") + entry for entry in bundle)
        yield f"tile/entries/{tile_path(number, len(bundle))}", content
    level = 0
    while hashes := tree.full(level * HEIGHT):
        for number, chunk in enumerate(_chunks(hashes)):
            yield f"tile/{level}/{tile_path(number, len(chunk))}", b"".join(chunk)
        level += 1


def _chunks(items: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (items[start : start + WIDTH] for start in range(0, len(items), WIDTH))


def tile_path(number: int, width: int = WIDTH) -> str:
    """Return where tile *number* lies: in groups of three digits, those before the last with an x; part tiles apart."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups)) + ("" if width == WIDTH else f".p/{width}")


def bundled(content: bytes) -> list[bytes]:
    """Return the entries of a bundle; what breaks off is left out."""
    entries: list[bytes] = []
    while len(content) >= 2 and len(content) - 2 >= (length := int.from_bytes(content[:2], "big")):  # noqa: PLR2004 -- bytes of the length
        entries.append(content[2 : 2 + length])
        content = content[2 + length :]
    return entries
