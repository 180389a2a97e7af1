"""A look at files before a stage runs, so that the officer reads the whole problem and Prefect none of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from db.store import open_reader
from domain.errors import BadInputError
from domain.intake.encodings import NAMES
from domain.values import ElectionCode, Frozen
from flows.context import database
from flows.intake.arrivals import arrivals
from flows.intake.column_agreements import agreed_names
from flows.intake.reading.readers import table_apart
from flows.intake.reading.tables import Table, require_file


class TableReading(Frozen):
    """How a file was read."""

    file: str
    form: str
    encoding: str
    recognised: Mapping[str, str]
    """Names that are not ours as they stand, with the column they were taken for."""
    ignored: tuple[str, ...]
    """Names that mean no column."""
    notes: tuple[str, ...] = ()
    """What else was not read: sheets, titles above the header, headers that come again."""

    @classmethod
    def of(cls, table: Table, *, name: str) -> TableReading:
        """Return how *table* was read so far."""
        encodings = {str(gb18030): known for gb18030, known in NAMES.items()}
        return cls(
            file=name,
            form=table.form,
            encoding=encodings.get(table.encoding, table.encoding),
            recognised=table.header.recognised,
            ignored=tuple(table.ignored),
            notes=tuple(map(str, table.notes)),
        )


def require_readable(
    files: Sequence[Path],
    organisation: str,
    *,
    election: ElectionCode | None = None,
    said: Mapping[str, str] | None = None,
) -> list[TableReading]:
    """Return how each file is read; raises :class:`BadInputError` for the first that has no usable header.

    Raises :class:`UnknownThingError` for a sender that is no organisation of *election*: no file goes back for that.

    *said* is what the sender's own names mean besides what was agreed.
    """
    if election and organisation:
        with open_reader(database()) as store:
            store.organisations.get(election, organisation)
    found: list[TableReading] = []
    for path in files:
        for arrival in arrivals(path, organisation=organisation, received_at=None):
            if not arrival.path.is_file():
                raise BadInputError(
                    str(arrival.path), "is not a file." if arrival.path.exists() else "there is no such file.",
                    remedy="Name a CSV, XLSX, ODS, JSON Lines or ZIP file, or a folder with received.csv.",
                )  # fmt: skip
            file = require_file(arrival.path)
            agreed = {**(agreed_names(election, arrival.organisation) if election else {}), **(said or {})}
            with table_apart(file, name=file.name, agreed=agreed) as table:
                next(table.rows, None)
                found.append(TableReading.of(table, name=file.name))
    return found
