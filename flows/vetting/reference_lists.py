"""Reference lists of an election: loading them with their papers, looking at them, and retiring them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from db.screening.reference_lists import KeptList
from db.store import Store, open_reader, open_store
from domain.application.case import Case
from domain.application.findings import Severity
from domain.application.status import REVIEWED, REVOCABLE
from domain.errors import BadInputError
from domain.reference_lists.lists import ListSample, ListTerms, LoadedList, load_list
from domain.screening.hits import findings_of
from domain.values import ElectionCode, Frozen, UtcTime
from flows.context import ElectionContext, database
from flows.documents import load_document
from flows.vetting.screening import screen_applicants
from flows.vetting.second_looks import refer_again

_AT_ONCE = 250
_LONGEST_CODE = 32


class ListPapers(Frozen):
    """The sheet beside a reference list: whose it is, on what legal basis, and for how long."""

    title: Annotated[str, Field(max_length=200)] = ""
    owner: Annotated[str, Field(max_length=200)] = ""
    legal_basis: Annotated[str, Field(max_length=500)] = ""
    valid_from: date | None = None
    valid_until: date | None = None
    columns: Mapping[str, str] = {}
    """What headings mean that are not understood (heading: field); an empty field means: not read."""


class ListLoaded(Frozen):
    """What loading a list changed."""

    code: str
    entries: int
    unusable_entries: int
    changed: bool
    samples: tuple[ListSample, ...] = ()
    ignored: tuple[str, ...] = ()
    """Headings of columns that were not read."""


def read_list(path: Path, *, on: date, said: Mapping[str, Any] | None = None) -> tuple[str, LoadedList] | None:
    """Return title and content of the list at *path*, or None where its time is over.

    Its papers lie beside it (the same name, ``.yaml``); *said* stands in for them or for some of them. A list
    without owner or legal basis is refused with :class:`BadInputError` before anybody on it is read.
    """
    if not path.name:
        raise BadInputError(str(path), "is no file.", remedy="Name the file with the list.")
    sheet = path.with_suffix(".yaml")
    papers = load_document(sheet, ListPapers) if sheet.is_file() else ListPapers()
    papers = papers.revised(**{name: value for name, value in (said or {}).items() if value is not None})
    if papers.valid_until is not None and papers.valid_until < on:
        return None
    code = path.stem.split(".")[0].upper()[:_LONGEST_CODE]
    terms = ListTerms(list_id=code, **papers.model_dump(exclude={"title", "columns"}))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInputError(path.name, "cannot be read.", remedy="Name a file that you may read.") from error
    return papers.title, load_list(content, terms=terms, agreed=papers.columns)


def load_reference(
    path: Path, *, election: ElectionCode, now: UtcTime, said: Mapping[str, Any] | None = None
) -> ListLoaded:
    """Load the list at *path* in the place of an older version; the same version again changes nothing."""
    with open_reader(database()) as store:
        zone = store.elections.profile(election).zone
    today = now.astimezone(zone).date()
    found = read_list(path, on=today, said=said)
    if found is None:
        raise BadInputError(
            path.name, "its last day of use has passed; it is not loaded.", remedy="Ask its owner for a newer one."
        )
    title, loaded = found
    with open_store(database()) as store:
        changed = store.references.put(election, loaded, title=title, now=now)
    return ListLoaded(
        code=loaded.reference.list_id,
        entries=len(loaded.entries),
        unusable_entries=len(loaded.faults),
        changed=changed,
        samples=loaded.samples,
        ignored=loaded.ignored,
    )


def screen_again(election: ElectionCode, *, now: UtcTime) -> dict[str, int]:
    """Compare everybody who was vetted before with the lists as they are now; returns counts.

    What is found is noted for officers. Who is accredited stays so, and an officer looks at it within the time for a
    review. A second time there is nothing new.
    """
    with open_reader(database()) as store:
        ids = store.applications.ids_in(election, *REVIEWED, *REVOCABLE)
    counts = Counter(waiting=0, accredited=0, found=0)
    for start in range(0, len(ids), _AT_ONCE):
        with open_store(database()) as store:
            counts += look_at_lists(store, ElectionContext.of(store, election, now=now), ids[start : start + _AT_ONCE])
    return {name: counts[name] for name in ("waiting", "accredited", "found")}


def look_at_lists(store: Store, context: ElectionContext, ids: list[UUID]) -> Counter[str]:
    """Compare *ids* with the lists as they are now; what is found that officers have not judged goes to them."""
    applications, people = store.applications.get_many(ids), store.people.current(ids)
    screened, counts = screen_applicants(store, context, people), Counter[str]()
    known = store.people.findings_on(ids)
    for person in sorted(people):
        application = applications[person]
        waits = application.status in REVIEWED
        hits = [hit for hit in screened.hits.get(person, []) if ":" in hit.about]
        store.resemblances.note(application, hits, now=context.now)
        graded = {finding.about: finding.severity for finding in known.get(person, [])}
        fresh = [finding.revised(severity=Severity.HUMAN) for finding in findings_of(hits)]
        fresh = [finding for finding in fresh if graded.get(finding.about) is not Severity.HUMAN]
        if fresh and not waits:
            refer_again(store, context, Case(application, people[person]), fresh)
        store.people.note(application, fresh, now=context.now)
        for finding in fresh:
            if finding.about in graded:
                store.people.regrade(application, finding.about, Severity.HUMAN)
        counts.update({"waiting" if waits else "accredited": 1, "found": len(fresh)})
    return counts


def retire_reference(code: str, *, election: ElectionCode, now: UtcTime) -> int:
    """Forget the people on a list; returns how many. What was found by it before stays with the cases."""
    with open_store(database()) as store:
        return store.references.retire(election, code, now=now)


def references_of(election: ElectionCode) -> list[KeptList]:
    """Return the election's lists, retired ones too."""
    with open_reader(database()) as store:
        return store.references.all_in(election)
