"""Where chance comes from: a stream of its own for every purpose, so that changing one thing leaves the rest alone."""

from __future__ import annotations

from random import Random
from typing import Final

STREAM_VERSION: Final = "1"


def stream(seed: int, *purpose: object) -> Random:
    """Return the random numbers that *seed* gives for *purpose*; the same in every process and year."""
    key = "/".join(str(part) for part in (STREAM_VERSION, seed, *purpose))
    return Random(key)  # noqa: S311 -- a rehearsal must repeat; nothing here is secret
