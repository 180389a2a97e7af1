"""Reference lists of an election: loading them with their papers, looking at them, and retiring them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from db.lists import KeptList
from db.store import open_reader, open_store
from domain.errors import BadInputError
from domain.screening.lists import ListTerms, LoadedList, load_list
from domain.status import Status
from domain.values import ElectionCode, Frozen, UtcTime
from flows.desk import database
from flows.documents import load_document

UNDECIDED = (Status.IN_REVIEW, Status.DEFERRED)
_LONGEST_CODE = 32


class ListPapers(Frozen):
    """The sheet beside a reference list: whose it is, on what legal basis, and for how long."""

    title: str = ""
    owner: str = ""
    legal_basis: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


class ListLoaded(Frozen):
    """What loading a list changed."""

    code: str
    entries: int
    unusable_entries: int
    changed: bool
    undecided: int
    """Cases that were vetted before and still wait for officers: nobody of them was compared with it yet."""


def read_list(path: Path, *, on: date, said: Mapping[str, Any] | None = None) -> tuple[str, LoadedList] | None:
    """Return title and content of the list at *path*, or None where its time is over.

    Its papers lie beside it (the same name, ``.yaml``); *said* stands in for them or for some of them. A list
    without owner or legal basis is refused with :class:`BadInputError` before anybody on it is read.
    """
    sheet = path.with_suffix(".yaml")
    papers = load_document(sheet, ListPapers) if sheet.is_file() else ListPapers()
    papers = papers.revised(**{name: value for name, value in (said or {}).items() if value is not None})
    if papers.valid_until is not None and papers.valid_until < on:
        return None
    code = path.stem.split(".")[0].upper()[:_LONGEST_CODE]
    terms = ListTerms(list_id=code, **papers.model_dump(exclude={"title"}))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInputError(path.name, "cannot be read.", remedy="Name a file that you may read.") from error
    return papers.title, load_list(content, terms=terms)


def load_reference(
    path: Path, *, election: ElectionCode, now: UtcTime, said: Mapping[str, Any] | None = None
) -> ListLoaded:
    """Load the list at *path* in the place of an older version; the same version again changes nothing."""
    with open_reader(database()) as store:
        zone = store.elections.profile(election).zone
    today = now.astimezone(zone).date()
    found = read_list(path, on=today, said=said)
    if found is None:
        raise BadInputError(path.name, "its time is over; it is not loaded.", remedy="Ask its owner for a newer one.")
    title, loaded = found
    with open_store(database()) as store:
        changed = store.references.put(election, loaded, title=title, now=now)
        undecided = len(store.applications.ids_in(election, *UNDECIDED)) if changed else 0
    return ListLoaded(
        code=loaded.reference.list_id,
        entries=len(loaded.entries),
        unusable_entries=len(loaded.faults),
        changed=changed,
        undecided=undecided,
    )


def retire_reference(code: str, *, election: ElectionCode, now: UtcTime) -> int:
    """Forget the people on a list; returns how many. What was found by it before stays with the cases."""
    with open_store(database()) as store:
        return store.references.retire(election, code, now=now)


def references_of(election: ElectionCode) -> list[KeptList]:
    """Return the election's lists, retired ones too."""
    with open_reader(database()) as store:
        return store.references.all_in(election)
