"""Lists of which one column was sorted apart from the others: noticed before anything of them is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final
from uuid import UUID

from db.store import Store
from domain.application.nomination import Nomination
from domain.intake.columns import CORRECTION
from domain.intake.moved_columns import Moved, may_have_moved, moved_column, says_another_value
from domain.intake.nominations_file import RowRead
from domain.intake.rows import organisation_in, read_row
from domain.messages import Message, ReadingNote
from domain.values import ElectionCode, OrganisationCode
from flows.intake.recognition import Recogniser

Cells = Mapping[str, str]
_MOST_ROWS: Final = 20_000
"""Rows that are looked at once more; a longer list shows by so many what was done to it."""


Answers = dict[OrganisationCode, Moved | None]


@lru_cache(maxsize=4)
def answers_on(file: UUID) -> Answers:
    """Return what was found in the whole of a staged file, by organisation, to be added to: it is read once."""
    del file
    return {}


class MovedColumns:
    """What was sorted apart, by organisation, in the list that the rows of a chunk are a part of."""

    def __init__(
        self,
        election: ElectionCode,
        listed: Callable[[], Iterable[Cells]] | None = None,
        answers: Answers | None = None,
    ) -> None:
        self._election = election
        self._listed = listed
        self._answers = {} if answers is None else answers
        self._moved: dict[OrganisationCode, Moved] = {}

    def look(self, store: Store, who: Recogniser, rows: Sequence[RowRead]) -> list[ReadingNote]:
        """Find it for *rows*, whom *who* has read; returns what officers and sender are told.

        The whole list is read again only where the chunk gives reason to.
        """
        self._moved = {}
        listed = [row for row in rows if _is_of_list(row)]
        organisations = {row.organisation for row in listed}
        for organisation in organisations:
            ours = [row for row in listed if row.organisation == organisation]
            pairs = list(who.pairs(ours))
            changed = sum(says_another_value(*pair) for pair in pairs)
            if not changed or not may_have_moved(changed, len(pairs)):
                continue
            found = moved_column(pairs)
            if found is None and len(organisations) == 1:
                if organisation not in self._answers:
                    self._answers[organisation] = self._in_whole_list(store, ours)
                found = self._answers[organisation]
            if found:
                self._moved[organisation] = found
        return [ReadingNote.of("column_moved", **moved._asdict()) for moved in self._moved.values()]

    def question(self, row: RowRead) -> Message | None:
        """Return what the sender of *row* is asked, or None where nothing moved in its list."""
        moved = self._moved.get(row.organisation) if _is_of_list(row) else None
        return Message.of("column_moved", **moved._asdict()) if moved else None

    def _in_whole_list(self, store: Store, ours: Sequence[RowRead]) -> Moved | None:
        if self._listed is None:
            return None
        listed = list(islice(self._listed(), _MOST_ROWS))
        if len(listed) <= len(ours):
            return None
        rows = list(_read(listed, ours[0].organisation))
        who = Recogniser(self._election)
        who.load(store, rows)
        return moved_column(who.pairs(rows))


def _is_of_list(row: RowRead) -> bool:
    """Whether nobody said apart whom *row* is about: rows of a workbook to mend are answers, each by itself."""
    return row.about is None and not row.cells.get(CORRECTION)


def _read(listed: Iterable[Cells], organisation: OrganisationCode) -> Iterator[RowRead]:
    for number, cells in enumerate(listed, start=1):
        if organisation_in(cells) in {"", organisation}:
            nomination = read_row(number, cells)
            if isinstance(nomination, Nomination):
                yield RowRead(number=number, organisation=organisation, nomination=nomination, cells=cells)
