"""Nominations for the benchmarks: the rehearsal's rows and problems, with one drawn person's pictures for everybody.

Drawing 12,000 portraits takes minutes and says nothing about the engine. Every row names a photograph and a page of
its own, as in life, but they are hard links to the same two files: each is read and checked anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from unittest.mock import patch

from flows.rehearsal.package import folder as package
from flows.rehearsal.package.drawing import Picture
from flows.rehearsal.package.drawing import draw as drawn

SEED = 2027


def write_rows(folder: Path, applications: int) -> Path:
    """Write (once) the package of so many rows to *folder* and return the folder."""
    with patch.object(package, "draw", _link):
        package.write_package(folder, applications=applications, seed=SEED)
    return folder


def _link(ordered: Iterable[Picture], count: int, *, processes: int | None, advance: Callable[[int], None]) -> None:
    del count, processes
    first: Picture | None = None
    for picture in ordered:
        if first is None and picture.photo_path and picture.page_path:
            first = picture
            drawn([picture], 1, processes=1, advance=advance)
            continue
        if first is not None:
            _name(first.photo_path, picture.photo_path)
            _name(first.page_path, picture.page_path)
        advance(1)


def _name(there: str, also: str) -> None:
    if also:
        os.link(there, also)
