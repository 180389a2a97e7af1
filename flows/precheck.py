"""A look at files before a stage runs, so that the officer reads the whole problem and Prefect none of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from domain.errors import BadInputError
from flows.arrivals import arrivals
from flows.reading import raw_rows, read_file


def require_readable(files: Sequence[Path], organisation: str) -> None:
    """Raise :class:`BadInputError` for the first file that is not there, empty, or has no usable header."""
    for path in files:
        for arrival in arrivals(path, organisation=organisation, received_at=None):
            if not arrival.path.is_file():
                raise BadInputError(
                    str(arrival.path),
                    "is not a file.",
                    remedy="Name a CSV or XLSX file, or a folder with received.csv.",
                )
            next(raw_rows(read_file(arrival.path), name=arrival.path.name), None)
