"""Lists of drivers, with their vehicles, and of media: other kinds of accreditation, in files and columns of their own.

They are people besides those of the rehearsal, drawn from streams of their own, in files that come last of all that is
in time: without them the rehearsal is the same to the byte, and with them everybody else is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Final

from domain.election.profile import ElectionProfile
from flows.rehearsal.package.batches import NominatingOrganisation, NominationBatch, in_time
from flows.rehearsal.package.cases import RehearsalCase, filled_in
from flows.rehearsal.package.chance import stream
from flows.rehearsal.package.people import Person, host, person, states
from flows.rehearsal.package.separation import Crowd
from flows.rehearsal.package.truth import CasePath, PlantedProblem

_FIRST_NUMBER: Final = 60_000_000
"""Above everybody else whom a rehearsal invents: document numbers and portraits differ from theirs."""
_PART: Final = 30
"""The number of such a file; nobody sends so many others."""
_ROWS_A_LIST: Final = 100
"""Rows of the rehearsal for each organisation that sends such a list."""
_KINDS: Final = ("driver", "media", "driver")
"""What the people of a list are, in turn; the last one's vehicle is not told."""


def other_kinds(every: Sequence[RehearsalCase], seed: int, profile: ElectionProfile) -> list[RehearsalCase]:
    """Return the rows of such lists, one list each of the first organisations."""
    sponsors, last = in_time(case.batch for case in every)
    if last is None:
        return []
    crowd = Crowd(case.person for case in every)
    return [
        row
        for place, code in enumerate(sorted(sponsors)[: max(1, len(every) // _ROWS_A_LIST)])
        for row in _list(NominationBatch(sponsors[code], _PART, 0, last), place, seed, profile, crowd)
    ]


def _list(
    batch: NominationBatch, place: int, seed: int, profile: ElectionProfile, crowd: Crowd
) -> Iterator[RehearsalCase]:
    people = _people(place, batch.sponsor, seed, profile, crowd)
    for row, (role, somebody) in enumerate(zip(_KINDS, people, strict=True), start=2):
        case = filled_in(batch, row, f"K{row - 1}", somebody, seed, profile)
        case.cells |= {"role": role, "role_detail": _vehicle(somebody, seed) if role == "driver" else ""}
        case.found(PlantedProblem.OTHER_KIND, path=CasePath.CLEARED)
        if row > len(_KINDS):
            case.cells["role_detail"] = ""
            case.found(PlantedProblem.NO_VEHICLE, "D06", path=CasePath.INCOMPLETE)
        yield case


def _people(
    place: int, sponsor: NominatingOrganisation, seed: int, profile: ElectionProfile, crowd: Crowd
) -> list[Person]:
    """Return people whom nobody could take for somebody else: drivers of the country, others of the sponsor's state."""
    found: list[Person] = []
    for number in count(_FIRST_NUMBER + 1_000 * place):
        home = host() if _KINDS[len(found)] == "driver" else states()[sponsor.country]
        somebody = person(number, seed=seed, election_day=profile.election.day, state=home)
        if crowd.has_nobody_like(somebody) and Crowd(found).has_nobody_like(somebody):
            found.append(somebody)
        if len(found) == len(_KINDS):
            break
    return found


def _vehicle(somebody: Person, seed: int) -> str:
    return f"VD {stream(seed, 'vehicle', somebody.number).randint(1_000, 9_999)}"
