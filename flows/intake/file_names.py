"""What Prefect shows of nominations files, whose own names may name a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from db.store import open_reader
from domain.intake.nominations_file import NominationsFile
from domain.values import ElectionCode
from flows.context import database


class FileNames:
    """Names of files: ``ORG-07/3`` is the third that came from this organisation, in a dry run and afterwards."""

    def __init__(self, files: Iterable[NominationsFile]) -> None:
        self._names: dict[UUID, str] = {}
        self._counts: Counter[str] = Counter()
        for file in files:
            self.name(file.organisation, file.id)

    @classmethod
    def of(cls, election: ElectionCode) -> FileNames:
        """Return the names of the files of *election*, in order of receipt; what comes next is named after them."""
        with open_reader(database()) as store:
            return cls(report.file for report in store.intake.reports(election))

    def name(self, organisation: str, file: UUID) -> str:
        """Return the name of a file, also of one that was not taken in yet."""
        if file not in self._names:
            self._counts[organisation] += 1
            self._names[file] = f"{organisation or 'several'}/{self._counts[organisation]}"
        return self._names[file]


def reason_unreadable(path: Path, number: int, of: int, *, command: str) -> str:
    """Return in one sentence why a file of a run cannot be read; the terminal may say more."""
    told = f"File {number} of {of}"
    return (
        f"{told} cannot be read; {command} names the problem." if path.exists() else f"{told}: there is no such file."
    )
