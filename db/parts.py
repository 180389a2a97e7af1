"""Long lists of ids in parts: PostgreSQL takes 65,535 parameters in a statement, SQLite 32,766."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

MOST_IDS = 10_000


def in_parts(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    """Yield *ids* in parts that one statement takes."""
    for start in range(0, len(ids), MOST_IDS):
        yield ids[start : start + MOST_IDS]
