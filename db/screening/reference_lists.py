"""Reference lists: the people the operator is asked to look out for, and the keys they are found by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from db.bulk import MOST_IDS
from db.journal import Book, touch
from db.screening.key_edition import check_edition, keys_secret
from db.tables.screening import ReferenceEntryRow, ReferenceKeyRow, ReferenceListRow
from domain.errors import UnknownThingError
from domain.reference_lists.lists import LoadedList
from domain.screening.keys import Family, Key, is_crowded, key_number, stored_keys
from domain.screening.subject import ListEntry, ReferenceList
from domain.values import ElectionCode, Frozen, UtcTime

_ROWS_AT_ONCE: Final = 20_000

Holders = list[tuple[Family, NDArray[np.int64]]]
"""For each key that somebody holds: its family, and the numbers of the entries that hold it."""


class KeptList(Frozen):
    """What is known of a list as it was loaded; a retired one has no entries any more."""

    reference: ReferenceList
    title: str = ""
    entries: int
    loaded_at: UtcTime
    retired_at: UtcTime | None = None

    def is_in_force(self, *, on: date) -> bool:
        """Whether anybody may be compared with it on that day."""
        return self.retired_at is None and self.reference.is_valid(on=on)


@dataclass(frozen=True, slots=True)
class ReferenceLists:
    """Lists the operator supplied; they inform officers, they decide nothing."""

    session: Session

    def put(self, election: ElectionCode, loaded: LoadedList, *, title: str, now: datetime) -> bool:
        """Put *loaded* in the place of an older version; returns False where this very version is in use.

        A version that an older edition of the engine read or indexed otherwise is not the same.
        """
        kept = self._row(election, loaded.reference.list_id)
        terms = loaded.reference.model_dump(exclude={"list_id"}) | {"title": title}
        is_same = kept and kept.retired_at is None and all(getattr(kept, name) == terms[name] for name in terms)
        if is_same and self._is_as_read(election, loaded):
            return False
        self._drop(election, loaded.reference.list_id)
        if kept:
            self.session.delete(kept)
            self.session.flush()
        self.session.add(
            ReferenceListRow(
                election=election, code=loaded.reference.list_id, entries=len(loaded.entries), loaded_at=now,
                retired_at=None, **terms,
            )
        )  # fmt: skip
        self._fill(election, loaded.entries)
        self._touch(election, loaded.reference.list_id)
        return True

    def share(self, election: ElectionCode, to: ElectionCode, *, now: datetime) -> int:
        """Let the lists of *election* that are in use be lists of another one, too; returns how many there are."""
        query = select(ReferenceListRow).where(ReferenceListRow.election == election)
        kept = self.session.scalars(query.where(ReferenceListRow.retired_at.is_(None))).all()
        for row in kept:
            columns = {name: getattr(row, name) for name in ReferenceListRow.__table__.columns.keys()}  # noqa: SIM118 -- no mapping
            self.session.add(ReferenceListRow(**columns | {"election": to, "loaded_at": now}))
            of_list = (ReferenceEntryRow.election == election, ReferenceEntryRow.list_code == row.code)
            bodies = self.session.scalars(select(ReferenceEntryRow.body).where(*of_list)).all()
            self._fill(to, [ListEntry.model_validate(body) for body in bodies])
            self._touch(to, row.code)
        return len(kept)

    def retire(self, election: ElectionCode, code: str, *, now: datetime) -> int:
        """Forget the people of a list and keep that it was there; returns how many entries are gone.

        Raises :class:`UnknownThingError`. A second time there is nobody left to forget.
        """
        row = self._row(election, code)
        if row is None:
            raise UnknownThingError("reference list", code)
        row.retired_at = row.retired_at or now
        self._touch(election, code)
        return self._drop(election, code)

    def all_in(self, election: ElectionCode) -> list[KeptList]:
        """Return the election's lists by code, retired ones too."""
        query = select(ReferenceListRow).where(ReferenceListRow.election == election).order_by(ReferenceListRow.code)
        return [_kept(row) for row in self.session.scalars(query)]

    def holders(self, election: ElectionCode, keys: Sequence[Key]) -> dict[Key, NDArray[np.int64]]:
        """Return who holds each of *keys*, ascending; crowded keys and those that nobody holds are left out.

        Raises :class:`~db.screening.applicant_keys.StaleKeysError`.
        """
        check_edition(self.session)
        secret = keys_secret(election)
        by_number = {key_number(secret, key.text): key for key in keys}
        telling = [
            number
            for number, count in self._pairs(by_number, func.count(), grouped=True)
            if not is_crowded(by_number[number].family, holders=count)
        ]
        held = np.array(list(self._pairs(telling, ReferenceKeyRow.entry_id)), dtype=np.int64).reshape(-1, 2)
        held = held[np.lexsort((held[:, 1], held[:, 0]))]
        numbers, starts = np.unique(held[:, 0], return_index=True)
        parts = np.split(held[:, 1], starts[1:]) if len(starts) else []
        return {by_number[number]: part for number, part in zip(numbers.tolist(), parts, strict=True)}

    def get(self, election: ElectionCode, code: str) -> KeptList | None:
        """Return what is known of the list *code*, None where there is none."""
        row = self._row(election, code)
        return _kept(row) if row else None

    def entry(self, election: ElectionCode, about: str, *, sought: Sequence[Key]) -> ListEntry | None:
        """Return the entry called *about*, ``list:entry``, if one of the keys *sought* leads to it, else None.

        Lists may be long: it is looked for as screening finds it.
        """
        code, _, entry = about.partition(":")
        numbers = {number for held in self.holders(election, sought).values() for number in held.tolist()}
        for part in _parts(sorted(numbers)):
            of_list = (ReferenceEntryRow.id.in_(part), ReferenceEntryRow.list_code == code)
            for body in self.session.scalars(select(ReferenceEntryRow.body).where(*of_list)):
                if body["subject_id"] == entry:
                    return ListEntry.model_validate(body)
        return None

    def entries(self, numbers: Sequence[int]) -> dict[int, ListEntry]:
        """Return the entries of these *numbers*."""
        found: dict[int, ListEntry] = {}
        for part in _parts(numbers):
            query = select(ReferenceEntryRow.id, ReferenceEntryRow.body).where(ReferenceEntryRow.id.in_(part))
            found |= {number: ListEntry.model_validate(body) for number, body in self.session.execute(query)}
        return found

    def renew_keys(self) -> int:
        """Compute the keys of all entries anew, in all elections; returns how many entries."""
        self.session.execute(delete(ReferenceKeyRow))
        count, query = 0, select(ReferenceEntryRow.id, ReferenceEntryRow.election, ReferenceEntryRow.body)
        for part in _parts(self.session.scalars(select(ReferenceEntryRow.id)).all()):
            entries = self.session.execute(query.where(ReferenceEntryRow.id.in_(part))).all()
            self._insert_keys((number, election, ListEntry.model_validate(body)) for number, election, body in entries)
            count += len(entries)
        return count

    def _pairs(self, numbers: Any, column: Any, *, grouped: bool = False) -> Iterator[tuple[int, int]]:
        for part in _parts(list(numbers)):
            query = select(ReferenceKeyRow.key, column).where(ReferenceKeyRow.key.in_(part))
            rows = self.session.execute(query.group_by(ReferenceKeyRow.key) if grouped else query)
            yield from ((key, value) for key, value in rows)

    def _is_as_read(self, election: ElectionCode, loaded: LoadedList) -> bool:
        """Return whether entries and keys are those that this edition of the engine makes of the list."""
        of_list = (ReferenceEntryRow.election == election, ReferenceEntryRow.list_code == loaded.reference.list_id)
        query = select(ReferenceEntryRow.id, ReferenceEntryRow.body).where(*of_list).order_by(ReferenceEntryRow.id)
        kept = self.session.execute(query).all()
        if [body for _, body in kept] != [entry.model_dump(mode="json") for entry in loaded.entries]:
            return False
        secret = keys_secret(election)
        keys = {
            (number, key_number(secret, text.text))
            for (number, _), entry in zip(kept, loaded.entries, strict=True)
            for text in stored_keys(entry)
        }
        found: set[tuple[int, int]] = set()
        for part in _parts([number for number, _ in kept]):
            rows = self.session.execute(
                select(ReferenceKeyRow.entry_id, ReferenceKeyRow.key).where(ReferenceKeyRow.entry_id.in_(part))
            )
            found.update((entry_id, key) for entry_id, key in rows)
        return found == keys

    def _row(self, election: ElectionCode, code: str) -> ReferenceListRow | None:
        return self.session.get(ReferenceListRow, (election, code))

    def _touch(self, election: ElectionCode, code: str) -> None:
        touch(self.session, Book.LISTS, [(election, code)])
        touch(self.session, Book.ENTRIES, [(election, code)])

    def _drop(self, election: ElectionCode, code: str) -> int:
        of_list = (ReferenceEntryRow.election == election, ReferenceEntryRow.list_code == code)
        ids = select(ReferenceEntryRow.id).where(*of_list)
        count = self.session.scalar(select(func.count()).select_from(ReferenceEntryRow).where(*of_list)) or 0
        if count:
            self.session.execute(delete(ReferenceKeyRow).where(ReferenceKeyRow.entry_id.in_(ids)))
            self.session.execute(delete(ReferenceEntryRow).where(*of_list))
        return count

    def _fill(self, election: ElectionCode, entries: Sequence[ListEntry]) -> None:
        first = 1 + (self.session.scalar(select(func.max(ReferenceEntryRow.id))) or 0)
        rows = (
            {"id": number, "election": election, "list_code": entry.list_id, "body": entry.model_dump(mode="json")}
            for number, entry in enumerate(entries, start=first)
        )
        self._insert(ReferenceEntryRow, rows)
        self._insert_keys((number, election, entry) for number, entry in enumerate(entries, start=first))

    def _insert_keys(self, entries: Iterable[tuple[int, ElectionCode, ListEntry]]) -> None:
        secret = cache(keys_secret)
        keys = (
            {"key": key, "entry_id": number}
            for number, election, entry in entries
            for key in {key_number(secret(election), key.text) for key in stored_keys(entry)}
        )
        self._insert(ReferenceKeyRow, keys)

    def _insert(self, table: type[Any], rows: Iterator[dict[str, Any]]) -> None:
        while part := list(islice(rows, _ROWS_AT_ONCE)):
            self.session.execute(insert(table), part)


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), MOST_IDS):
        yield numbers[start : start + MOST_IDS]


def _kept(row: ReferenceListRow) -> KeptList:
    reference = ReferenceList(
        list_id=row.code,
        owner=row.owner,
        legal_basis=row.legal_basis,
        version_hash=row.version_hash,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
    return KeptList(
        reference=reference, title=row.title, entries=row.entries, loaded_at=row.loaded_at, retired_at=row.retired_at
    )
