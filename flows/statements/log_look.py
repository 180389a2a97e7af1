"""The log as it stands, held against what is recorded; what was right the last time is not hashed again.

Of each full tile of 256 entries two hashes are kept in the home folder, where nobody writes who only writes the
database: of its rows with what is recorded of them, and the root of its part of the tree. A tile of which one value
changed is looked at anew, so that the answer is the same as without what is kept.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple
from uuid import uuid4

from db.store import Store
from domain.errors import BadInputError
from domain.oversight.log.tiles import TiledTree
from domain.oversight.log.tree import Tree
from domain.values import ElectionCode
from flows.settings import require_closed, settings

_HASH: Final = 32


class Look(NamedTuple):
    """The tree over all entries, and what is wrong with single ones."""

    tree: Tree
    faults: tuple[str, ...]


def look_at_log(store: Store, election: ElectionCode, *, anew: bool = False) -> Look:
    """Return what the log says and which entries are wrong; *anew* takes nothing from the last time."""
    place = settings().home / f"log-tiles-{election}"
    kept = {} if anew else _kept(place)
    right, roots, faults, size = dict[bytes, bytes](), list[bytes](), list[str](), 0
    for tile in store.log.tiles(election):
        known = kept.get(tile.digest) if tile.begins_at(size) else None
        wrong = [] if known else [*tile.misstated(size)]
        faults += wrong
        if not known and not tile.is_in_place(size):
            return Look(Tree(store.log.contents(election)), tuple(faults))
        size += len(tile.lines)
        if tile.is_full:
            roots.append(known or Tree(tile.entries()).root())
            right |= {} if wrong else {tile.digest: roots[-1]}
    if right.keys() != kept.keys() and not anew:
        _keep(place, right)
    return Look(TiledTree(size, roots, lambda tile: store.log.contents(election, tile=tile)), tuple(faults))


def _kept(place: Path) -> dict[bytes, bytes]:
    """Return the roots of tiles by the hash of their rows; none where others may have written, or it is not whole."""
    try:
        require_closed(place, "Others may have changed it")
        content = place.read_bytes()
    except (OSError, BadInputError):
        return {}
    if sha256(content[_HASH:]).digest() != content[:_HASH]:
        return {}
    hashes = [content[start : start + _HASH] for start in range(_HASH, len(content), _HASH)]
    return dict(zip(hashes[::2], hashes[1::2], strict=True))


def _keep(place: Path, right: dict[bytes, bytes]) -> None:
    """Keep them for the next time, which would be slower without, and says the same."""
    content = b"".join(digest + root for digest, root in right.items())
    draft = place.with_name(f"{place.name}.{uuid4().hex}")
    with suppress(OSError):
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(sha256(content).digest() + content)
        draft.replace(place)
