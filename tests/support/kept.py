"""What all processes of the tests use and one of them makes."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path


def made_once(kept: Path, name: str, make: Callable[[Path], object]) -> Path:
    """Return the path *name* in the folder *kept*: who asks first calls *make* with it, and the others wait."""
    found, done = kept / name, kept / f"{name}.made"
    with (kept / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            make(found)
            done.touch()
    return found
