"""Work that keeps the interpreter busy (drawing badges, writing letters), spread over every core.

Threads would take turns at it. Chunks that run in threads share one pool of processes; chunks that run in processes
of their own do such work where they are.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar
from weakref import ref

from flows.settings import settings

Given = TypeVar("Given")
Made = TypeVar("Made")


def spread(
    work: Callable[[Sequence[Given]], list[Made]], given: Sequence[Given], *, few: int, part: int | None = None
) -> Iterator[Made]:
    """Yield what ``work(given)`` would hold, in order, done in parts on every core.

    Up to *few* are not worth another process. Without *part* every core gets one equal share; with it the first
    results come while the later ones are still being made. *work* is a module's own function, so that another process
    finds it, and gives one thing for each that it is given.
    """
    workers = settings().workers
    if settings().runner != "threads" or workers == 1 or len(given) <= few:
        yield from work(given)
        return
    size = part or -(-len(given) // workers)
    parts = [given[start : start + size] for start in range(0, len(given), size)]
    for made in _pool(workers, settings().home).map(work, parts):
        yield from made


@lru_cache(maxsize=1)
def _pool(workers: int, home: Path) -> Executor:
    """Return this process's pool, begun afresh (spawn): the typesetter's own threads do not survive a fork.

    Its processes keep the settings that they began with: work for another *home* has another pool.
    """
    del home
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_collect_seldom)
    atexit.register(_end, ref(pool))
    return pool


def _end(known: ref[ProcessPoolExecutor]) -> None:
    if (pool := known()) is not None:
        pool.shutdown(wait=False, cancel_futures=True)


def _collect_seldom() -> None:
    """Look for garbage in cycles now and then only: looking at all modules for every part took a third of the work."""
    gc.set_threshold(50_000, 20, 100)
