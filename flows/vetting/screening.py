"""Screening in vetting: everybody against the other applicants of the election, and against its reference lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from db.bulk import in_batches
from db.screening.applicant_keys import people_by_key
from db.store import Store
from domain.application.case import Case
from domain.application.findings import Severity
from domain.application.nomination import Nomination
from domain.application.status import CLOSED, REVIEWED, Status
from domain.screening.applicants import MOST_HOLDERS, Applicant, applicant_keys, applicant_of, resemblance
from domain.screening.hits import Hit, findings_of, list_hit, marked
from domain.screening.index import best_candidates
from domain.screening.keys import sought_keys
from domain.screening.score import score_hits
from domain.screening.screening import PRESET
from domain.screening.subject import ListEntry, ReferenceList
from flows.context import ElectionContext
from flows.letters.application_letters import ApplicationLetters

"""Files that are closed: nobody is held against them."""

_STILL_VETTED = frozenset({Status.HELD, Status.SUBMITTED, Status.INCOMPLETE, Status.IN_VETTING})


AT_ONCE: Final = 50
"""For how many applicants at a time the files and entries that share a key with them are in memory: often thousands."""


@dataclass(slots=True)
class Screened:
    """What screening found: hits by case, the other files they are about, and the keys that told nothing."""

    hits: defaultdict[UUID, list[Hit]] = field(default_factory=lambda: defaultdict[UUID, list[Hit]](list))
    others: dict[UUID, Case] = field(default_factory=dict[UUID, Case])
    crowded: set[str] = field(default_factory=set[str])


def screen_applicants(store: Store, context: ElectionContext, people: Mapping[UUID, Nomination]) -> Screened:
    """Return what is found about *people* by a number of queries that grows with them alone, not with the election.

    The same people, files, lists and clearances give the same hits.
    """
    persons = {case: applicant_of(nomination, case=str(case)) for case, nomination in people.items()}
    screened = Screened()
    for part in in_batches([*persons], AT_ONCE):
        group = {known: persons[known] for known in part}
        _compare(store, context, group, screened)
        for case, hit in hits_on_lists(store, context, group):
            screened.hits[case].append(hit)
    pairs = (hit.pair for hits in screened.hits.values() for hit in hits)
    cleared = {pair: pair for pair in store.resemblances.cleared(context.election, pairs)}
    screened.hits.update({case: marked(hits, cleared) for case, hits in screened.hits.items()})
    return screened


def _compare(store: Store, context: ElectionContext, persons: Mapping[UUID, Applicant], screened: Screened) -> None:
    """Note on *screened* whom *persons* resemble; of all whom they share a key with, only those stay in memory."""
    met, crowded = _who_meet(store, context, persons)
    others = _open_files(store, {other for meeting in met.values() for other in meeting})
    known = {one: applicant_of(case.nomination, case=str(one)) for one, case in others.items()}
    for case, meeting in met.items():
        compared = (resemblance(persons[case], known[other]) for other in sorted(meeting) if other in others)
        screened.hits[case] += [hit for hit in compared if hit is not None]
        screened.others.update({UUID(hit.about): others[UUID(hit.about)] for hit in screened.hits[case]})
    screened.crowded |= crowded


def _who_meet(
    store: Store, context: ElectionContext, persons: Mapping[UUID, Applicant]
) -> tuple[dict[UUID, set[UUID]], set[str]]:
    """Return whom everybody shares a key with, and which keys are shared by too many to tell anything."""
    keys = {case: applicant_keys(person) for case, person in persons.items()}
    holders = people_by_key(store.session, context.election, frozenset[str]().union(*keys.values()))
    telling = {key: held for key, held in holders.items() if len(held) <= MOST_HOLDERS}
    met = {
        case: {other for key in own if key in telling for other in telling[key]} - {case} for case, own in keys.items()
    }
    return met, holders.keys() - telling.keys()


def _open_files(store: Store, ids: Iterable[UUID]) -> dict[UUID, Case]:
    applications = store.applications.get_many(sorted(ids))
    still = {case: application for case, application in applications.items() if application.status not in CLOSED}
    people = store.people.current(list(still))
    return {case: Case(still[case], nomination) for case, nomination in people.items()}


def hits_on_lists(
    store: Store, context: ElectionContext, persons: Mapping[UUID, Applicant]
) -> Iterator[tuple[UUID, Hit]]:
    """Yield the hits on the lists in force on the day, by the calendar of the election."""
    today = context.now.astimezone(context.profile.zone).date()
    kept = [
        reference_list
        for reference_list in store.references.all_in(context.election)
        if reference_list.is_in_force(on=today)
    ]
    if not kept:
        return
    references = {reference_list.reference.list_id: reference_list.reference for reference_list in kept}
    sought = {case: sorted(sought_keys(person)) for case, person in persons.items()}
    holders = store.references.holders(context.election, sorted({key for keys in sought.values() for key in keys}))
    listed = sum(reference_list.entries for reference_list in kept)
    chosen = {
        case: best_candidates(((key.family, holders[key]) for key in keys if key in holders), entries=listed)
        for case, keys in sought.items()
    }
    entries = store.references.entries(sorted({number for numbers in chosen.values() for number in numbers}))
    for case, numbers in chosen.items():
        for hit in _scored(persons[case], (entries[number] for number in numbers), references):
            yield case, hit


def _scored(person: Applicant, entries: Iterable[ListEntry], references: Mapping[str, ReferenceList]) -> Iterator[Hit]:
    known = [entry for entry in entries if entry.list_id in references]
    for hit in score_hits(person, known, reference_of=references.__getitem__, thresholds=PRESET):
        yield list_hit(hit, person_hash=person.content_hash)


def keep_hits(store: Store, context: ElectionContext, case: Case, screened: Screened) -> None:
    """Keep what was found about *case*, and tell the organisations where two of them nominated one person.

    Who is vetted still finds the other side for itself. Letters have keys of the two cases: each is told once.
    """
    hits = screened.hits.get(case.application.id, [])
    store.resemblances.note(case.application, hits, now=context.now)
    for hit in hits:
        other = _other(hit, screened)
        if other is None or not hit.is_open:
            continue
        if other.application.organisation != case.application.organisation:
            _tell(store, context, case, other)
            if other.application.status is not Status.IN_VETTING:
                _tell(store, context, other, case)
        if other.application.status not in _STILL_VETTED:
            _mirror(store, context, other, case)


def _other(hit: Hit, screened: Screened) -> Case | None:
    return screened.others.get(UUID(hit.about)) if ":" not in hit.about else None


def _tell(store: Store, context: ElectionContext, case: Case, other: Case) -> None:
    letter = ApplicationLetters.at(context).double_nomination(case, other.application.id)
    store.outbox.put(context.election, letter, now=context.now)


def _mirror(store: Store, context: ElectionContext, other: Case, case: Case) -> None:
    """Note on the file that was vetted before that another one resembles it; officers judge it where they still do."""
    persons = (applicant_of(file.nomination, case=str(file.application.id)) for file in (other, case))
    hit = resemblance(*persons)
    if hit is None:
        return
    store.resemblances.note(other.application, [hit], now=context.now)
    waits = other.application.status in REVIEWED
    findings = [finding if waits else finding.revised(severity=Severity.NOTE) for finding in findings_of([hit])]
    store.people.note(other.application, findings, now=context.now)
