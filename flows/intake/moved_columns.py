"""Lists of which one column was sorted apart from the others: noticed before anything of them is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Final
from uuid import UUID

from db.store import Store
from domain.application.nomination import Nomination, folded
from domain.application.roles import Role
from domain.application.status import Status
from domain.intake.columns import CORRECTION
from domain.intake.moved_columns import (
    PICTURES,
    Changes,
    Moved,
    cell_of,
    changes_of,
    exchanged_names,
    may_be_elsewhere,
    may_have_moved,
    moved_column,
    value_of,
)
from domain.intake.nominations_file import RowRead
from domain.intake.rows import organisation_in, read_row
from domain.messages import Message, ReadingNote
from domain.values import ElectionCode, OrganisationCode
from flows.intake.recognition import Recogniser

Cells = Mapping[str, str]
Held = Mapping[str, Counter[str]]
_OTHERWISE: Final = 0.1
_MOST_ROWS: Final = 20_000
"""Rows that are looked at once more; a longer list shows by so many what was done to it."""


@dataclass(slots=True)
class Answers:
    """What was found in the whole of a list, which is read once for all of its parts."""

    moved: dict[OrganisationCode, Moved | None] = field(default_factory=dict[OrganisationCode, "Moved | None"])
    listed: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """What the list says in a column, of whomever."""
    held: dict[OrganisationCode, Held] = field(default_factory=dict[OrganisationCode, Held])
    """Which photographs and scans are recorded of an organisation's people, by column."""

    def clear(self) -> None:
        """Forget everything: the list is staged anew."""
        for found in (self.moved, self.listed, self.held):
            found.clear()


@lru_cache(maxsize=4)
def answers_on(file: UUID) -> Answers:
    """Return what was found in the whole of a staged file, to be added to."""
    del file
    return Answers()


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
        self._answers = Answers() if answers is None else answers
        self._moved: dict[OrganisationCode, Moved] = {}
        self._exchanged: dict[int, Moved] = {}
        """Of two who have each other's given names, by what their rows say: nobody else is asked."""

    def look(self, store: Store, who: Recogniser, rows: Sequence[RowRead]) -> list[ReadingNote]:
        """Find it for *rows*, whom *who* has read; returns what officers and sender are told.

        The whole list, and everybody recorded, are read only where the chunk gives reason to.
        """
        self._moved, self._exchanged = {}, {}
        listed = [row for row in rows if _is_of_list(row)]
        organisations = {row.organisation for row in listed}
        for organisation in organisations:
            ours = [row for row in listed if row.organisation == organisation]
            pairs = list(who.pairs(ours))
            changes = changes_of(pairs)
            found = moved_column(changes)
            if found is None and changes.changed and may_have_moved(changes):
                found = self._elsewhere(store, ours, changes, is_alone=len(organisations) == 1)
            if found:
                self._moved[organisation] = found
            elif exchanged := exchanged_names(pairs):
                self._exchanged |= {id(said): Moved("given_names", len(exchanged)) for said in exchanged}
        found_out = [*self._moved.values(), *{*self._exchanged.values()}]
        return [ReadingNote.of("column_moved", **moved._asdict()) for moved in found_out]

    def question(self, row: RowRead) -> Message | None:
        """Return what the sender of *row* is asked, or None where nothing moved in its list."""
        moved = self._moved.get(row.organisation) or self._exchanged.get(id(row.nomination))
        moved = moved if _is_of_list(row) else None
        return Message.of("column_moved", **moved._asdict()) if moved else None

    def _elsewhere(self, store: Store, ours: Sequence[RowRead], changes: Changes, *, is_alone: bool) -> Moved | None:
        """Return what moved between *ours* and other parts of the list; *is_alone*: nobody else's rows lie between."""
        found = self._pictures(store, ours, changes)
        if found is None and is_alone and self._may_be_more(ours, changes):
            found = self._in_whole_list(store, ours)
        return found

    def _pictures(self, store: Store, ours: Sequence[RowRead], changes: Changes) -> Moved | None:
        """Return which pictures are now beside other people, whichever part of the list these stand in.

        Pictures are not unpacked again for it: what is recorded says whose they were.
        """
        moves = {name: moves for name, moves in changes.moves.items() if name in PICTURES}
        if not moves:
            return None
        organisation = ours[0].organisation
        if organisation not in self._answers.held:
            ids = store.applications.ids_in(self._election, *Status, organisation=organisation)
            everybody = store.people.current(ids).values()
            self._answers.held[organisation] = {
                name: Counter(value_of(person, name) for person in everybody) for name in PICTURES
            }
        held, is_part = self._answers.held[organisation], len(self._first(len(ours) + 1)) > len(ours)
        return moved_column(changes._replace(moves=moves), held, is_part=is_part)

    def _first(self, most: int) -> list[Cells]:
        """Return the first rows of the whole list."""
        return list(islice(self._listed(), most)) if self._listed else []

    def _may_be_more(self, ours: Sequence[RowRead], changes: Changes) -> bool:
        """Whether what was said of people of *ours* stands elsewhere in the list: else nothing was sorted apart.

        A column that the list writes otherwise than it is recorded leaves it open.
        """
        if self._listed is None:
            return False
        return any(
            _is_written_otherwise(ours, name) or may_be_elsewhere(moves, self._texts(cell_of(name)))
            for name, moves in changes.moves.items()
            if name not in PICTURES
        )

    def _texts(self, column: str) -> frozenset[str]:
        if column not in self._answers.listed and self._listed:
            self._answers.listed[column] = frozenset(folded(cells.get(column, "")) for cells in self._listed())
        return self._answers.listed[column]

    def _in_whole_list(self, store: Store, ours: Sequence[RowRead]) -> Moved | None:
        organisation = ours[0].organisation
        if organisation not in self._answers.moved:
            self._answers.moved[organisation] = self._read_whole_list(store, ours)
        return self._answers.moved[organisation]

    def _read_whole_list(self, store: Store, ours: Sequence[RowRead]) -> Moved | None:
        listed = self._first(_MOST_ROWS)
        if len(listed) <= len(ours):
            return None
        rows = list(_read(listed, ours[0].organisation, store.elections.profile(self._election).own_role_names))
        who = Recogniser(self._election)
        who.load(store, rows)
        return moved_column(changes_of(who.pairs(rows)))


def _is_written_otherwise(ours: Sequence[RowRead], name: str) -> bool:
    """Whether more than a tenth of the cells of a column are not what they are read as, such as days."""
    other = sum(folded(row.cells.get(cell_of(name), "")) != value_of(row.nomination, name) for row in ours)
    return other > _OTHERWISE * len(ours)


def _is_of_list(row: RowRead) -> bool:
    """Whether nobody said apart whom *row* is about: rows of a workbook to mend are answers, each by itself."""
    return row.about is None and not row.cells.get(CORRECTION)


def _read(listed: Iterable[Cells], organisation: OrganisationCode, roles: Mapping[str, Role]) -> Iterator[RowRead]:
    for number, cells in enumerate(listed, start=1):
        if organisation_in(cells) in {"", organisation}:
            nomination = read_row(number, cells, roles=roles)
            if isinstance(nomination, Nomination):
                yield RowRead(number=number, organisation=organisation, nomination=nomination, cells=cells)
