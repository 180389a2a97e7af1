"""Work that keeps the interpreter busy (drawing badges, writing letters), spread over every core.

Threads would take turns at it. Chunks that run in threads share one pool of processes; chunks that run in processes
of their own do such work where they are.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import TypeVar

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
    for made in _pool(workers).map(work, parts):
        yield from made


@cache
def _pool(workers: int) -> Executor:
    """Return this process's pool, begun afresh (spawn): the typesetter's own threads do not survive a fork."""
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_collect_seldom)
    atexit.register(pool.shutdown, wait=False, cancel_futures=True)
    return pool


def _collect_seldom() -> None:
    """Look for garbage in cycles now and then only: looking at all modules for every part took a third of the work."""
    gc.set_threshold(50_000, 20, 100)
