"""Lists as senders really number them: sent again with everybody renumbered, begun again at 1, numbered with a dash.

They are people besides those of the rehearsal, drawn from streams of their own, in files of their own that come last
of all that is in time: without them the rehearsal is the same to the byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from domain.election.profile import ElectionProfile
from flows.rehearsal.package.batches import NominatingOrganisation, NominationBatch, in_time
from flows.rehearsal.package.cases import RehearsalCase, filled_in
from flows.rehearsal.package.people import Person, person, states
from flows.rehearsal.package.separation import Crowd
from flows.rehearsal.package.truth import CasePath, PlantedProblem, RowOutcome

_PEOPLE: Final = 10
"""People of one organisation: three on a list, one who comes with the second list, six on a third."""
_SORTED: Final = 6
"""People of another organisation, whose list comes again with one column sorted apart from the others."""
_ROWS_A_GROUP: Final = 400
"""Rows of the rehearsal for each organisation that numbers its lists so."""
_FIRST_NUMBER: Final = 50_000_000
"""Above everybody else whom a rehearsal invents: document numbers and portraits differ from theirs."""
_PART: Final = 20
"""The number of the first such file; nobody sends so many others."""


def relisted(every: Sequence[RehearsalCase], seed: int, profile: ElectionProfile) -> list[RehearsalCase]:
    """Return the rows of such lists; those marked ``again`` name people who are on an earlier list."""
    sponsors, last = in_time(case.batch for case in every)
    if last is None:
        return []
    crowd = Crowd(case.person for case in every)
    chosen = [sponsors[code] for code in sorted(sponsors)][: max(1, len(every) // _ROWS_A_GROUP)]
    people = {sponsor.code: _people(place, sponsor, seed, profile, crowd) for place, sponsor in enumerate(chosen)}
    mending = {case.truth.organisation for case in every if case.truth.mends}
    others = [sponsors[code] for code in sorted(sponsors.keys() - mending) if sponsors[code] not in chosen]
    numbered = [
        row
        for part, rows_of in enumerate((_first, _second, _third))
        for sponsor in chosen
        for row in rows_of(NominationBatch(sponsor, _PART + part, 0, last), people[sponsor.code], seed, profile)
    ]
    sorter = (others or [sponsor for sponsor in chosen if sponsor.code not in mending])[:1]
    sorting = [_people(len(chosen), sponsor, seed, profile, crowd)[:_SORTED] for sponsor in sorter]
    return [
        *numbered,
        *(
            row
            for part in (0, 1)
            for sponsor, somebody in zip(sorter, sorting, strict=True)
            for row in _sorted_apart(
                NominationBatch(sponsor, _PART + 3 + part, 0, last), somebody, seed, profile, is_sorted=bool(part)
            )
        ),
    ]


def _people(
    place: int, sponsor: NominatingOrganisation, seed: int, profile: ElectionProfile, crowd: Crowd
) -> list[Person]:
    """Return people whom nobody could take for somebody else, of the sponsor's state."""
    found: list[Person] = []
    number = _FIRST_NUMBER + 1_000 * place
    while len(found) < _PEOPLE:
        number += 1
        somebody = person(number, seed=seed, election_day=profile.election.day, state=states()[sponsor.country])
        if crowd.has_nobody_like(somebody) and Crowd(found).has_nobody_like(somebody):
            found.append(somebody)
    return found


def _first(
    batch: NominationBatch, people: Sequence[Person], seed: int, profile: ElectionProfile
) -> Iterator[RehearsalCase]:
    """Yield three people by running numbers; the document number of the last is to come."""
    for place, somebody in enumerate(people[:3]):
        case = filled_in(batch, place + 2, str(place + 1), somebody, seed, profile)
        if place == 2:  # noqa: PLR2004 -- the last of three
            case.cells |= {"document_number": "", "mrz": ""}
            case.found(PlantedProblem.NUMBER_LATER, "D06", path=CasePath.INCOMPLETE)
            case.truth = case.truth.revised(reference="4")
        else:
            case.found(PlantedProblem.RENUMBERED, path=CasePath.CLEARED)
        yield case


def _second(
    batch: NominationBatch, people: Sequence[Person], seed: int, profile: ElectionProfile
) -> Iterator[RehearsalCase]:
    """Put somebody new above the same three, everybody one number on; the number that was to come is there."""
    for place, somebody in enumerate((people[3], *people[:3])):
        case = filled_in(batch, place + 2, str(place + 1), somebody, seed, profile)
        case.again = place > 0
        if not case.again:
            case.found(PlantedProblem.REUSED_REFERENCE, "D08", path=CasePath.CLEARED)
        yield case


def _third(
    batch: NominationBatch, people: Sequence[Person], seed: int, profile: ElectionProfile
) -> Iterator[RehearsalCase]:
    """Yield six people of three delegations: two numbered 1 and 2, two the same again, two with a dash."""
    for place, (reference, somebody) in enumerate(zip("1212--", people[4:], strict=True)):
        case = filled_in(batch, place + 2, reference, somebody, seed, profile)
        problem = PlantedProblem.NO_REFERENCE if reference == "-" else PlantedProblem.REUSED_REFERENCE
        case.found(problem, "D08", path=CasePath.CLEARED)
        yield case


def _sorted_apart(
    batch: NominationBatch, people: Sequence[Person], seed: int, profile: ElectionProfile, *, is_sorted: bool
) -> Iterator[RehearsalCase]:
    """Yield people as they are, or with each other's birth dates: then all rows go back, and nothing changes.

    Nobody who is asked to mend rows otherwise sends such a list: what comes back as it was counts as right.
    """
    born = [somebody.birth_date for somebody in people]
    for place, somebody in enumerate(people):
        case = filled_in(batch, place + 2, f"S{place + 1}", somebody, seed, profile)
        path = CasePath.RETURNED if is_sorted else CasePath.CLEARED
        case.found(PlantedProblem.SORTED_COLUMN, path=path)
        if is_sorted:
            case.cells["birth_date"] = born[place - 1].isoformat()
            case.truth = case.truth.revised(row_outcome=RowOutcome.RETURNED, document="")
        yield case
